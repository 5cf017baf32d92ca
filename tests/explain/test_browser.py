"""The page in a real browser: light and dark, narrow and wide. Left out where there is none."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from loracheck.explain.file.assess_file import assess_file
from loracheck.explain.html.page import render_html

from .test_picture import ALL, EXAMPLES

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), "")
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--hide-scrollbars",
]
DARK = "--blink-settings=preferredColorScheme=0"

pytestmark = pytest.mark.skipif(not BROWSER, reason="no Chromium here")


def _colours(tmp_path: Path, page: str, *options: str, width: int = 1100) -> Counter[str]:
    """How many pixels of a screenshot have each colour."""
    image = pytest.importorskip("PIL.Image")
    source, picture = tmp_path / "page.html", tmp_path / "page.png"
    source.write_text(page, encoding="utf-8")
    command = [BROWSER, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *options]
    command += [f"--window-size={width},3200", f"--screenshot={picture}", source.as_uri()]
    subprocess.run(command, capture_output=True, timeout=600, check=True)
    with image.open(picture) as opened:
        found = opened.convert("RGB").getcolors(1 << 24)
    return Counter({"#{:02x}{:02x}{:02x}".format(*colour): count for count, colour in found})


@pytest.fixture
def page() -> str:
    path = EXAMPLES / "phi3_llama_names.json"
    return render_html(assess_file(str(path), ALL), path.name)


@pytest.mark.parametrize(
    ("options", "ground", "adapted", "untouched"),
    [((), "#f6f8fa", "#3d97c4", "#dfe3e8"), ((DARK,), "#0b0e12", "#3595bf", "#2b323b")],
    ids=["light", "dark"],
)
def test_the_page_is_drawn(
    tmp_path: Path, page: str, options: tuple[str, ...], ground: str, adapted: str, untouched: str
) -> None:
    seen = _colours(tmp_path, page, *options)
    assert seen.most_common(2)[0][0] in (ground, "#ffffff", "#12161c")
    assert seen[ground] > 100_000
    # 64 cells are adapted, some 250 pixels each; as many are not.
    assert seen[adapted] > 10_000
    assert seen[untouched] > 10_000


def test_the_page_fits_a_telephone(tmp_path: Path, page: str) -> None:
    assert _colours(tmp_path, page, width=420)["#3d97c4"] > 500
