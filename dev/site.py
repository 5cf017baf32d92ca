"""mkdocs hook: puts the pages of rules, dialects and releases into the menu, leaves out what is not
there.

mkdocs.yml names the hand-written pages; pages that come and go with the code are added here, as
the generated index of rules lists them.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGES_BESIDE_RIGHT = ("differential.md", "differential-results.md")
"""Pages beside "How right it is", where they exist."""


def on_config(config: Any) -> Any:
    """Fill the menu."""
    docs = Path(config.docs_dir)
    config.nav = [_fill_entry(entry, docs) for entry in config.nav]
    return config


def _fill_entry(entry: dict[str, Any], docs: Path) -> dict[str, Any]:
    (title, value), *_ = entry.items()
    if title == "Rules":
        return {title: [value, *_read_families(docs)]}
    if isinstance(value, list):
        return {title: [e for item in value for e in _list_pages(item, docs)]}
    return entry


def _list_pages(item: dict[str, str], docs: Path) -> list[Any]:
    (title, page), *_ = item.items()
    if page == "dialects.md":
        names = sorted(path.stem for path in (docs / "dialects").glob("*.md"))
        return [
            {title: [{"All dialects": page}, *({name: f"dialects/{name}.md"} for name in names)]}
        ]
    if page == "releases/index.md":
        rows = re.findall(r"^- \[(.+)\]\((.+)\)$", (docs / page).read_text("utf-8"), flags=re.M)
        return [{title: [{"All releases": page}, *({row: f"releases/{at}"} for row, at in rows)]}]
    if page == "right.md":
        more = [name for name in PAGES_BESIDE_RIGHT if (docs / name).exists()]
        return [{title: [page, *more]}] if more else [item]
    return [item] if (docs / page).exists() else []


def _read_families(docs: Path) -> list[dict[str, list[str]]]:
    """The index's headings ("## LC2 Module tree") with the pages below each."""
    parts = re.split(r"^## (LC.+)\n", (docs / "rules/index.md").read_text("utf-8"), flags=re.M)
    return [
        {title: [f"rules/{page}" for page in re.findall(r"\((LC\d+\.md)\)", body)]}
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
    ]
