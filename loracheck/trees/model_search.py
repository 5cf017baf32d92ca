"""The known model ids that a query means, each with the tree that it is judged by."""

from __future__ import annotations

from itertools import chain

from loracheck.type_checking import TYPE_CHECKING

from .model_ids import ModelId, find_id, iter_ids
from .sources.bundle import load_index
from .sources.class_names import find_class_of
from .sources.diffusers_bundle import load_index as load_pipelines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal


def list_models() -> Iterator[ModelId]:
    """Every known id: those of the table, then the bundled ones of diffusers."""
    pipelines = (
        ModelId(name, None, None, "loracheck's bundle")
        for name in load_pipelines().entries
        if find_id(name) is None
    )
    return chain(iter_ids(), pipelines)


def search_models(query: str) -> list[ModelId]:
    """The ids that hold every word of the query, in any case; all for an empty one."""
    words = query.lower().split()
    return [row for row in list_models() if all(word in row.id.lower() for word in words)]


def find_standing(row: ModelId) -> Literal["exact", "copy", "names", "none"]:
    """Which tree the id is judged by: its own of the bundle, the original's, the names of its
    class, or none.
    """
    bundled = load_index()
    if bundled.place(row.id) or load_pipelines().place(row.id):
        return "exact"
    if row.copy_of and bundled.place(row.copy_of):
        return "copy"
    return "names" if find_class_of(row) is not None else "none"


def describe_id(row: ModelId) -> list[str]:
    """Which tree, architecture and source, in words; what is not known is left out."""
    standing = find_standing(row)
    words = {"copy": f"copy of {row.copy_of}", "names": "names only"}
    kind = words.get(standing, standing)
    return [cell for cell in (kind, row.architecture, row.source) if cell]
