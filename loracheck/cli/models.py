"""`loracheck models`: lists the model ids that loracheck knows."""

from __future__ import annotations

import json

import click

from loracheck.trees.id_hints import find_similar_models
from loracheck.trees.model_search import (
    describe_id,
    find_standing,
    format_releases,
    search_models,
    sort_matches,
)
from loracheck.type_checking import TYPE_CHECKING

from .completion import complete_models
from .stderr import fail

if TYPE_CHECKING:
    from loracheck.trees.model_ids import ModelId


@click.command("models")
@click.argument("words", metavar="[QUERY]...", nargs=-1, shell_complete=complete_models)
@click.option("--format", "style", type=click.Choice(["full", "json"]), default="full")
def command(words: tuple[str, ...], style: str) -> None:
    """List known model ids, or those that hold every word of QUERY.

    The second column says which tree a config is held against: exact (bundled), that of the model
    it is a copy of, the names of its class alone, or none; the next ones say the
    architecture, the releases of transformers whose tree is bundled, and the source, where known.
    What is called QUERY comes first.
    """
    query = " ".join(words)
    rows = search_models(query)
    if not rows:
        near = [f"did you mean {name!r}?" for name in find_similar_models(query)]
        fail(f"no known model id holds {query!r}", near[0] if near else None)
    if query:
        rows = sort_matches(rows, query)
    if style == "json":
        click.echo(json.dumps({"models": [_build_dict(row) for row in rows]}, indent=2))
        return
    width = max(len(row.id) for row in rows)
    for row in rows:
        click.echo("  ".join((f"{row.id:<{width}}", *describe_id(row))))


def _build_dict(row: ModelId) -> dict[str, str | None]:
    return {
        "id": row.id,
        "tree": find_standing(row),
        "transformers": format_releases(row),
        "copy_of": row.copy_of,
        "architecture": row.architecture,
        "source": row.source,
    }
