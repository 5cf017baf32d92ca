"""Mistakes in the configs of diffusion trainers: what share of them is told, by which rule; and
configs that work, of which nothing is.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

PAGE = Path(__file__).with_name("diffusion_mistakes.md")
RIGHT = Path(__file__).with_name("diffusion_configs.md")
NAMES = {"json": "adapter_config.json", "python": "train.py", "sh": "train.sh"}
SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()) - {"LC164"})
"""All rules but the one about the releases that are installed where the tests run."""


class Config(NamedTuple):
    """A config with the code that tells its mistake."""

    code: str
    title: str
    file: str
    text: str


def read_page(page: Path) -> list[Config]:
    found = re.findall(
        r"^## (\w+) ([^\n]+)\n```(\w+)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S
    )
    return [
        Config(code, title, NAMES.get(kind, f"config.{kind}"), text)
        for code, title, kind, text in found
    ]


MISTAKES = read_page(PAGE)
CONFIGS = read_page(RIGHT)


def list_told(config: Config) -> set[str]:
    result = check_file(config.file, config.file, SETTINGS, config.text)
    return {found.code for found in result.findings if found.severity != "note"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda one: one.title)
def test_a_mistake_is_told(mistake: Config) -> None:
    told = list_told(mistake)
    assert told == set() if mistake.code == "none" else mistake.code in told, told


def test_nine_of_ten_are_told() -> None:
    assert len(MISTAKES) >= 40
    assert sum(one.code != "none" for one in MISTAKES) >= 0.9 * len(MISTAKES)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda one: one.title)
def test_nothing_is_told_of_a_config_that_works(config: Config) -> None:
    assert list_told(config) == set()
