"""Values of a network module's arguments: what the module makes of the text after `key=`.

In come an `Argument` and the text, out comes the `Problem` with it, or None for a right value.
"""

from __future__ import annotations

from loracheck.documents.regexes import COMPILE_ERRORS, compile_regex
from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .network_arguments import Argument


class Problem(NamedTuple):
    """What becomes of an argument's value."""

    says: str
    help: str
    raises: bool
    """Whether the run stops there."""


def judge(argument: Argument, value: str) -> Problem | None:
    """What is wrong with a value; None for a right one."""
    if argument.empty and not value:
        return None
    check = _CHECKS.get(argument.form)
    return check(argument, value) if check is not None else None


def _make_stop_problem(argument: Argument, expected: str, value: str, example: str) -> Problem:
    return Problem(
        f"`{argument.name}` must be {expected}, and `{value}` is none: the run stops there",
        f"write {argument.name}={example}",
        raises=True,
    )


def _check_whole(argument: Argument, value: str) -> Problem | None:
    if _can_parse(int, value):
        return None
    near = str(round(float(value))) if _can_parse(float, value) and _is_finite(value) else "4"
    return _make_stop_problem(argument, "a whole number", value, near)


def _check_number(argument: Argument, value: str) -> Problem | None:
    return (
        None if _can_parse(float, value) else _make_stop_problem(argument, "a number", value, "0.1")
    )


def _check_share(argument: Argument, value: str) -> Problem | None:
    """A share of a rank's parts, or of the modules, that is left out in each step."""
    if not _can_parse(float, value):
        return _make_stop_problem(argument, "a number", value, "0.1")
    share = float(value)
    if 0 <= share < 1:
        return None
    percent = f"{argument.name}={share / 100:g}" if 1 < share < 100 else f"{argument.name}=0.1"
    return Problem(
        f"`{argument.name}={value}` is a share that is left out in each step, 0 or more and less "
        "than 1: with this one nothing of the update is left",
        f"write {percent}",
        raises=False,
    )


def _check_switch(argument: Argument, value: str) -> Problem | None:
    """A word that is meant as true and counts as false, or the other way round."""
    on, word = _is_on(argument, value), value.strip().strip("\"'").lower()
    if (on and word not in _OFF) or (not on and word not in _ON):
        return None
    only = "False" if argument.form == "not false" else "True"
    return Problem(
        f"`{argument.name}={value}` counts as {'on' if on else 'off'}: only the word {only} "
        f"turns it {'off' if on else 'on'}",
        f"write {argument.name}={'False' if on else 'True'}",
        raises=False,
    )


def _is_on(argument: Argument, value: str) -> bool:
    if argument.form == "True":
        return value == "True"
    word = value.lower()
    return word == "true" if argument.form == "true" else word != "false"


def _check_words(argument: Argument, value: str) -> Problem | None:
    if value in argument.words:
        return None
    listing = ", ".join(argument.words)
    return _make_stop_problem(argument, f"one of {listing}", value, argument.words[0])


def _check_wholes(argument: Argument, value: str) -> Problem | None:
    inner = value.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return _check_list(argument, inner, int, "whole numbers")


def _check_numbers(argument: Argument, value: str) -> Problem | None:
    return _check_list(argument, value, float, "numbers")


def _check_curve(argument: Argument, value: str) -> Problem | None:
    name, _, base = value.partition("+")
    if "," in value:
        parts = [part for part in value.split(",") if part]
        if all(_can_parse(float, part) for part in parts):
            return None
    elif name in argument.words and (not base or _can_parse(float, base)):
        return None
    return _make_stop_problem(
        argument, f"numbers with commas, or one of {', '.join(argument.words)}", value, "cosine"
    )


