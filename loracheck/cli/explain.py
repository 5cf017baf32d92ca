"""`loracheck explain`."""

from __future__ import annotations

import os
import sys

import click


@click.command("explain")
@click.argument("topic", metavar="TOPIC")
@click.option("--model", metavar="ID|DIR|FILE", help="Hold the file against this model.")
def command(topic: str, model: str | None) -> None:
    """Explain a rule (LC202), a field (lora_alpha), or what a config file will do to its model."""
    text = _file(topic, model) if os.path.isfile(topic) else _page(topic)
    if text is None:
        click.echo(f"error: {topic!r} is no rule, no field and no file", err=True)
        click.echo(
            "help: `loracheck rules` lists the rules; a model is shown by `loracheck tree`",
            err=True,
        )
        sys.exit(2)
    click.echo(text)


def _page(topic: str) -> str | None:
    from loracheck.explain import field, rule

    found = rule.find(topic)
    if found is not None:
        return rule.page(found)
    known = field.find(topic)
    return field.page(known) if known is not None else None


def _file(path: str, model: str | None) -> str:
    from loracheck.documents.model import DocumentError
    from loracheck.explain.file import report
    from loracheck.pipeline import Job, cases

    try:
        found = cases(path, Job(frozenset(), model))
    except DocumentError as error:
        click.echo(f"error: {path}:{error.span.line}:{error.span.column}: {error.reason}", err=True)
        sys.exit(2)
    return "\n\n".join(map(report, found)) or f"{path} sets no LoRA up"
