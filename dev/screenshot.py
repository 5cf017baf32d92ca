"""`python -m dev.screenshot`: docs/images/check.svg, a real run as a terminal would show it.

Needs rich (extra `docs`), which turns the colours of the run into SVG. A test holds the words in
the picture against the run of today.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from click.testing import CliRunner

from dev.newest_release import newest_release
from loracheck.cli import cli

ROOT = Path(__file__).parents[1]
IMAGE = ROOT / "docs" / "images" / "check.svg"
WIDTH = 92
FILE = "examples/phi3_llama_names.json"
SHOWN_FINDINGS = 1
"""Findings that are shown; how many are left out is said in their place."""


def run_example() -> str:
    """A check and the fix that it offers, with their colours; run in the repository's root."""
    with newest_release():
        return "\n\n".join(
            [
                _prompt(f"check {FILE}"),
                _shorten(_run("check", "--colour", "--format=full", FILE)),
                _prompt(f"check --diff --unsafe-fixes {FILE}"),
                _run("check", "--colour", "--diff", "--unsafe-fixes", FILE),
            ]
        )


def draw_picture() -> str:
    """The SVG."""
    from rich.console import Console
    from rich.terminal_theme import MONOKAI
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor")
    console.print(Text.from_ansi(run_example()))
    svg = console.export_svg(title="loracheck", theme=MONOKAI, unique_id="loracheck")
    # Fonts that would be fetched; a reader's own monospace font does.
    return re.sub(r"\s*@font-face \{.*?\}\n", "", svg, flags=re.DOTALL)


def _prompt(arguments: str) -> str:
    return f"\x1b[32m$\x1b[0m \x1b[1mloracheck {arguments}\x1b[0m"


def _run(*arguments: str) -> str:
    command = [arguments[0], "--isolated", *arguments[1:]]
    result = CliRunner().invoke(cli, command, catch_exceptions=False)
    return result.stdout.strip() or result.output.strip()


def _shorten(text: str) -> str:
    *findings, summary = text.split("\n\n")
    left = len(findings) - SHOWN_FINDINGS
    more = [f"... and {left} more ..."] if left > 0 else []
    return "\n\n".join([*findings[:SHOWN_FINDINGS], *more, summary])


if __name__ == "__main__":
    IMAGE.parent.mkdir(parents=True, exist_ok=True)
    IMAGE.write_text(draw_picture(), encoding="utf-8", newline="\n")
    print(f"wrote {IMAGE.relative_to(ROOT)}")
