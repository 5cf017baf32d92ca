"""What stands at an offset of a text, as the LoRA settings have it: a field, an entry, a key."""

from __future__ import annotations

from typing import Any

from loracheck.documents.tree_document import TreeDocument
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path, Span
    from loracheck.documents.values import Value
    from loracheck.rules import RuleContext
    from loracheck.tools.core.setting import Setting


class Spot(NamedTuple):
    """A place in a setting."""

    path: Path
    """Its path in the document."""

    field: str | None
    """The LoraConfig field that the value there becomes, or is part of."""

    key: str
    """The key as the file spells it."""

    on_key: bool
    """Whether it is the key itself, and not its value."""

    entry: Any = None
    """The entry of the field's list or mapping; None for the field as a whole."""

    is_model: bool = False
    """Whether it names the base model."""


def find_spot(context: RuleContext, offset: int) -> Spot | None:
    """The place of a setting at an offset of its document; None for one outside of it."""
    document = context.document
    place = document.path_at(offset) if isinstance(document, TreeDocument) else None
    return find_spot_of_path(context.setting, place.path, place.key) if place else None


def find_spot_of_path(setting: Setting, path: Path, on_key: bool) -> Spot | None:
    """The place of a setting that a path of its document leads to."""
    if setting.model_place is not None and path[: len(setting.model_place)] == setting.model_place:
        return Spot(path, None, str(path[-1]), on_key, is_model=True)
    for field, place in setting.places.items():
        if len(place) > 1 and path[: len(place)] == place:
            inside = path[len(place) :]
            entry = _get_entry(setting.document, path, on_key) if inside else None
            return Spot(path, field, str(place[-1]), on_key and not inside, entry)
    if path[: len(setting.path)] == setting.path and len(path) > len(setting.path):
        return Spot(path, None, str(path[len(setting.path)]), on_key)
    return None


def _get_entry(document: Document, path: Path, on_key: bool) -> Value:
    if on_key:
        return path[-1]
    value: Any = document.roots
    for step in path:
        value = value[step]
    return value if isinstance(value, str) else path[-1]


def find_definition(document: Document, offset: int) -> Span | None:
    """Where the value at an offset is written down, if that is elsewhere: the constant that a name
    in Python stands for. None where it stands at the offset itself.
    """
    place = document.path_at(offset) if isinstance(document, TreeDocument) else None
    if place is None or not isinstance(document, TreeDocument):
        return None
    here = document.span(place.path)
    lines = document.lines
    end = lines.offset(here.end_line, here.end_column)
    for step in _list_steps(document, place.path):
        there = document.span((*place.path, step))
        start = lines.offset(there.line, there.column)
        if not lines.offset(here.line, here.column) <= start <= end:
            return there
    return None


def _list_steps(document: Document, path: Path) -> list[str | int]:
    """The keys or indices of a value."""
    value: Any = document.roots
    for step in path:
        value = value[step]
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, (list, tuple)) else []
