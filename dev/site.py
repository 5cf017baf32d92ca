"""mkdocs hook: puts the pages of rules, dialects and releases into the menu, leaves out what is not
there, says where the site is published, takes the playground in, and writes `llms.txt`.

mkdocs.yml names the hand-written pages; pages that come and go with the code are added here, as
the generated index of rules lists them.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from loracheck.addresses import REPOSITORY, build_docs_url

PAGES_BESIDE_RIGHT = ("differential.md", "differential-results.md")
"""Pages beside "How right it is", where they exist."""

PLAYGROUND = os.environ.get("LORACHECK_PLAYGROUND")
"""The folder that `playground/build.mjs` wrote, as `make playground` says it; None without."""


def on_config(config: Any) -> Any:
    """Fill the menu."""
    docs = Path(config.docs_dir)
    config.nav = [_fill_entry(entry, docs) for entry in config.nav]
    config.site_url = build_docs_url()
    config.repo_url = REPOSITORY or None
    if config.repo_url:
        config.repo_name = REPOSITORY.split("/", 3)[3]
    return config


def on_nav(nav: Any, *, config: Any, files: Any) -> Any:
    """Keep the menu's pages for `llms.txt`; the playground, where it is built, is no page of it."""
    from mkdocs.structure.nav import Link

    _menu.clear()
    _menu.extend((page.file.src_uri, page.url) for page in nav.pages)
    if PLAYGROUND is not None:
        nav.items.insert(1, Link("Playground", "playground/"))
    return nav


def on_post_build(*, config: Any) -> None:
    """Write `llms.txt` (llmstxt.org): each page with title and first sentence, as in the menu."""
    if PLAYGROUND is not None:
        target = Path(config.site_dir) / "playground"
        shutil.copytree(PLAYGROUND, target, dirs_exist_ok=True)
    docs = Path(config.docs_dir)
    lines = [f"# {config.site_name}", "", f"> {config.site_description}", "", "## Pages", ""]
    for source, url in dict.fromkeys(_menu):
        title, first = _read_head((docs / source).read_text("utf-8"))
        link = f"- [{title}]({urljoin(config.site_url or '', url) or './'})"
        lines.append(f"{link}: {first}" if first else link)
    (Path(config.site_dir) / "llms.txt").write_text("\n".join([*lines, ""]), "utf-8")


_menu: list[tuple[str, str]] = []
"""Source and address of each page of the menu, of the build at hand."""


def _read_head(text: str) -> tuple[str, str]:
    """The title of a page, and the first sentence of its first paragraph."""
    title = re.search(r"^# (.+)$", text, flags=re.M)
    prose = re.sub(r"^```.*?^```|<!--.*?-->", "", text, flags=re.M | re.S)
    blocks = (" ".join(block.split()) for block in re.split(r"\n\s*\n", prose))
    words = next((block for block in blocks if block and block[0] not in "#|>-*!<"), "")
    words = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", words)
    return title[1] if title else "", re.split(r"(?<=[.:]) ", words)[0].rstrip(":")


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
