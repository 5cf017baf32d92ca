"""The site builds with --strict: no broken link, no page outside of the menu, nothing fetched."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urldefrag

import pytest

pytest.importorskip("material")

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder


def pages(site: Path) -> list[Path]:
    return sorted(site.rglob("*.html"))


def test_every_page_of_docs_is_built_and_in_the_menu(site: Path) -> None:
    sources = {p.relative_to(ROOT / "docs").with_suffix("") for p in (ROOT / "docs").rglob("*.md")}
    menu = (site / "index.html").read_text("utf-8")
    for source in sources:
        name = str(source).removesuffix("index").rstrip("/")
        assert (site / name / "index.html").is_file(), source
        assert f'href="{name}/"' in menu or name in ("", "rules"), f"{source} is not in the menu"


@cache
def find_target(path: str) -> Path | None:
    """The file that the browser gets for a path."""
    target = Path(path)
    target = target / "index.html" if target.is_dir() else target
    return target if target.is_file() else None


@cache
def list_anchors(page: Path) -> frozenset[str]:
    """The places of a page that a link may name."""
    return frozenset(re.findall(r'id="([^"]*)"', page.read_text("utf-8")))


def test_every_inner_link_leads_somewhere(site: Path) -> None:
    broken = []
    for page in pages(site):
        if page.name == "404.html":
            continue
        folder = f"{page.parent}/"
        for link in re.findall(r'(?:href|src)="([^"]+)"', page.read_text("utf-8")):
            if re.match(r"[a-z]+:|//", link):
                continue
            path, anchor = urldefrag(link)
            target = find_target(os.path.normpath(folder + unquote(path))) if path else page
            there = target is not None
            if target is not None and anchor and target.suffix == ".html":
                there = unquote(anchor) in list_anchors(target)
            if not there:
                broken.append(f"{page.relative_to(site)}: {link}")
    assert broken == []


def test_llms_txt_lists_every_page_of_the_menu(site: Path) -> None:
    text = (site / "llms.txt").read_text("utf-8")
    rows = re.findall(r"^- \[(.+)\]\((.+?)\)(?:: (.+))?$", text, re.M)
    assert len(rows) == len(list((ROOT / "docs").rglob("*.md")))
    assert all((site / url / "index.html").is_file() for _, url, _ in rows if "://" not in url)
    assert sum(bool(first) for *_, first in rows) > len(rows) // 2


def test_nothing_is_fetched_by_a_reader_s_browser(site: Path) -> None:
    for page in pages(site):
        text = page.read_text("utf-8")
        fetched = re.findall(r'<(?:script|img|iframe)[^>]+src="(https?:[^"]+)"', text)
        fetched += re.findall(
            r'<link[^>]+rel="(?:stylesheet|preconnect)"[^>]+href="(https?:[^"]+)"', text
        )
        assert fetched == [], page
