"""A value that PEFT would take but the tool refuses.

## What
A string where the tool's own schema has a list (oumi, Ludwig), or a list where it has a string with
commas (Unsloth Studio, AutoTrain); `lora` with a slip where a tool is told which method to train
(`adapter: qlorra`, `finetuning_type: Lora`, or `qlora`, which is no word of LLaMA-Factory's); a
value of another type in a key of the tool's own (`load_in_4bit: tru`, mlx-lm's `scale: "2.0"`).

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

from math import isfinite
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.rules.support import tool_values
from loracheck.rules.types import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.setting import Setting

CODE = "LC702"
NAME = "tool-wrong-type"
SEVERITY = "error"

_BY_LETTERS = frozenset({"torchtune"})
"""Tools that only ask whether a name is in the value, which a string with the names passes too."""

_FORMS = {
    "str": "a string with commas between the names",
    "list[str]": "a list of names",
    "list[int]": "a list of numbers",
}


def check(context: RuleContext) -> Iterator[Hit]:
    """Strings for lists and lists for strings, fractions for whole numbers, no method's name; other
    types are LC102's.
    """
    setting = context.setting
    if setting.tool is None:
        return
    mapping = setting.mapping
    yield from _fractions(setting)
    yield from tool_values.methods(setting)
    yield from tool_values.choices(setting)
    yield from tool_values.types(setting)
    for key in setting.tool.keys:
        if key.type not in _FORMS or key.name not in mapping:
            continue
        value = mapping[key.name]
        if not _swapped(value, key.type):
            continue
        if key.field is None and (key.type == "str" or setting.tool_name in _BY_LETTERS):
            continue
        yield Hit(
            f"`{key.name}` must be {_FORMS[key.type]} here, and this is "
            f"{'a string' if isinstance(value, str) else 'a list'}",
            (*setting.path, key.name),
            help=f"write {_mended(value, key.type)}",
            field=key.name,
        )


def _fractions(setting: Setting) -> Iterator[Hit]:
    """Numbers that PEFT would take and the tool does not."""
    mapping = setting.mapping
    for key in setting.tool.keys if setting.tool else ():
        value = mapping.get(key.name) if key.type == "int" else None
        if isinstance(value, float) and not value.is_integer():
            yield Hit(
                f"`{key.name}` must be a whole number here, and this is {value:g}",
                (*setting.path, key.name),
                help=f"write {round(value)}" if isfinite(value) else "write a whole number",
                field=key.name,
            )


def _swapped(value: Any, wanted: str) -> bool:
    if isinstance(value, Unknown):
        return False
    return isinstance(value, list) if wanted == "str" else isinstance(value, str)


def _mended(value: Any, wanted: str) -> str:
    if wanted == "str":
        return ",".join(str(part) for part in value)
    parts = [part.strip(" []()'\"") for part in str(value).split(",")]
    return "[" + ", ".join(f'"{part}"' for part in parts if part) + "]"
