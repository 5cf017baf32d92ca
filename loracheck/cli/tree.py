"""`loracheck tree`: shows a model's module tree."""

from __future__ import annotations

import click

from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request, TreeOptions

from .completion import complete_models
from .stderr import fail
from .transformers_option import add_transformers_option


@click.command("tree")
@click.argument("model", metavar="MODEL", shell_complete=complete_models)
@click.option(
    "--head", multiple=True, metavar="CLASS", help="Model class, as CausalLM or BertModel."
)
@click.option("--num-labels", type=int, help="Number of labels of a classification head.")
@add_transformers_option("Use the tree of this transformers line.")
@click.option("--python", metavar="PATH", help="Build with the transformers of this interpreter.")
@click.option("--expand", is_flag=True, help="Every module on its own line, nothing folded.")
@click.option("--format", "style", type=click.Choice(["full", "json"]), default="full")
def command(
    model: str,
    head: tuple[str, ...],
    num_labels: int | None,
    transformers: str | None,
    python: str | None,
    expand: bool,
    style: str,
) -> None:
    """Show a model's module tree: classes, shapes, and what LoRA can wrap.

    MODEL is a directory with config.json, a pipeline's directory (model_index.json), a config.json,
    or the id of a bundled model.
    """
    from loracheck.reporters import tree as views

    request = Request(model, None, head, num_labels)
    resolved = resolve(request, TreeOptions(transformers, python))
    if resolved.tree is None:
        fail(resolved.reason or "no such model", resolved.help)
    if style == "json":
        click.echo(views.render_json(resolved, expand))
    else:
        click.echo(views.render_expanded(resolved) if expand else views.render_folded(resolved))
