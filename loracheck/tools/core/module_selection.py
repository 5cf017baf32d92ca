"""`Selection`: how a tool with LoRA layers of its own chooses among its model's modules, where it
does so by parts of their names, by expressions, or by both, and not as PEFT does.

A tool's module fills it in; `rules/support/selected_layers.py` holds it against the model.
"""

from __future__ import annotations

import re

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Path


class Filter(NamedTuple):
    """One entry of the file that chooses modules."""

    entry: str
    """As the file has it."""

    pattern: str
    """A regular expression that is searched for in the name of a module."""

    place: Path


class Selection(NamedTuple):
    """All that chooses modules."""

    key: str
    """The key of the file that `filters` stand in."""

    filters: tuple[Filter, ...] = ()
    """A module is chosen that one of them fits; every candidate where there are none."""

    expressions: bool = False
    """Whether `filters` are expressions, of which one that does not compile stops the run."""

    ignored: tuple[Filter, ...] = ()
    """A module is left out that one of them fits, whatever else does."""

    ignore_key: str = ""
    """The key of the file that `ignored` stand in."""

    kept: tuple[Filter, ...] = ()
    """A module that one of them fits stays although `ignored` or `never` leaves it out."""

    kept_key: str = ""
    """The key of the file that `kept` stand in."""

    never: str | None = None
    """A regular expression for the names that the tool leaves out by itself."""

    prefix: str = ""
    """Stands before the name of a module when the filters are asked."""

    among: str | None = None
    """A regular expression that is searched for in the names of all candidates."""

    convolutions: bool = True
    """Whether convolutions are candidates whose kernel has more than one point."""

    nothing: str = ""
    """What the tool does where no module is chosen, in one sentence."""

    each: str | None = None
    """What it does where one of the filters chooses none; None where it goes on."""


def match_whole(patterns: list[str], place: Path) -> tuple[Filter, ...]:
    """A filter for each expression that a tool matches with the whole name of a module."""
    return tuple(Filter(one, rf"^(?:{one})$", place) for one in patterns)


def find_words(words: object, place: Path) -> tuple[Filter, ...]:
    """A filter for each string of a list, which is a part of the names that it chooses."""
    entries = words if isinstance(words, list) else []
    return tuple(
        Filter(word, re.escape(word), (*place, number))
        for number, word in enumerate(entries)
        if isinstance(word, str)
    )
