"""`TreeDocument`: a document whose values form a tree. Values are read at once, places when first
asked for.
"""

from __future__ import annotations

from functools import cached_property

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .lines import Lines
from .model import Path, Problem, Span

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.documents.values import Value


class Place:
    """Offsets of a value and of its key, and the places of what it contains. `written` is where the
    value of a constant was written that is only used at the place itself.
    """

    __slots__ = ("children", "end", "key_end", "key_start", "start", "written")

    def __init__(self, start: int, end: int, key_start: int = -1, key_end: int = -1) -> None:
        self.start = start
        self.end = end
        self.key_start = key_start
        self.key_end = key_end
        self.written: tuple[int, int] | None = None
        self.children: dict[Any, Place] = {}


class PathAt(NamedTuple):
    """What stands at an offset of a text."""

    path: Path
    """The path of the value."""

    key: bool
    """Whether it is the value's key that stands there."""


class Positions:
    """The result of the second pass over a text: a place for each root, and the problems."""

    __slots__ = ("places", "problems")

    def __init__(self, places: list[Place], problems: list[Problem]) -> None:
        self.places = places
        self.problems = problems


class TreeDocument:
    """A `Document` (see model.py). `locate` is the second pass; it runs once, when a place is first
    asked for. `has_problems` says that the first pass saw a problem, which the second pass will
    name.
    """

    def __init__(
        self,
        path: str,
        text: str,
        format: str,
        roots: list[Value],
        locate: Callable[[str, Lines], Positions],
        has_problems: bool = False,
    ) -> None:
        self.path = path
        self.text = text
        self.source = text
        self.format = format
        self.roots = roots
        self._locate = locate
        self._has_problems = has_problems

    @cached_property
    def lines(self) -> Lines:
        """The text's lines, as spans count them."""
        return Lines(self.text)

    @cached_property
    def positions(self) -> Positions:
        return self._locate(self.text, self.lines)

    @property
    def problems(self) -> list[Problem]:
        """Faults that did not stop the reading."""
        return self.positions.problems if self._has_problems else []

    def span(self, path: Path, *, key: bool = False) -> Span:
        """Place of the value at `path`, or of its key (its own place where it has none)."""
        place = self._place(path)
        if place is None:
            return Span(1, 1, 1, 1)
        if key and place.key_start >= 0:
            return self.lines.span(place.key_start, place.key_end)
        return self.lines.span(place.start, place.end)

    def path_at(self, offset: int) -> PathAt | None:
        """The innermost value or key whose text has that offset (or ends there); None where there
        is none.
        """
        nearest: tuple[int, PathAt] | None = None
        stack: list[tuple[Path, Place]] = [((i,), p) for i, p in enumerate(self.positions.places)]
        while stack:
            path, place = stack.pop()
            for start, end, key in (
                (place.start, place.end, False),
                (place.key_start, place.key_end, True),
            ):
                if 0 <= start <= offset <= end and (nearest is None or end - start <= nearest[0]):
                    nearest = end - start, PathAt(path, key)
            stack += [((*path, step), child) for step, child in place.children.items()]
        return nearest[1] if nearest else None

    def written_span(self, path: Path) -> Span | None:
        """Where the value at `path` was written, if that is not where it stands: the constant's
        value, of a constant that is named at `path`.
        """
        place = self._place(path)
        return self.lines.span(*place.written) if place and place.written else None

    def _place(self, path: Path) -> Place | None:
        places = self.positions.places
        if not path or not isinstance(path[0], int) or not 0 <= path[0] < len(places):
            return places[0] if places else None
        place = places[path[0]]
        for step in path[1:]:
            child = place.children.get(step)
            if child is None:
                break
            place = child
        return place
