"""`Refusal`: keys that a tool does not take together, as data.

The data of a tool lies in `refusals/`, one file each, made with the functions below;
`refusal_conflicts.py` finds those that hold for a file.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal

    from loracheck.documents.values import Value

    Test = Literal[
        "on",
        "off",
        "is",
        "is not",
        "given",
        "missing",
        "above",
        "at most",
        "has",
        "lacks",
        "matches",
        "has match",
        "entry matches",
    ]
else:
    Test = str


class Condition(NamedTuple):
    """What one key must be. Made by the functions below."""

    key: str
    """The key from the top of the file, `a.b` for b in the block a, or in each block of the list a;
    `a|b`: one of the two.
    """

    test: Test

    values: tuple[Value, ...] = ()

    default: Value = None
    """What the tool has where the file is silent."""

    aside: bool = False
    """It only tells the case from others: a key that is not there is none that is missing."""


class Refusal(NamedTuple):
    """Keys that the tool does not take together."""

    when: tuple[Condition, ...]
    """All of them hold; the first key that the file has is the one to show."""

    message: str
    """What the tool says, as far as it is the same for every file; for keys that it passes over in
    silence, what becomes of them.
    """

    help: str
    """What to write."""

    source: str
    """File, line and function of the tool that was read."""

    effect: Literal["raises", "drops", "spoils", "unread", "tells"] = "raises"
    """Whether the run stops, goes on without what one of the keys asks for, ends with something
    that is of no use, has no use for the key, which may well say what is so anyway, or does what
    few expect, which may be meant.
    """

    note: str | None = None
    """From which release on it is so, or when it is not, where the file cannot tell."""


class QuantizedBase(NamedTuple):
    """What a tool's keys for bits (`load_in_4bit` and the like) do where the checkpoint is stored
    quantised already, by another method than bitsandbytes. Methods are those of
    `trees/quantization.py`.
    """

    source: str
    """File and function of the tool that was read."""

    kept_methods: tuple[str, ...] = ()
    """Methods that stay as they are: the keys are passed over."""

    widened_methods: tuple[str, ...] = ()
    """Methods that are turned into 16 bits while the model is loaded, whatever the keys say."""

    refused_methods: tuple[str, ...] = ()
    """Methods with which the keys stop the run, in transformers."""


def is_turned_on(key: str, default: Value = None) -> Condition:
    """The key is true (or any value that counts as true)."""
    return Condition(key, "on", (), default)


def is_turned_off(key: str, default: Value = None) -> Condition:
    """The key is false, null, or not there."""
    return Condition(key, "off", (), default)


def unless(key: str) -> Condition:
    """The key, with which things are otherwise, is false, null, or not there."""
    return Condition(key, "off", aside=True)


def equals(key: str, *values: Value, default: Value = None) -> Condition:
    """The key has one of the values."""
    return Condition(key, "is", values, default)


def differs(key: str, *values: Value, default: Value = None) -> Condition:
    """The key has none of the values."""
    return Condition(key, "is not", values, default)


def is_given(key: str) -> Condition:
    """The key has a value that is not null."""
    return Condition(key, "given")


def is_absent(key: str) -> Condition:
    """The key is null, or not there."""
    return Condition(key, "missing")


def exceeds(key: str, number: int) -> Condition:
    """The key is a number above this one."""
    return Condition(key, "above", (number,))


def at_most(key: str, number: float) -> Condition:
    """The key is a number that is not above this one."""
    return Condition(key, "at most", (number,))


def has(key: str, *names: str) -> Condition:
    """One of the names is in the key's list, or in its string with commas."""
    return Condition(key, "has", names)


def lacks(key: str, *names: str) -> Condition:
    """The key has a list, or a string with commas, without any of the names."""
    return Condition(key, "lacks", names)


def matches(key: str, pattern: str) -> Condition:
    """The key is text in which the pattern is found."""
    return Condition(key, "matches", (pattern,))


def has_match(key: str, pattern: str) -> Condition:
    """The pattern is found in an entry of the key's list, or of its string with commas."""
    return Condition(key, "has match", (pattern,))


def entry_matches(key: str, pattern: str) -> Condition:
    """The pattern is found in an entry of the key's list; text is one entry, with its commas."""
    return Condition(key, "entry matches", (pattern,))


PROGRAM = "(program)"
"""Stands in the place of a key for the program of a command, or the name of an adapter's file."""


def started_by(*programs: str) -> Condition:
    """The command starts one of the programs, by the last part of their names; in Python, the
    method that sets LoRA up is one of these classes'.
    """
    return Condition(PROGRAM, "is", programs, aside=True)


def saved_as(name: str) -> Condition:
    """The file is one that the tool writes of an adapter, by its name."""
    return Condition(PROGRAM, "is", (name,), aside=True)
