"""The examples of docs/api.md run, one after the other, and print what stands below them.

`python -m tests.docs.test_api_page` writes what they print into the page.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import warnings
from pathlib import Path
from typing import Any

import pytest

import loracheck

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "api.md"
RELEASE = re.compile(r"\d+\.\d+\.\d+")
EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```$", re.M | re.S)


def run_examples(text: str) -> list[str]:
    """What each example of the page prints; all share their names."""
    names: dict[str, Any] = {}
    printed = []
    for found in EXAMPLE.finditer(text):
        out = io.StringIO()
        with contextlib.redirect_stdout(out), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(found[1], str(PAGE), "exec"), names)
        printed.append("".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines()))
    return printed


def test_the_examples_print_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("torch", "peft", "transformers", "accelerate"):
        pytest.importorskip(package)
    monkeypatch.chdir(ROOT)
    text = PAGE.read_text("utf-8")
    said = [found[2] for found in EXAMPLE.finditer(text)]
    assert len(said) == text.count("```python")
    assert [RELEASE.sub("X", one) for one in run_examples(text)] == [
        RELEASE.sub("X", one) for one in said
    ]


def test_the_page_names_what_the_package_gives() -> None:
    text = PAGE.read_text("utf-8")
    missing = [name for name in loracheck.__all__ if name not in text and name != "__version__"]
    assert missing == ["PlanNumbers"]  # which is what `plan` gives


if __name__ == "__main__":
    os.chdir(ROOT)
    before = PAGE.read_text("utf-8")
    printed = iter(run_examples(before))
    after = EXAMPLE.sub(lambda f: f"```python\n{f[1]}```\n\n```text\n{next(printed)}```", before)
    PAGE.write_text(after, "utf-8")
