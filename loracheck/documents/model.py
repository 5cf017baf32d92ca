"""The types that every document format gives: `Document`, and the places, faults and unknown values
in it.
"""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol
else:
    Protocol = object

Path = tuple[str | int, ...]
"""Keys and indices from `Document.roots` down: (0, "lora", "target_modules", 2). The first is the
root's index.
"""


class Span(NamedTuple):
    """A place in the text. Lines and columns count from 1; the end column is the first one after
    the place.
    """

    line: int
    column: int
    end_line: int
    end_column: int


class Unknown:
    """A value that cannot be known without running something: an interpolation, a variable, a call.

    `text` is the source as written. Unknown is not wrong: no rule speaks about it.
    """

    __slots__ = ("text",)

    def __init__(self, text: str = "") -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"Unknown({self.text!r})"


class Reason(Unknown):
    """A value that is not known for a reason that is not the source's: `text` is a sentence."""

    __slots__ = ()


class OneOf(Unknown):
    """A text that is one of several, by a condition that only a run decides."""

    __slots__ = ("texts",)

    def __init__(self, text: str, texts: tuple[str, ...]) -> None:
        super().__init__(text)
        self.texts = texts


class Record(dict[str, "Any"]):
    """The keyword arguments of a config class that is called in Python
    (`LoftQConfig(loftq_bits=4)`). PEFT takes a mapping in its place nearly everywhere; the few
    fields that need an instance refuse it.
    """


class Problem(NamedTuple):
    """A fault of the text that still leaves values to judge: a duplicate key, NaN in JSON, a tab.

    `kind` is one of the names listed in the format's own module; `related` are other places with a
    label each.
    """

    kind: str
    message: str
    span: Span
    related: tuple[tuple[Span, str], ...] = ()


class DocumentError(Exception):
    """The text cannot be read at all. `span` is the place of the fault, `reason` one clear
    sentence.
    """

    def __init__(self, reason: str, span: Span | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.span = span or Span(1, 1, 1, 1)


class Document(Protocol):
    """A file's values. Places need a second pass over the text, so they are found when first asked
    for.
    """

    path: str
    text: str
    source: str
    """What its author wrote: the text, or of a notebook the text of its cells without outputs."""
    format: str
    roots: list[Any]

    @property
    def problems(self) -> Sequence[Problem]:
        """Faults that did not stop the reading."""

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Place of the value at `path`, or of its key. A path that is not there gives the nearest
        parent's place.
        """
