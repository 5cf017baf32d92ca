"""Real mistakes in the configs of diffusion trainers: what share of them is told, by which rule."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

PAGE = Path(__file__).with_name("diffusion_mistakes.md")
NAMES = {"json": "adapter_config.json", "python": "train.py", "sh": "train.sh"}
SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))


class Mistake(NamedTuple):
    """A config with the code that tells its mistake."""

    code: str
    title: str
    file: str
    text: str


def read_page() -> list[Mistake]:
    found = re.findall(
        r"^## (\w+) ([^\n]+)\n```(\w+)\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S
    )
    return [
        Mistake(code, title, NAMES.get(kind, f"config.{kind}"), text)
        for code, title, kind, text in found
    ]


MISTAKES = read_page()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.title)
def test_a_mistake_is_told(mistake: Mistake) -> None:
    result = check_file(mistake.file, mistake.file, SETTINGS, mistake.text)
    told = {found.code for found in result.findings if found.severity != "note"}
    assert told == set() if mistake.code == "none" else mistake.code in told, told


def test_nine_of_ten_are_told() -> None:
    assert len(MISTAKES) >= 40
    assert sum(one.code != "none" for one in MISTAKES) >= 0.9 * len(MISTAKES)
