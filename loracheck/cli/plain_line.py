"""Command lines that need no click, which costs three times as much as starting Python.

What is read here is read as click would read it; whatever else there is, a slip above all, is left
for click, which knows what to say.
"""

from __future__ import annotations

import os

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from .option import Option

OWN_VARIABLES = frozenset({"LORACHECK_CACHE", "LORACHECK_WATCH"})
"""Variables of the environment that stand for no option."""

_NO_VALUE = object()


def is_plain_environment(environment: Iterable[str]) -> bool:
    """Whether no variable stands for an option or asks for the completion of a command line."""
    return os.name == "posix" and not any(
        name.startswith(("LORACHECK_", "_LORACHECK_")) and name not in OWN_VARIABLES
        for name in environment
    )


def parse_plain_line(
    words: Sequence[str], options: Sequence[Option]
) -> tuple[tuple[str, ...], dict[str, Any]] | None:
    """The arguments of a command line and the values of all options by name; None for a line that
    click has to read.
    """
    values = {option.name: _get_default(option) for option in options}
    flags = {
        flag: (option, side == 0)
        for option in options
        for each in option.flags
        for side, flag in enumerate(each.split("/"))
    }
    arguments: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "-" or not word.startswith("-"):
            arguments.append(word)
            continue
        flag, equals, own = word.partition("=")
        option, is_on = flags.get(flag, (None, False))
        if option is None or (equals and not (option.takes_value and flag.startswith("--"))):
            return None
        value: Any = is_on
        if option.takes_value:
            value = _parse_value(option, own if equals else next(waiting, "-"), plain=not equals)
            if value is _NO_VALUE:
                return None
        values[option.name] = (*values[option.name], value) if option.multiple else value
    return tuple(arguments), values


def _get_default(option: Option) -> Any:
    if option.multiple:
        return ()
    return option.default if option.takes_value or option.is_switch else False


def _parse_value(option: Option, word: str, *, plain: bool) -> Any:
    """The value of a word; _NO_VALUE for one that click has to judge. `plain` is a word by itself,
    which is no option then.
    """
    if plain and word.startswith("-"):
        return _NO_VALUE
    if option.choices:
        return word if word in option.choices else _NO_VALUE
    if option.least is not None:
        is_number = word.isascii() and word.isdecimal() and len(word) < 10
        return int(word) if is_number and int(word) >= option.least else _NO_VALUE
    if option.convert is None:
        return word
    try:
        return option.convert(word)
    except ValueError:
        return _NO_VALUE
