"""Proof that an edited text says what was meant: it parses, to the old values with the changes, and
no comment is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.comments import find_comments
from loracheck.documents.model import DocumentError, Unknown
from loracheck.documents.python.origin import CallResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from loracheck.documents.model import Document
    from loracheck.findings import Change


def fault(
    before: Document, text: str, changes: Iterable[Change], read: Callable[[str], Document]
) -> str | None:
    """Why the text must not take the place of the document's; None where it may."""
    try:
        after = read(text)
    except DocumentError as error:
        return f"the file would no longer be readable ({error.reason})"
    if not same(expected(before.roots, changes), after.roots):
        return "another value would change with it"
    old = [words for _, words in find_comments(before.text, before.format)]
    if old != [words for _, words in find_comments(text, before.format)]:
        return "a comment would be lost"
    return None


def expected(roots: list[Any], changes: Iterable[Change]) -> list[Any]:
    """A copy of the values with the changes. What several places share is copied for each: a change
    through an alias is a change of all.
    """
    copy: list[Any] = _copied(roots)
    # Deepest first and the last of a list first, so that no change moves another's place.
    for change in sorted(changes, key=_depth, reverse=True):
        *above, last = change.path
        container: Any = copy
        for step in above:
            container = container[step]
        if change.kind == "set":
            container[last] = change.value
        elif change.kind == "drop":
            del container[last]
        else:
            pairs = [pair for item in container.items() for pair in _changed(item, change)]
            container.clear()
            container.update(pairs)
    return copy


def _changed(item: tuple[Any, Any], change: Change) -> list[tuple[Any, Any]]:
    """What becomes of an entry of the mapping that a key is renamed in or added to."""
    key, value = item
    if key != change.path[-1]:
        return [item]
    return [item, change.value] if change.kind == "add" else [(change.value, value)]


def _depth(change: Change) -> tuple[int, int]:
    last = change.path[-1]
    return len(change.path), last if isinstance(last, int) else -1


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_copied(item) for item in value]
    return value


def same(one: Any, other: Any) -> bool:
    """Equality that tells 1 from 1.0 and True, and knows what is not known by its text. A tuple is
    as good as a list: PEFT makes the same of both.
    """
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(v, other[k]) for k, v in one.items())
    if isinstance(one, CallResult):
        return bool(one.calls == other.calls)  # their arguments are held against each other
    if isinstance(one, Unknown):
        return bool(one.text == other.text)
    return bool(one == other or (one != one and other != other))
