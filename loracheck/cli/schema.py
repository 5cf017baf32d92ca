"""`loracheck schema`."""

from __future__ import annotations

import click

NAMES = ("lora_config", "adapter_config")


@click.command("schema")
@click.argument("name", type=click.Choice(NAMES), default="lora_config")
def command(name: str) -> None:
    """Print the JSON Schema (draft 2020-12) of LoraConfig or of adapter_config.json."""
    import json

    from loracheck.config.schema import schema

    click.echo(json.dumps(schema(name), indent=2, ensure_ascii=False))
