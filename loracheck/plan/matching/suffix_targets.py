"""Long target lists are condensed to suffixes, which makes layers_to_transform apply to them.

Source: PEFT 0.21.2, tuners/tuners_utils.py `inject_adapter` and `_find_minimal_target_modules`.
"""

from __future__ import annotations

from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loracheck.documents.values import Table


def condense_targets(targets: Table, names: Iterable[str]) -> Table:
    """The targets PEFT goes on with: fewer suffixes that match the same modules, where it can."""
    endings = tuple(f".{target}" for target in targets)
    others = [name for name in names if name not in targets and not name.endswith(endings)]
    if "" in targets:
        text = "target_modules should not contain an empty string."
        raise RefusedError("empty-target", "ValueError", text, "target_modules")
    minimal = _find_minimal_suffixes(targets, others)
    return minimal if len(minimal) < len(targets) else targets


def _find_minimal_suffixes(targets: Table, others: list[str]) -> Table:
    other_suffixes = {suffix for name in others for suffix in _list_suffixes(name)}
    suffixes: Table = {}
    for item in sorted(targets, key=_list_suffixes):
        for suffix in _list_suffixes(item):
            if suffix in suffixes or suffix in other_suffixes:
                continue
            if not item.endswith(tuple(f".{known}" for known in suffixes)):
                suffixes[suffix] = None
                break
    return suffixes or targets


def _list_suffixes(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[i:]) for i in range(len(parts) - 1, -1, -1)]
