"""What is generated in docs/ and README: `python -m dev.pages` writes it."""

from __future__ import annotations

from pathlib import Path

from . import dialects, fields, parts, rules, serving

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OWN_FOLDERS = ("rules", "dialects")
"""Folders of docs/ in which nothing is written by hand."""


def files() -> dict[Path, str]:
    """Path and text of every page that is generated, or of which parts are."""
    pages = {**rules.pages(), **fields.pages(), **dialects.pages()}
    pages |= serving.pages()
    made = {DOCS / name: text for name, text in pages.items()}
    return {**made, **parts.files()}


def stale(wanted: dict[Path, str]) -> list[Path]:
    """Pages that are missing, differ from what they should be, or have no source any more."""
    differ = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    there = {p for folder in OWN_FOLDERS for p in (DOCS / folder).glob("*.md")}
    return sorted([*differ, *there - wanted.keys()])


def write() -> list[Path]:
    """Bring every page up to date; returns those that were changed."""
    wanted = files()
    changed = stale(wanted)
    for path in changed:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return changed
