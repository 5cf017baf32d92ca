"""`loracheck schema`."""

from __future__ import annotations

import click

NAMES = ("lora_config", "adapter_config", "loracheck")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), default="lora_config")
def command(name: str) -> None:
    """Print a JSON Schema (draft 2020-12): of LoraConfig, of adapter_config.json, or of loracheck's
    settings.
    """
    if name == "loracheck":
        from loracheck.options.schema import render

        click.echo(render(), nl=False)
        return
    import json

    from loracheck.config.schema import schema

    click.echo(json.dumps(schema(name), indent=2, ensure_ascii=False))
