"""The generated pages of docs/, and the generated parts of README: `python -m dev.pages`.

Rules, fields, tools and engines come in; Markdown goes out, one module for each kind of page. Begin
with `make_files` here. Tests compare the pages with what this gives and fail where they differ.
"""

from __future__ import annotations

from pathlib import Path

from . import dialects, fields, generated_parts, releases, rules, serving

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
OWN_FOLDERS = ("rules", "dialects")
"""Folders of docs/ in which nothing is written by hand."""


def make_files() -> dict[Path, str]:
    """Path and text of every page that is generated, or of which parts are."""
    pages = {**rules.make_pages(), **fields.make_pages(), **dialects.make_pages()}
    pages |= {**serving.make_pages(), **releases.make_pages()}
    made = {DOCS / name: text for name, text in pages.items()}
    return {**made, **generated_parts.make_files()}


def find_stale(wanted: dict[Path, str]) -> list[Path]:
    """Pages that are missing, differ from what they should be, or have no source any more."""
    differ = [p for p, text in wanted.items() if not p.exists() or p.read_text("utf-8") != text]
    there = {p for folder in OWN_FOLDERS for p in (DOCS / folder).glob("*.md")}
    there |= set((DOCS / "releases").glob("transformers-*.md"))
    return sorted([*differ, *there - wanted.keys()])


def write_files() -> list[Path]:
    """Bring every page up to date; returns those that were changed."""
    wanted = make_files()
    changed = find_stale(wanted)
    for path in changed:
        if path in wanted:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
        else:
            path.unlink()
    return changed
