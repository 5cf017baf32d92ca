"""The known model ids that a query means, each with the tree that it is judged by."""

from __future__ import annotations

from itertools import chain

from loracheck.releases.release_table import format_runs
from loracheck.type_checking import TYPE_CHECKING

from .model_ids import ModelId, find_id, iter_ids
from .sources.bundle import find_model, load_index
from .sources.class_names import find_class_of
from .sources.diffusers_bundle import load_index as load_pipelines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal


STANDINGS = ("exact", "copy", "names", "none")
"""What `find_standing` says, the most that is known first."""


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


def sort_matches(rows: list[ModelId], query: str) -> list[ModelId]:
    """The rows with those first whose id, or its last part, is the query; then by the tree that
    they are judged by, and by name.
    """
    wanted = query.strip().lower()

    def get_rank(row: ModelId) -> tuple[bool, bool, int, str]:
        name = row.id.lower()
        same = name == wanted, name.rpartition("/")[2] == wanted
        return not same[0], not same[1], STANDINGS.index(find_standing(row)), name

    return sorted(rows, key=get_rank)


def format_releases(row: ModelId) -> str | None:
    """The releases of transformers whose tree of the model is bundled ("4.51.3 to 5.24.0"); None
    where none is.
    """
    name = row.copy_of if row.copy_of and load_index().place(row.id) is None else row.id
    model = find_model(name)
    if model is None:
        return None
    runs = [(newest, oldest) for newest, oldest, _ in model.list_release_runs()]
    return format_runs(model.releases, runs)


def describe_id(row: ModelId) -> list[str]:
    """Which tree, architecture, releases and source, in words; what is not known is left
    out.
    """
    standing = find_standing(row)
    words = {"copy": f"copy of {row.copy_of}", "names": "names only"}
    kind = words.get(standing, standing)
    releases = format_releases(row)
    there = f"transformers {releases}" if releases is not None else None
    return [cell for cell in (kind, row.architecture, there, row.source) if cell]
