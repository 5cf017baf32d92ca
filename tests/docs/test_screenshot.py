"""The picture in README shows what a run says today."""

from __future__ import annotations

import html
import re

import pytest

from dev import screenshot

_LINE = re.compile(r'<text class="loracheck-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>(.*?)</text>')


def words(svg: str) -> list[str]:
    """The lines of text in the picture, without the blanks at their ends."""
    lines: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in _LINE.findall(svg):
        piece = html.unescape(text).replace("\xa0", " ")
        lines.setdefault(float(y), []).append((float(x), piece))
    joined = ("".join(text for _, text in sorted(lines[y])) for y in sorted(lines))
    return [line.strip() for line in joined if line.strip()]


def test_the_picture_is_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(screenshot.ROOT)
    plain = re.sub(r"\x1b\[[\d;]*m", "", screenshot.run_example())
    wanted = [line.strip() for line in plain.splitlines() if line.strip()]
    squeezed = [line.replace(" ", "") for line in wanted]
    found = [line.replace(" ", "") for line in words(screenshot.IMAGE.read_text("utf-8"))]
    # A line that is longer than the picture goes on in the next.
    assert "".join(found) == "".join(squeezed), (
        "run `make screenshot` (python -m dev.screenshot, extra `docs`)"
    )


def test_the_picture_fetches_nothing() -> None:
    svg = screenshot.IMAGE.read_text("utf-8")
    assert "@font-face" not in svg
    assert set(re.findall(r"https?://[^\s\"')<]+", svg)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }
