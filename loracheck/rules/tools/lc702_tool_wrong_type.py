"""A value that PEFT would take but the tool refuses.

## What
A string where the tool's own schema has a list (oumi, Ludwig), or a list where it has a string with
commas (Unsloth Studio, AutoTrain); `lora` with a slip where a tool is told which method to train
(`adapter: qlorra`, `finetuning_type: Lora`, or `qlora`, which is no word of LLaMA-Factory's); a
value of another type in a key of the tool's own (`load_in_4bit: tru`, mlx-lm's `scale: "2.0"`); an
option of a command line without the word that it needs (`--lora_modules_to_save --seed 3`), or a
switch with one after it (`--network_train_unet_only True`).

## Why
The tool stops before it builds the LoraConfig, with its schema library's words, which name neither
the right form nor an example.

## Bad
```yaml
model:
  model_name: Qwen/Qwen2.5-7B
training:
  use_peft: true
peft:
  lora_target_modules: all-linear
```

## Good
```yaml
model:
  model_name: Qwen/Qwen2.5-7B
training:
  use_peft: true
peft:
  lora_target_modules: ["all-linear"]
```

## Fix
Write the value in the form that the finding shows.

## Source
Each tool's own schema; the file and version stand in its dialect, `loracheck/tools/`.
"""

from __future__ import annotations

import re
from math import isfinite

from loracheck.documents.model import Unknown
from loracheck.rules.types import Hit
from loracheck.tools.core.conversion import parse_scalar
from loracheck.tools.core.lora_evidence import compute_edit_distance
from loracheck.tools.core.switches import correct_method
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.key import Key
    from loracheck.tools.core.setting import Setting
    from loracheck.tools.core.tool import Tool

CODE = "LC702"
NAME = "tool-wrong-type"
SEVERITY = "error"

_FORMS = {
    "str": "a string with commas between the names",
    "list[str]": "a list of names",
    "list[int]": "a list of numbers",
}
"""Types of which a list stands in the place of a string, or a string in the place of a list."""

_TYPES = {
    "bool": "true or false",
    "number": "a number",
    "int": "a whole number",
    "list[str]": "a list of names",
}
"""Types that a key of the tool's own is held against: no other rule looks at these keys."""

_FALSE_WORDS = frozenset({"false", "no", "off", "0", "f", "n", "none"})
_TRUTH_WORDS = frozenset({"true", "yes", "on", "1", "t", "y", *_FALSE_WORDS})
"""What pydantic, OmegaConf, argparse helpers and jsonargparse take for a switch, between them."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each key whose value the tool cannot take. Values of other types in the keys that
    become fields are LC102's.
    """
    setting = context.setting
    tool = setting.tool
    if tool is None:
        return
    yield from _check_method(setting, tool)
    for key in tool.keys:
        if key.name not in setting.mapping:
            continue
        value = setting.mapping[key.name]
        place = (*setting.path, key.name)
        hit = (
            _check_missing_word(key, tool, value)
            or _check_extra_word(key, value)
            or _check_whole_number(key, value)
            or _check_choice(key, value)
            or _check_slip(key, value)
            or _check_own_key_type(key, tool, value)
            or _list_or_string(key, value)
        )
        if hit is not None:
            yield hit._replace(at=place)


def _check_method(setting: Setting, tool: Tool) -> Iterator[Hit]:
    """A word that is none of those for the method, and that was taken for LoRA because nothing else
    is like it; the first of the tool's keys for the method counts.
    """
    key = next((key for key in tool.keys if key.methods and key.name in setting.mapping), None)
    value = setting.mapping[key.name] if key is not None else None
    if key is None or (value is not True and not isinstance(value, str)) or value in key.methods:
        return
    near = correct_method(value)
    right = near if near in key.methods else "lora"
    four = tool.four_bits
    bits = f"; 4 bits are `{four}`" if four and right == "lora" and "q" in str(value) else ""
    text = str(value).lower() if value is True else value
    yield Hit(
        f"`{text}` is no method that {key.name} can name, and the run stops there",
        (*setting.path, key.name),
        help=f"write {right}{bits}",
        field=key.name,
    )


def _check_missing_word(key: Key, tool: Tool, value: Value) -> Hit | None:
    """An option that nothing follows."""
    if not isinstance(value, Unknown):
        return None
    from loracheck.tools.core.option_values import MissingWord

    if not isinstance(value, MissingWord):
        return None
    few = "at least one argument" if key.nargs == "+" else "one argument"
    refusal = "requires an argument" if tool.parser == "click" else f"expected {few}"
    return Hit(
        f"no value follows `--{key.name.lstrip('-')}`, and {tool.parser} stops: {refusal}",
        (),
        help="write the value after it, or take the option out",
        field=key.name,
        key=True,
    )


