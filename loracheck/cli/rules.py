"""`loracheck rules`: lists the rules."""

from __future__ import annotations

import click

from loracheck.rules import Rule, catalogue


@click.command("rules")
@click.option("--format", "style", type=click.Choice(["full", "json"]), default="full")
def command(style: str) -> None:
    """List the rules: code, name, severity, what they say."""
    if style == "json":
        import json

        rows = [_row(rule) for rule in catalogue()]
        click.echo(json.dumps({"rules": rows}, indent=2))
        return
    width = max(len(rule.name) for rule in catalogue())
    for rule in catalogue():
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.severity:<7}  {rule.summary}")


def _row(rule: Rule) -> dict[str, object]:
    names = ("code", "name", "severity", "summary", "fixable", "since")
    return {name: getattr(rule, name) for name in names}
