"""A range of numbers that is written in the brackets of an expression.

## What
`[1-20]` in an expression for the names of modules.

## Why
Brackets stand for one character: `[1-20]` is 1, 2 or 0, so that `blocks.[1-20].` fits three blocks
where twenty were meant, and none with two digits. Nothing refuses it. Seen in
kohya-ss/musubi-tuner issue 379.

## Bad
```toml
network_module = "networks.lora_wan"
network_dim = 16
network_alpha = 16
network_args = ["exclude_patterns=[r'blocks\\\\.[1-20]\\\\..*']"]
```

## Good
```toml
network_module = "networks.lora_wan"
network_dim = 16
network_alpha = 16
network_args = ["exclude_patterns=[r'blocks\\\\.([1-9]|1[0-9]|20)\\\\..*']"]
```

## Fix
Write the numbers as alternatives, as the finding shows.

## Source
Python 3.11 `re` (character sets), executed.
"""

from __future__ import annotations

import re

from loracheck.documents.regexes import COMPILE_ERRORS, compile_regex
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.rules.context import RuleContext

CODE = "LC243"
NAME = "numbers-in-brackets"
SEVERITY = "warning"
FIELDS = ("target_modules", "exclude_modules", "modules_to_save")
_RANGE = compile_when_used(r"\[(\d{1,3})-(\d{2,3})\]")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each range of numbers with more than one digit."""
    for text, place, field in _list_expressions(context):
        for match in _RANGE.finditer(text) if "[" in text else ():
            low, high = int(match[1]), int(match[2])
            digits = _list_digits(match[0])
            if low >= high or digits is None:
                continue
            yield Hit(
                f"`{match[0]}` is one character ({', '.join(digits)}), and no number from {low} to "
                f"{high}",
                place,
                help=f"write ({_write_range(low, high)})",
                field=field,
            )


def _list_expressions(context: RuleContext) -> Iterator[tuple[str, Path, str]]:
    """The expressions of the setting, each with its place and its field or key."""
    for name in FIELDS:
        value = context.setting.fields.get(name)
        if isinstance(value, str) and name in context.setting.places:
            yield value, context.place(name), name
    selection = context.setting.behaviour.selection
    if selection is not None:
        for one in (*selection.filters, *selection.ignored, *selection.kept):
            if one.pattern != re.escape(one.entry):
                yield one.entry, one.place, selection.key


def _list_digits(group: str) -> list[str] | None:
    """The characters that the brackets fit; None where they are no expression."""
    try:
        fits = compile_regex(group).fullmatch
    except COMPILE_ERRORS:
        return None
    return [digit for digit in "0123456789" if fits(digit)]


def _write_range(low: int, high: int) -> str:
    """An expression for the numbers from `low` to `high`."""
    parts: list[str] = []
    start = low
    while start <= high:
        tens, ones = divmod(start, 10)
        last = min(high, tens * 10 + 9) % 10
        end = f"[{ones}-{last}]" if ones < last else str(ones)
        parts.append((str(tens) if tens else "") + end)
        start = tens * 10 + 10
    return "|".join(parts)
