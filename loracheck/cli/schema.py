"""`loracheck schema`: prints a JSON Schema."""

from __future__ import annotations

import click

from loracheck.tools.core.index import list_tools_with_files

OWN = ("lora_config", "adapter_config", "loracheck", "setting")
NAMES = (*OWN, *list_tools_with_files())


HELP = f"""Print a JSON Schema (draft 2020-12), for an editor.

NAME is lora_config (LoraConfig's fields), adapter_config (adapter_config.json), loracheck
(loracheck's settings), setting (what policies are held against), or the tool whose file it is for:
{", ".join(list_tools_with_files())}.
"""


@click.command("schema", help=HELP)
@click.argument("name", type=click.Choice(NAMES), default="lora_config", metavar="[NAME]")
def command(name: str) -> None:
    """Print the schema of that name."""
    if name not in OWN:
        from loracheck.tools.core.schema import render as dialect

        click.echo(dialect(name), nl=False)
        return
    if name == "loracheck":
        from loracheck.options.schema import render

        click.echo(render(), nl=False)
        return
    if name == "setting":
        from loracheck.policies.setting_schema import render as setting

        click.echo(setting(), nl=False)
        return
    import json

    from loracheck.config.schema import build_config_schema

    click.echo(json.dumps(build_config_schema(name), indent=2, ensure_ascii=False))
