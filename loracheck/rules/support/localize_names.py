"""Rewrites hits in the words of the file: `lora_rank` where a tool's file has that for PEFT's
`r`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.types import Hit
    from loracheck.tools.core.setting import Setting
    from loracheck.tools.core.tool import Tool

_FAMILIES_LEFT_ALONE = ("LC0", "LC7")
"""Families that speak of the text, or of the tool, and not of PEFT's fields."""

_ALL_LINEAR = (
    r"""(?:the string |the string: target_modules: |target_modules: )?(['"])all-linear\1"""
)


def localize_names(hit: Hit, code: str, setting: Setting) -> Hit:
    """The hit of the rule `code` with the names that the setting's file has for LoraConfig's
    fields.
    """
    tool = setting.tool
    if (tool is None and not setting.keys) or code.startswith(_FAMILIES_LEFT_ALONE):
        return hit
    of_tool = _map_fields_to_keys(tool) if tool is not None else {}
    names = tuple(sorted({**of_tool, **setting.keys}.items()))
    every = tool.all_linear if tool is not None else None
    message = _replace_names(hit.message, names, None)
    if tool is not None and setting.own_lora and code.startswith("LC1"):
        message = _name_tool_as_judge(message, tool)
    return hit._replace(
        message=message,
        help=hit.help and _replace_names(hit.help, names, every),
        notes=tuple(
            # What PEFT itself would print stays as it is.
            note if note.startswith("PEFT: ") else _replace_names(note, names, every)
            for note in hit.notes
        ),
        repeat=hit.repeat
        and hit.repeat._replace(predicate=_replace_names(hit.repeat.predicate, names, None)),
    )


def _name_tool_as_judge(message: str, tool: Tool) -> str:
    """The message for a tool with LoRA layers of its own: the tool's name in place of PEFT's,
    without the part that says what PEFT would do.
    """
    wrong, _, _ = message.partition("; ")
    return re.sub(r"\bPEFT(?= (?:needs|does not know))", tool.title.partition(" (")[0], wrong)


def _map_fields_to_keys(tool: Tool) -> dict[str, str]:
    """For each of LoraConfig's fields the tool's key, where the two differ; the first key of each
    counts.
    """
    keys = {key.field: key.name for key in reversed(tool.keys) if key.field}
    return {field: name for field, name in keys.items() if field != name}


def _replace_names(text: str, names: tuple[tuple[str, str], ...], every: str | None) -> str:
    if every:
        text = re.sub(_ALL_LINEAR, lambda _: every, text)
    if not names:
        return text
    spellings = dict(names)
    return _names_pattern(names).sub(lambda found: spellings[found[0]], text)


@lru_cache(maxsize=64)
def _names_pattern(names: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """An expression for the fields' names in a text: in backticks, or anywhere for a name with `_`,
    which is no English word.
    """
    words = [rf"(?<=`){field}(?=[`.])" for field, _ in names]
    words += [rf"\b{field}\b" for field, _ in names if "_" in field]
    return re.compile("|".join(words))
