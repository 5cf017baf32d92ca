"""JSON that is written while its rows are made: the same text as `sinks.format_json` gives, line
by line.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .sinks import format_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

STEP = "  "


class Rows:
    """A list of a JSON document whose entries come one at a time."""

    def __init__(self, entries: Iterable[Any]) -> None:
        self.entries = entries


def format_json_lines(value: Any) -> Iterator[str]:
    """The lines of a JSON document that may hold `Rows`; an entry's lines come together."""
    return _format_lines(value, "", "", "")


def _format_lines(value: Any, margin: str, before: str, after: str) -> Iterator[str]:
    """`before` stands in front of the value on its first line, `after` behind it on its last."""
    if not _has_rows(value):
        yield before + format_json(value).replace("\n", f"\n{margin}") + after
    elif isinstance(value, dict):
        members = ((f"{format_json(key)}: ", item) for key, item in value.items())
        yield from _format_container("{}", members, margin, before, after)
    else:
        entries = value.entries if isinstance(value, Rows) else value
        yield from _format_container("[]", (("", item) for item in entries), margin, before, after)


def _format_container(
    brackets: str, items: Iterable[tuple[str, Any]], margin: str, before: str, after: str
) -> Iterator[str]:
    waiting: tuple[str, Any] | None = None
    for item in items:
        if waiting is None:
            yield before + brackets[0]
        else:
            yield from _format_member(waiting, margin, ",")
        waiting = item
    if waiting is None:
        yield before + brackets + after
        return
    yield from _format_member(waiting, margin, "")
    yield margin + brackets[1] + after


def _format_member(item: tuple[str, Any], margin: str, comma: str) -> Iterator[str]:
    name, value = item
    return _format_lines(value, margin + STEP, margin + STEP + name, comma)


def _has_rows(value: Any) -> bool:
    """Whether rows are in it; no deeper than dicts and lists that themselves hold some."""
    if isinstance(value, dict):
        return any(map(_has_rows, value.values()))
    return isinstance(value, Rows) or (isinstance(value, list) and any(map(_has_rows, value)))