def _check_extra_word(key: Key, value: Value) -> Hit | None:
    """A switch with a word after it."""
    if not isinstance(value, Unknown):
        return None
    from loracheck.tools.core.option_values import ExtraWord

    if not isinstance(value, ExtraWord):
        return None
    off = value.text.lower() in _FALSE_WORDS
    return Hit(
        f"`--{key.name}` takes no value, and argparse stops at `{value.text}`",
        (),
        help=f"take --{key.name} out" if off else f"write --{key.name} alone",
        field=key.name,
    )


def _check_whole_number(key: Key, value: Value) -> Hit | None:
    """A number that PEFT would take and the tool does not."""
    if key.type != "int" or not isinstance(value, float) or value.is_integer():
        return None
    return Hit(
        f"`{key.name}` must be a whole number here, and this is {value:g}",
        (),
        help=f"write {round(value)}" if isfinite(value) else "write a whole number",
        field=key.name,
    )


def _check_choice(key: Key, value: Value) -> Hit | None:
    """A word that is not in the parser's list."""
    if not key.choices or not isinstance(value, str) or value in key.choices:
        return None
    name, near = key.name.lstrip("-"), _find_near(value, key.choices)
    outcome = "and the run stops there"
    if key.growing:
        outcome = "which a newer release may have; else the run stops there"
    return Hit(
        f"`{value}` is none of the words for {name} ({' or '.join(key.choices)}), {outcome}",
        (),
        help=f"write {near or key.choices[0]}",
        field=name,
        severity=("warning" if near else "note") if key.growing else None,
    )


def _find_near(value: str, words: tuple[str, ...]) -> str | None:
    """The word that was meant; numbers tell words apart."""
    low, digits = value.lower(), re.findall(r"\d+", value)
    near = (word for word in words if compute_edit_distance(low, word.lower(), 2) <= 2)
    return next((word for word in near if re.findall(r"\d+", word) == digits), None)


def _check_slip(key: Key, value: Value) -> Hit | None:
    """A word that the tool calls otherwise."""
    right = key.slips.get(value.lower()) if isinstance(value, str) else None
    if right is None or value == right:
        return None
    name = key.name.lstrip("-")
    return Hit(f"`{value}` is none of the words for {name}", (), help=f"write {right}", field=name)


def _check_own_key_type(key: Key, tool: Tool, value: Value) -> Hit | None:
    """A value of another type in a key of the tool's own."""
    types = _TYPES.get(key.type or "")
    if key.field is not None or value is None or types is None or not _differs(key, tool, value):
        return None
    outcome = ", which counts as true" if key.type == "bool" and not tool.lenient else ""
    return Hit(
        f"`{key.name}` must be {types} here, and this is {_describe(value)}{outcome}",
        (),
        help=f"write {types}",
        field=key.name,
    )


def _differs(key: Key, tool: Tool, value: Value) -> bool:
    """Whether the value is of none of the types in _TYPES that the key has."""
    if isinstance(value, Unknown):
        return False
    if key.type == "list[str]":
        # A string in its place is _list_or_string's.
        is_name_list = isinstance(value, list) and all(isinstance(v, (str, Unknown)) for v in value)
        return not is_name_list and not isinstance(value, str)
    if key.type == "bool":
        return _is_no_switch(tool, value)
    value = parse_scalar(value) if tool.lenient else value
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    number = whole if key.type == "int" else isinstance(value, (int, float))
    return isinstance(value, bool) or not number


def _is_no_switch(tool: Tool, value: Value) -> bool:
    """A value that is no switch; a tool that only asks for truth takes every word for true."""
    if isinstance(value, str):
        word = value.strip().lower()
        return word not in _TRUTH_WORDS if tool.lenient else word in _FALSE_WORDS
    return tool.lenient and not isinstance(value, bool) and value not in (0, 1)


def _describe(value: Value) -> str:
    if isinstance(value, str):
        return f'the string "{value}"'
    return "a mapping" if isinstance(value, dict) else str(value)


def _list_or_string(key: Key, value: Value) -> Hit | None:
    """A string where the tool has a list, or a list where it has a string with commas."""
    kind = list if key.type == "str" else str
    form = _FORMS.get(key.type or "")
    if form is None or not isinstance(value, kind):
        return None
    if key.field is None and (key.type == "str" or key.substring):
        return None
    return Hit(
        f"`{key.name}` must be {form} here, and this is "
        f"{'a string' if isinstance(value, str) else 'a list'}",
        (),
        help=f"write {_format_for_tool(value, str(key.type))}",
        field=key.name,
    )


def _format_for_tool(value: Value, form: str) -> str:
    """The value in the form that the tool takes."""
    if form == "str":
        return ",".join(map(str, value)) if isinstance(value, list) else str(value)
    # Between `name=value` pairs a blank divides as well as a comma.
    divider = r"[,\s]+(?=\w+=)" if "=" in str(value) else ","
    parts = [part.strip(" []()'\"") for part in re.split(divider, str(value))]
    return "[" + ", ".join(f'"{part}"' for part in parts if part) + "]"