def _check_list(
    argument: Argument, value: str, kind: Callable[[str], object], expected: str
) -> Problem | None:
    parts = value.split(",")
    right = " or ".join(map(str, argument.lengths))
    count = f"{right} " if right else ""
    example = ",".join(["4"] * (argument.lengths[0] if argument.lengths else 2))
    if not all(_can_parse(kind, part) for part in parts):
        return _make_stop_problem(argument, f"{count}{expected} with commas", value, example)
    if argument.lengths and len(parts) not in argument.lengths:
        return Problem(
            f"`{argument.name}` has {len(parts)} numbers where there must be {right}, and the run "
            "stops there",
            f"write {right} numbers",
            raises=True,
        )
    return None


_RANGE = compile_when_used(r"\s*([+-]?\d+)\s*-\s*([+-]?\d+)\s*")


def _check_blocks(argument: Argument, value: str) -> Problem | None:
    """Numbers of blocks as sd-scripts' parse_block_selection reads them."""
    if value in ("all", "none", ""):
        return None
    for part in value.split(","):
        match = _RANGE.fullmatch(part)
        if match is None and ("-" in part or not _can_parse(int, part)):
            return _make_stop_problem(
                argument, "numbers of blocks (0,3,8-12), all or none", value, "0,3,8-12"
            )
        ends = [int(match[1]), int(match[2])] if match else [int(part)]
        if ends != sorted(ends):
            low, high = reversed(ends)
            return _make_stop_problem(argument, "ranges that rise", part, f"{low}-{high}")
        last = argument.blocks - 1 if argument.blocks else None
        if last is not None and not 0 <= ends[0] <= ends[-1] <= last:
            return Problem(
                f"`{argument.name}={value}` names block {next(e for e in ends if e > last)}, and "
                f"the model has blocks 0 to {last}: the run stops there",
                f"numbers count from 0; the last block is {last}",
                raises=True,
            )
    return None


def _check_pairs(argument: Argument, value: str) -> Problem | None:
    """Pairs that the module passes over with a line in its log."""
    for pair in filter(None, (part.strip() for part in value.split(","))):
        pattern, equals, number = pair.partition("=")
        kind = int if argument.name.endswith("dims") else float
        if not equals or not _can_parse(kind, number):
            noun = "a whole number" if kind is int else "a number"
            return Problem(
                f"`{pair}` in {argument.name} is no pattern with {noun} after `=`, and is passed "
                "over",
                f"write {pattern or '.*'}={'8' if kind is int else '1e-4'}; the patterns cannot "
                "have commas or `=` in them",
                raises=False,
            )
    return None


def _check_patterns(argument: Argument, value: str) -> Problem | None:
    """A Python list of regular expressions."""
    patterns = read_patterns(value)
    if patterns is None:
        return _make_stop_problem(argument, "a Python list of strings", value, "[r'.*attn.*']")
    for pattern in patterns:
        try:
            compile_regex(pattern)
        except COMPILE_ERRORS as error:
            return Problem(
                f"`{pattern}` is no regular expression ({error}), and is passed over",
                "mend the expression, which must match the whole name of a module",
                raises=False,
            )
    return None


def read_patterns(value: str) -> list[str] | None:
    """The strings of a Python list; None where the text is none. Nothing is executed."""
    from ast import literal_eval

    try:
        read = literal_eval(value)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(read, list) or not all(isinstance(one, str) for one in read):
        return None
    return read


def _can_parse(kind: Callable[[str], object], text: str) -> bool:
    try:
        kind(text)
    except (ValueError, OverflowError):
        return False
    return True


def _is_finite(text: str) -> bool:
    return abs(float(text)) < 1e9  # false for nan, too


_ON = frozenset({"true", "yes", "on", "1"})
_OFF = frozenset({"false", "no", "off", "0", "none", ""})

_CHECKS: dict[str, Callable[[Argument, str], Problem | None]] = {
    "whole": _check_whole,
    "number": _check_number,
    "share": _check_share,
    "True": _check_switch,
    "true": _check_switch,
    "not false": _check_switch,
    "words": _check_words,
    "any case": lambda argument, value: _check_words(argument, value.lower()),
    "wholes": _check_wholes,
    "numbers": _check_numbers,
    "curve": _check_curve,
    "blocks": _check_blocks,
    "pairs": _check_pairs,
    "list": _check_patterns,
}
