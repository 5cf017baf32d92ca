"""Where a field stands in a file, and under which keys of the tool's it could."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .field_order import MODEL, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Path
    from loracheck.tools.core.setting import Setting

MODEL_KEYS = ["base_model_name_or_path", "base_model", "model_name_or_path", "model"]
"""Keys of the base model in various files; one counts only where the tool then reads it so."""


def find_own_place(setting: Setting, field: str) -> Path | None:
    """Where the field stands under its own key; None where it does not, or where another key (a
    switch of the tool's) sets it.
    """
    if field == MODEL and setting.model_place is not None:
        return setting.model_place
    place = setting.places.get(field)
    keys = list_candidate_keys(setting, field)
    if place is not None and place[-1] in keys and has_path(setting, place):
        return place
    path = setting.path if place is None else place[:-1]
    return next(((*path, name) for name in keys if has_path(setting, (*path, name))), None)


def list_candidate_keys(setting: Setting, field: str) -> list[str]:
    """The keys that could set the field in this file, the one that stands there first."""
    if field == MODEL:
        return MODEL_KEYS
    keys = [setting.keys[field]] if field in setting.keys else []
    if setting.tool is None:
        return keys or [field]
    return keys + [key.name for key in setting.tool.keys if key.field == field]


def has_path(setting: Setting, path: Path) -> bool:
    """Whether the file has something at the path."""
    value: Any = setting.document.roots
    for step in path:
        try:
            value = value[step]
        except (LookupError, TypeError):
            return False
    return True


def get_value(setting: Setting, place: Path | None) -> Any:
    """What the file has at a path that is there; the list of its documents for None."""
    value: Any = setting.document.roots
    for step in place or ():
        value = value[step]
    return value


def takes_text(setting: Setting, field: str) -> bool:
    """Whether the tool's key for the field holds one string."""
    keys = setting.tool.keys if setting.tool else ()
    return any(k.field == field and (isinstance(k.default, str) or k.type == "str") for k in keys)


def list_all_linear_switches(setting: Setting) -> list[str]:
    """The tool's switches that stand for all linear layers."""
    keys = setting.tool.keys if setting.tool else ()
    return [key.name for key in keys if key.field is None and key.name.endswith("target_linear")]


def find_switch(setting: Setting, field: str, place: Path | None) -> Path | None:
    """A switch of the tool's that sets the field instead of its own key."""
    other = setting.places.get(field)
    if other is None or other == place or not has_path(setting, other):
        return None
    return other if get_value(setting, other) is True else None


def find_neighbours(setting: Setting, field: str) -> Iterator[Path]:
    """Entries that a new key may stand behind: those of the setting's own mapping first, and of
    these the fields before it, then those after it.
    """
    here = ORDER.index(field) if field in ORDER else 0
    near = [find_own_place(setting, name) for name in (*reversed(ORDER[:here]), *ORDER[here + 1 :])]
    places = [place for place in near if place is not None]
    yield from (place for place in places if place[:-1] == setting.path)
    yield from ((*setting.path, key) for key in reversed(list(setting.mapping)))
    yield from (place for place in places if place[:-1] != setting.path)
