"""Findings in the words of the file: `lora_rank` where a tool's file has that for PEFT's `r`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.rules.types import Hit
    from loracheck.tools.core.setting import Setting
    from loracheck.tools.core.tool import Tool

_NOT_PEFTS = ("LC0", "LC7")
"""Families that speak of the text, or of the tool, and not of PEFT's fields."""

_EVERY = {
    "axolotl": "`lora_target_linear: true`",
    "llamafactory": "`lora_target: all`",
    "trl": "`lora_target_modules: all-linear`",
    "oumi": '`lora_target_modules: ["all-linear"]`',
    "nemo-automodel": "`match_all_linear: true`",
    "h2o-llmstudio": "an empty `lora_target_modules`",
}
"""How a tool's file says every linear layer, where that is not the string "all-linear"."""

_ALL = re.compile(
    r"""(?:the string |the string: target_modules: |target_modules: )?(['"])all-linear\1"""
)


def worded(hit: Hit, code: str, setting: Setting) -> Hit:
    """The hit of a rule with the names that the setting's file has for LoraConfig's fields."""
    tool = setting.tool
    if tool is None or code.startswith(_NOT_PEFTS):
        return hit
    names = tuple(sorted({**_keys(tool), **setting.keys}.items()))
    every = _EVERY.get(setting.dialect)
    message = _in_words(hit.message, names, None)
    if setting.own_lora and code.startswith("LC1"):
        message = _of_tool(message, tool)
    return hit._replace(
        message=message,
        help=hit.help and _in_words(hit.help, names, every),
        notes=tuple(
            # What PEFT itself would print stays as it is.
            note if note.startswith("PEFT: ") else _in_words(note, names, every)
            for note in hit.notes
        ),
    )


def _of_tool(message: str, tool: Tool) -> str:
    """What is wrong with a value, for a tool that has LoRA layers of its own: what PEFT would do
    with it says nothing there.
    """
    wrong, _, _ = message.partition("; ")
    return re.sub(r"\bPEFT(?= (?:needs|does not know))", tool.title.partition(" (")[0], wrong)


def _keys(tool: Tool) -> dict[str, str]:
    """LoraConfig's field -> the tool's key, where they differ; the first key of each counts."""
    found = {key.field: key.name for key in reversed(tool.keys) if key.field}
    return {field: name for field, name in found.items() if field != name}


def _in_words(text: str, names: tuple[tuple[str, str], ...], every: str | None) -> str:
    if every:
        text = _ALL.sub(lambda _: every, text)
    if not names:
        return text
    spelled = dict(names)
    return _pattern(names).sub(lambda found: spelled[found[0]], text)


@lru_cache(maxsize=64)
def _pattern(names: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """The fields as names: in backticks, or anywhere for a name that is no English word."""
    words = [rf"(?<=`){field}(?=[`.])" for field, _ in names]
    words += [rf"\b{field}\b" for field, _ in names if "_" in field]
    return re.compile("|".join(words))
