"""The usual file of each tool is read as that tool's, and is as right as a model page wants it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dev.pages.dialects import EXAMPLES, list_tools_with_page
from loracheck.documents import read
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules
from loracheck.tools import find_settings

FILES = sorted(EXAMPLES.iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_example_is_its_tool_s_and_free_of_errors_and_warnings(path: Path) -> None:
    assert path.stem in list_tools_with_page()
    found = find_settings(read(str(path)))
    assert [setting.tool_name for setting in found] == [path.stem]
    # Alone in its folder, as it would be where it is used.
    name = "adapter_config.json" if path.stem == "peft-adapter" else path.name
    every = LintSettings(frozenset(rule.code for rule in list_all_rules()))
    outcome = check_file(name, name, every, path.read_bytes())
    assert [(f.code, f.message) for f in outcome.findings if f.severity != "note"] == []
