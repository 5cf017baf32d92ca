"""The parts of README.md that are made from the code: the number of rules, and the help texts."""

from __future__ import annotations

import re

from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.rules import catalogue

_COUNT = re.compile(r"\b\d+( rules\b)")
_HELP = re.compile(r"(<!-- help: (\w+) -->\n).*?(<!-- /help -->)", re.DOTALL)


def current(text: str) -> str:
    """README's text with these parts as they are now."""
    text = _COUNT.sub(rf"{len(catalogue())}\1", text)
    return _HELP.sub(lambda found: f"{found[1]}{_help(found[2])}{found[3]}", text)


def _help(command: str) -> str:
    result = CliRunner().invoke(
        cli, [command, "--help"], prog_name="loracheck", terminal_width=80, color=False
    )
    return f"```text\n{result.output.strip()}\n```\n"
