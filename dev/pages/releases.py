"""docs/releases: what each bundled transformers release changes, from the trees, and their list.

The pages of PEFT releases are not made here: `make release-peft` writes them, from both releases.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from dev.release.changes import make_page
from loracheck.releases.release_table import parse_version_number
from loracheck.trees.sources.bundle import load_index

FOLDER = Path(__file__).parents[2] / "docs" / "releases"


def make_pages() -> dict[str, str]:
    """Name below docs/ -> text. Each release is held against the bundled one before it, so that a
    release put between two others changes the page of the later one too.
    """
    bundled = load_index(types=True).releases
    pages = {f"transformers-{late}": make_page(late, early) for late, early in pairwise(bundled)}
    names = {*pages, *(path.stem for path in FOLDER.glob("peft-*.md"))}
    return {
        **{f"releases/{name}.md": text for name, text in pages.items()},
        "releases/index.md": _make_index(names),
    }


def _make_index(names: set[str]) -> str:
    """The list of the pages, newest first."""
    rows = [f"- [{name.replace('-', ' ', 1)}]({name}.md)" for name in sorted(names, key=_order)]
    return "\n".join(
        ["# Releases", "", "What new releases change for LoRA configs.", "", *rows, ""]
    )


def _order(name: str) -> tuple[bool, list[int]]:
    package, _, release = name.partition("-")
    return package == "peft", [-part for part in parse_version_number(release)]
