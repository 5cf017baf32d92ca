"""Real config files of many tools: every one is read, none makes a false start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

from .shared import FOLDER, files, needs

CODES = frozenset(rule.code for rule in list_all_rules())
SUFFIXES = (".json", ".yaml", ".yml", ".py")


def unreadable_by_nature(path: Path) -> bool:
    """A git-LFS pointer or a file that Python itself cannot read as its format."""
    text = path.read_bytes()
    if text.startswith(b"version https://git-lfs"):
        return True
    if path.suffix == ".json":
        try:
            json.loads(text)
        except ValueError:
            return True
    return False


@needs("corpus")
@pytest.mark.parametrize("folder", sorted(p.name for p in (FOLDER / "corpus").glob("*/")))
def test_every_file_of_the_corpus_is_read(folder: str) -> None:
    for path in files(f"corpus/{folder}", *SUFFIXES):
        if path.name == "index.json" or unreadable_by_nature(path):
            continue
        outcome = check_file(str(path), path.name, LintSettings(CODES))
        assert not outcome.unreadable, (path, outcome.findings)
