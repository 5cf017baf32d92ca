"""Checks that an edited text means what its fix promised: it parses, holds the old values with the
changes and no other difference, and has lost no comment.
"""

from __future__ import annotations

from loracheck.documents.comments import find_comments
from loracheck.documents.model import DocumentError, Record, Unknown
from loracheck.documents.python.origin import CallResult
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.findings import Change


def find_fault(
    before: Document, text: str, changes: Iterable[Change], read: Callable[[str], Document]
) -> str | None:
    """Why the edited `text` must not replace the text of the document `before`, in one sentence;
    None where it may. `read` makes a document of a text.
    """
    try:
        after = read(text)
    except DocumentError as error:
        return f"the file would no longer be readable ({error.reason})"
    if not is_same_value(apply_changes(before.roots, changes), after.roots):
        return "another value would change with it"
    old = [words for _, words in find_comments(before.text, before.format)]
    if old != [words for _, words in find_comments(text, before.format)]:
        return "a comment would be lost"
    return None


def apply_changes(roots: list[Any], changes: Iterable[Change]) -> list[Any]:
    """A copy of the values with the changes. What several places share is copied for each: a change
    through an alias is a change of all.
    """
    copy: list[Any] = _copy_containers(roots)
    # Deepest first and the last of a list first, so that no change moves another's place.
    for change in sorted(changes, key=_get_depth_and_index, reverse=True):
        *above, last = change.path
        container: Any = copy
        for step in above:
            container = container[step]
        if change.kind == "set":
            container[last] = change.value
        elif change.kind == "drop":
            del container[last]
        else:
            pairs = [pair for item in container.items() for pair in _change_entry(item, change)]
            container.clear()
            container.update(pairs)
    return copy


def _change_entry(item: tuple[Any, Any], change: Change) -> list[tuple[Any, Any]]:
    """What one entry of a mapping becomes where its key is renamed, or a key is added behind it."""
    key, value = item
    if key != change.path[-1]:
        return [item]
    return [item, change.value] if change.kind == "add" else [(change.value, value)]


def _get_depth_and_index(change: Change) -> tuple[int, int]:
    last = change.path[-1]
    return len(change.path), last if isinstance(last, int) else -1


def _copy_containers(value: object) -> Any:
    if isinstance(value, dict):
        copy = {key: _copy_containers(item) for key, item in value.items()}
        return Record(copy) if isinstance(value, Record) else copy
    if isinstance(value, (list, tuple)):
        return [_copy_containers(item) for item in value]
    return value


def is_same_value(one: Any, other: Any) -> bool:
    """Whether two values are equal in type too: 1, 1.0 and True differ. Unknown values are equal
    where their source is; a tuple equals a list, as PEFT makes the same of both.
    """
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(is_same_value, one, other))
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(is_same_value(v, other[k]) for k, v in one.items())
    if isinstance(one, CallResult):
        return bool(one.call == other.call)  # their arguments are held against each other
    if isinstance(one, Unknown):
        return bool(one.text == other.text)
    return bool(one == other or (one != one and other != other))
