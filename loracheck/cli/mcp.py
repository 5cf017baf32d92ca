"""`loracheck mcp`: the checks as tools of a coding agent."""

from __future__ import annotations

import sys

import click


@click.command("mcp")
def command() -> None:
    """Serve the checks to a coding agent (Model Context Protocol on standard input and output).

    Tools: check, explain, tree, models. An agent starts this command itself: see docs/agents.md.
    """
    from loracheck.mcp.server import serve

    serve(sys.stdin.buffer, sys.stdout.buffer)
