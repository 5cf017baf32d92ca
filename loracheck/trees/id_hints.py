"""Which known id may be meant by a model that no source has: the end of its path, or one that it
misspells.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .model_ids import ModelId, find_id, iter_ids
from .sources.bundle import load_index
from .sources.diffusers_bundle import load_index as load_pipelines
from .sources.hub_files import unmask_name

LIKENESS = 0.9
"""Share of equal letters, as difflib counts it, from which an id is one misspelt."""

SIMILAR = 0.8
"""The same for a text that need not be an id: what a command offers to choose from."""


@lru_cache(maxsize=32)
def suggest_id(model: str) -> str:
    """The beginning of a help text: the known id that may be meant; empty where none is near. It is
    a hint only: what lies at a path of that name may be another model.

    Raises DamagedTableError.
    """
    parts = [unmask_name(one) for one in re.split(r"[\\/]+", model) if one not in ("", ".")]
    hub_id = find_id("/".join(parts[-2:])) or (
        _find_by_name(parts[-1]) if parts and (len(parts) == 1 or _is_path(model)) else None
    )
    if hub_id is not None and hub_id.id.lower() != model.lower():
        option = f"--model {hub_id.id}{_format_online_option(hub_id.id)}"
        return f"if it is a copy of {hub_id.id}, say so with {option}; else "
    if hub_id is not None or len(parts) != 2 or model.startswith((".", "/", "~")):
        return ""
    misspelt = _find_misspelt(model)
    if misspelt is not None and misspelt.lower() == model.lower():
        return ""  # the id is right, and another part of it is asked for
    return f"did you mean {misspelt!r}? If not, " if misspelt else ""


def find_similar_models(text: str) -> list[str]:
    """At most three bundled ids like a text, or whose last part is like it, the likeliest first."""
    from difflib import get_close_matches

    ids = {name.lower(): name for name in (*load_index().entries, *load_pipelines().entries)}
    ids |= {name.rpartition("/")[2]: full for name, full in ids.items()}
    close = get_close_matches(text.lower(), ids, 3, SIMILAR)
    return list(dict.fromkeys(ids[name] for name in close))


def _is_path(model: str) -> bool:
    """Whether a model is named by a path, as no id is, or by a folder that is none's owner."""
    begins_as_path = re.match(r"[./~\\]|[A-Za-z]:|(?:models?|checkpoints?|weights)[\\/]", model)
    return begins_as_path is not None or len(re.findall(r"[\\/]", model)) > 1


def _find_by_name(name: str) -> ModelId | None:
    """The bundled id of which a folder may be a copy by its name alone (`models/gemma-2b-it`); None
    where several models have that name. Ids of one tree (a mirror's, one without an owner) are one.
    """
    bundled = load_index()
    same = [one for one in bundled.entries if one.rpartition("/")[2].lower() == name.lower()]
    if not same or any(bundled.place(one) != bundled.place(same[0]) for one in same):
        return None
    return find_id(min(same, key=lambda one: ("/" in one, one.lower())))


def _format_online_option(name: str) -> str:
    """The further option without which a known id has no tree."""
    hub_id, bundled = find_id(name), load_index()
    copied = hub_id is not None and hub_id.copy_of is not None and bundled.place(hub_id.copy_of)
    return "" if bundled.place(name) or copied else " --online"


def _find_misspelt(model: str) -> str | None:
    """The known id most like the given one, with the same digits and hyphens: ids that differ in a
    digit are two versions or sizes, and ids with another part more are two variants, not one
    misspelt.
    """
    from difflib import get_close_matches

    ids = {name.lower(): name for name in _group_ids().get(_find_signs(model), ())}
    close = get_close_matches(model.lower(), ids, 1, LIKENESS)
    return ids[close[0]] if close else None


@cache
def _group_ids() -> dict[str, list[str]]:
    """All known ids by their digits and hyphens, in some 600 kB."""
    groups: dict[str, list[str]] = {}
    for name in (*(row.id for row in iter_ids()), *load_pipelines().entries):
        groups.setdefault(_find_signs(name), []).append(name)
    return groups


def _find_signs(name: str) -> str:
    return "".join(re.findall("[0-9-]", name))
