"""`loracheck models`: lists the model ids that loracheck knows."""

from __future__ import annotations

import json

import click

from loracheck.trees.id_hints import find_similar_models
from loracheck.trees.model_ids import ModelId, iter_ids
from loracheck.trees.sources.bundle import load_index

from .complete_models import complete_models
from .stderr import fail


@click.command("models")
@click.argument("query", required=False, default="", shell_complete=complete_models)
@click.option("--format", "style", type=click.Choice(["full", "json"]), default="full")
def command(query: str, style: str) -> None:
    """List known model ids, or those that hold every word of QUERY.

    The second column says which tree a config is held against: exact (bundled), that of the model
    it is a copy of, or none; the last ones say the architecture and the source, where known.
    """
    words = query.lower().split()
    rows = [row for row in iter_ids() if all(word in row.id.lower() for word in words)]
    if not rows:
        near = [f"did you mean {name!r}?" for name in find_similar_models(query)]
        fail(f"no known model id holds {query!r}", near[0] if near else None)
    if style == "json":
        click.echo(json.dumps({"models": [_to_dict(row) for row in rows]}, indent=2))
        return
    width = max(len(row.id) for row in rows)
    for row in rows:
        kind = f"copy of {row.copy_of}" if _tree(row) == "copy" else _tree(row)
        cells = (f"{row.id:<{width}}", kind, row.architecture, row.source)
        click.echo("  ".join(cell for cell in cells if cell))


def _tree(row: ModelId) -> str:
    """Which tree the id is judged by: "exact", "copy" or "none"."""
    bundled = load_index()
    if bundled.place(row.id):
        return "exact"
    return "copy" if row.copy_of and bundled.place(row.copy_of) else "none"


def _to_dict(row: ModelId) -> dict[str, str | None]:
    return {
        "id": row.id,
        "tree": _tree(row),
        "copy_of": row.copy_of,
        "architecture": row.architecture,
        "source": row.source,
    }
