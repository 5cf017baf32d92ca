"""Ranges of `layer_replication` that cannot work whatever the model is.

Source: PEFT 0.21.2 `tuners/tuners_utils.py`, `utils/other.py`; each was run.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Issue
from .target_names import build_entry_path, list_entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .release_values import ReleaseValues


def find_replication_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Ranges that hold no layer."""
    value = view.get("layer_replication")
    for index, pair in enumerate(list_entries(value)):
        if not isinstance(pair, (list, tuple)) or len(pair) != 2:
            continue
        start, end = pair
        if isinstance(start, Unknown) or isinstance(end, Unknown):
            continue
        if type(start) is int and type(end) is int and (start >= end or start < 0):
            yield Issue(
                "out-of-range",
                "replication-empty-range",
                build_entry_path("layer_replication", value, index),
                f"`layer_replication` holds [{start}, {end}], a range of no layers of the model; "
                "PEFT says nothing",
                "write [start, end) with 0 <= start < end",
            )
