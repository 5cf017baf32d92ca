"""`loracheck rules`: lists the rules."""

from __future__ import annotations

import click

from loracheck.rules import Rule, list_all_rules


@click.command("rules")
@click.option("--format", "style", type=click.Choice(["full", "json"]), default="full")
def command(style: str) -> None:
    """List the rules: code, name, severity, what they say."""
    if style == "json":
        import json

        rows = [_build_row(rule) for rule in list_all_rules()]
        click.echo(json.dumps({"rules": rows}, indent=2))
        return
    width = max(len(rule.name) for rule in list_all_rules())
    for rule in list_all_rules():
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {rule.summary}")


def _build_row(rule: Rule) -> dict[str, object]:
    names = ("code", "name", "severity", "summary", "fixable", "since")
    return {name: getattr(rule, name) for name in names}
