"""The index of the tools is current, and finds each tool by the data in its own module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from loracheck.documents import read
from loracheck.rules import list_all_rules
from loracheck.tools.core.build_index import list_all_tools, render
from loracheck.tools.core.command_line import find_program
from loracheck.tools.core.detection import fits
from loracheck.tools.core.index import FILE, load_index
from loracheck.tools.core.registry import import_tool, load_key_maps

TOOLS = list_all_tools()


def test_the_file_is_current() -> None:
    command = "python -m loracheck.tools.core.build_index"
    assert Path(FILE).read_text("utf-8") == render(), f"out of date: {command}"


def test_every_pattern_is_a_regular_expression() -> None:
    index = load_index()
    for pattern, *_ in (*index.programs, *index.calls):
        re.compile(pattern)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_module_has_its_tools_name_and_can_be_found(tool: object) -> None:
    (first, *others) = load_key_maps(tool.name)  # type: ignore[attr-defined]
    assert import_tool(first.name).TOOL is first is tool
    assert {other.name for other in others} <= {first.name}
    assert first.signatures or first.programs or first.calls
    for key in (key for one in (first, *others) for key in one.keys):
        assert key.nargs in (None, "0") or "list[" in (key.type or "list["), key.name


def test_every_trap_is_a_rule() -> None:
    rules = {rule.name for rule in list_all_rules()}
    traps = {trap for tool in TOOLS for one in load_key_maps(tool.name) for trap in one.traps}
    assert traps <= rules


@pytest.mark.parametrize(
    ("signature", "top", "holds"),
    [
        ("a", {"a": None}, True),
        ("a b", {"a": 1}, False),
        ("a|b", {"b": 1}, True),
        ("!a|b", {"b": 1}, False),
        ("!a|b", {"c": 1}, True),
        ("a.b", {"a": {"b": 0}}, True),
        ("a.b", {"a": "b"}, False),
        ("a.b=x*", {"a": {"b": "xy"}}, True),
        ("a=*", {"a": ["x"]}, False),
        ("a={}", {"a": {}}, True),
        ("a=[]", {"a": {}}, False),
        ("a.[].b", {"a": [1, {"b": 1}]}, True),
        ("*.b", {1: {"b": 1}}, True),
        ("a_*", {"a_x": 1}, True),
        ("~abc", {"abx": 1}, True),
        ("~abc", {"abx": 1, "abc": 1}, False),
        ("x.~abc", {"x": {"acb": 1}}, True),
    ],
)
def test_signatures(signature: str, top: dict[object, object], holds: bool) -> None:
    assert fits(signature, top) is holds  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("trl sft --lora_r 8", "trl"),
        ("trl env --lora_r 8", None),
        ("accelerate launch sd/flux_train_network.py --lora 8", "kohya"),
        ("python -m openrlhf.cli.train_sft --ds.lora.rank 8", "openrlhf"),
        ("python -m openrlhf.cli.serve --ds.lora.rank 8", None),
        ("python -m mlx_lm.lora --lora 8", "mlx-lm"),
        ("mlx_lm generate --lora 8", None),
        ("vllm serve x --enable-lora", None),
    ],
)
def test_programs(line: str, tool: str | None) -> None:
    document = read("a.sh", line)
    found = find_program(document.commands[0])  # type: ignore[attr-defined]
    assert found is not None
    assert found.tool == tool
