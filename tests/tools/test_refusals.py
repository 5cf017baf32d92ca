"""What the tools refuse among their own keys, held against what their own validators said.

refused/<tool>.json is written by `python -m bench.tools.refusals TOOL` where the tool is installed:
for each refusal a file that has all of its conditions, and one that lacks each of them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.documents.model import Unknown
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.tools.core.index import load_index
from loracheck.tools.core.refusal import (
    Condition,
    Refusal,
    differs,
    equals,
    exceeds,
    has,
    has_match,
    is_absent,
    is_given,
    is_turned_off,
    is_turned_on,
    lacks,
    unless,
)
from loracheck.tools.core.refusal_conflicts import Keys, find_conflicts
from loracheck.tools.core.refusal_lookup import load_refusals

REFUSED = sorted((Path(__file__).parent / "refused").glob("*.json"))
ROWS = [
    pytest.param(row, id=f"{path.stem}-{number}")
    for path in REFUSED
    for number, row in enumerate(json.loads(path.read_text("utf-8"))["cases"])
]
TOOLS = load_index().refusals


COMMANDS = {"autotrain": "autotrain llm --train"}
"""Program -> the command whose options a row's keys are, where no file gets the refusal."""


def told(row: dict[str, Any]) -> list[str]:
    path, text = "a.yaml", yaml.safe_dump(row["file"])
    if "program" in row:
        options = (f"--{k}" if v is True else f"--{k} {v}" for k, v in row["file"].items())
        path, text = "a.sh", f"{COMMANDS[row['program']]} {' '.join(options)}\n"
    settings = LintSettings(frozenset({"LC714"}))
    return [found.message for found in check_file(path, path, settings, text.encode()).findings]


@pytest.mark.parametrize("row", ROWS)
def test_the_tool_says_so_too(row: dict[str, Any]) -> None:
    found = told(row)
    if row["holds"]:
        assert row["says"] in row["said"]
        assert any(row["says"] in message for message in found), found
    elif row["said"] is None:
        assert not any(" refuses " in message for message in found), "it may pass a key over"


def test_every_tool_has_files_that_it_takes_and_that_it_refuses() -> None:
    assert {path.stem for path in REFUSED} >= {
        *("autotrain", "axolotl", "litgpt", "llamafactory", "ms-swift", "oumi", "torchtune", "trl")
    }
    for path in REFUSED:
        made = json.loads(path.read_text("utf-8"))
        said = [row["said"] for row in made["cases"]]
        assert made["version"]
        assert any(said) and not all(said), path.name


@pytest.mark.parametrize("tool", TOOLS)
def test_a_refusal_names_source_and_mend(tool: str) -> None:
    refusals = load_refusals(tool)
    assert refusals
    for one in refusals:
        assert one.when and one.help and one.message, one
        assert ".py" in one.source, one
        assert one.when[0].test not in ("off", "missing"), "the first key is the one to show"


def test_a_tool_without_data_refuses_nothing() -> None:
    assert load_refusals("xtuner") == ()


HOLDS = [
    (is_turned_on("a"), {"a": True}, {"a": False}),
    (is_turned_on("a"), {"a": "true"}, {"a": "false"}),
    (is_turned_on("a", default=True), {}, {"a": False}),
    (is_turned_on("a|b"), {"b": 1}, {"a": 0}),
    (is_turned_off("a|b"), {"a": None}, {"a": False, "b": True}),
    (equals("a.b", "x"), {"a": {"b": "x"}}, {"a": "x"}),
    (equals("a", 4), {"a": "4"}, {"a": 8}),
    (differs("a", "x"), {}, {"a": "x"}),
    (is_given("a"), {"a": 0}, {"a": None}),
    (is_absent("a"), {"a": None}, {"a": 0}),
    (unless("a"), {"a": False}, {"a": 1}),
    (exceeds("a", 512), {"a": 513}, {"a": 512}),
    (exceeds("a", 0), {"a": 1}, {"a": True}),
    (has("a", "x"), {"a": ["y", "x"]}, {"a": ["xx"]}),
    (has("a", "x"), {"a": "y, x"}, {"a": "xx"}),
    (lacks("a", "x"), {"a": ["y", "xx"]}, {"a": ["y", "x"]}),
    (lacks("a", "x"), {"a": "y, xx"}, {"a": None}),
    (has_match("a", "x$"), {"a": ["y", "b.x"]}, {"a": ["xy", 1]}),
    (has_match("a.b", "x"), {"a": [{"c": 1}, {"b": ["x"]}]}, {"a": [{"b": "x"}, 2]}),
]


@pytest.mark.parametrize(("condition", "yes", "no"), HOLDS)
def test_conditions(condition: Condition, yes: dict[Any, Any], no: dict[Any, Any]) -> None:
    refusal = Refusal((is_turned_on("k"), condition), "says", "help", "file.py")

    def holds(top: dict[Any, Any], *, closed: bool = True) -> bool:
        return bool([*find_conflicts((refusal,), Keys({"k": 1, **top}, (0,), closed))])

    assert holds(yes)
    assert not holds(no)
    names = condition.key.replace("|", ".").split(".")
    assert not holds({name: Unknown(name) for name in names}), "what is not known holds for nothing"
    assert not holds({}, closed=False), "a key that may stand elsewhere holds for nothing"


def test_a_conflict_tells_its_keys_in_order() -> None:
    refusal = Refusal(
        (is_turned_on("b"), equals("a.x", 1), is_turned_off("c|d")), "says", "help", "file.py"
    )
    (found,) = find_conflicts((refusal,), Keys({"a": {"x": 1}, "b": True, "c": None}, (2,)))
    assert [path for path, _ in found.present] == [(2, "b"), (2, "a", "x"), (2, "c")]
    assert [text for _, text in found.present][:2] == ["b: true", "a.x: 1"]
