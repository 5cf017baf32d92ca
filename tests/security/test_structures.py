"""A tool's file with a section missing or of a wrong type gets a verdict, whatever the tool."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file

CASES = Path(__file__).parents[1] / "tools" / "cases"
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
FILES = sorted(
    path
    for folder in (CASES, EXAMPLES)
    for path in folder.rglob("*")
    if path.suffix in (".yaml", ".yml", ".json") and not path.name.endswith(".expected.json")
)
WRONG: tuple[Any, ...] = (None, 5, "x", [], [{}], {}, True, {"a": {"b": 1}}, 1e400, "9" * 5000)
"""What stands in the place of a value, in turn."""


def mutations(value: Any, depth: int = 0) -> Iterator[Any]:
    """The value with one entry left out, or another thing in its place; three levels of it."""
    if not isinstance(value, (dict, list)) or depth == 3:
        return
    for number, key in enumerate(list(value) if isinstance(value, dict) else range(len(value))):
        rest = dict(value) if isinstance(value, dict) else list(value)
        del rest[key]
        yield rest
        wrong = dict(value) if isinstance(value, dict) else list(value)
        wrong[key] = WRONG[(number + 3 * depth) % len(WRONG)]
        yield wrong
        for inner in mutations(value[key], depth + 1):
            yield {**value, key: inner} if isinstance(value, dict) else [
                *value[:key], inner, *value[key + 1 :]
            ]  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_any_section_may_be_missing_or_wrong(path: Path) -> None:
    settings = resolve_settings(RunOptions(isolated=True), ()).for_path(path.name)
    try:
        value = yaml.safe_load(path.read_text("utf-8"))
    except yaml.YAMLError:
        pytest.skip("a case of a file that cannot be read")
    for number, mutation in enumerate(mutations(value)):
        if number % 3 and number > 60:
            continue
        text = json.dumps(mutation)
        result = check_file(path.name, path.name, settings, text, on_disk=False)
        assert result is not None, text
