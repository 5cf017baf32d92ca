"""The other commands keep their contracts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck import __version__
from loracheck.cli import COMMANDS, cli
from loracheck.releases.release_table import get_newest_release
from loracheck.rules import list_all_rules
from loracheck.trees.sources.bundle import find_tree, load_index

ROOT = Path(__file__).parents[2]
MODEL = "Qwen/Qwen2.5-7B"


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == status, result.output
    return result.output


def test_every_command_is_listed_and_has_help() -> None:
    listed = run("--help")
    for name in COMMANDS:
        assert name in listed
        assert run(name, "--help").startswith("Usage:")
    assert __version__ in run("--version")


def test_rules_as_json() -> None:
    rows = json.loads(run("rules", "--format", "json"))["rules"]
    assert [row["code"] for row in rows] == [rule.code for rule in list_all_rules()]
    assert all(set(r) == {"code", "name", "severity", "summary", "fixable", "since"} for r in rows)


@pytest.mark.parametrize("name", ["lora_config", "adapter_config", "loracheck"])
def test_schema_prints_the_file_in_the_repository(name: str) -> None:
    kept = json.loads((ROOT / "schemas" / f"{name}.schema.json").read_text("utf-8"))
    assert json.loads(run("schema", name)) == kept


def test_tree_expanded_as_json_names_every_module() -> None:
    data = json.loads(run("tree", MODEL, "--expand", "--format", "json"))
    tree = find_tree(MODEL)
    assert tree is not None
    assert [m["name"] for m in data["modules"]] == [m.name for m in tree.modules()][1:]
    assert data["model_type"] == "qwen2"
    assert data["class"] == "Qwen2ForCausalLM"
    assert data["source"].startswith("bundled")
    first = data["modules"][1]
    assert first == {
        "name": "model.embed_tokens",
        "class": "Embedding",
        "parameters": {"weight": [152064, 3584]},
    }


def test_tree_folded_shows_layers_once_and_marks_what_lora_can_wrap() -> None:
    text = run("tree", MODEL)
    assert "7,615,616,512 parameters" in text
    assert len(re.findall(r"^ +0-27 ", text, re.MULTILINE)) == 1
    assert re.search(r"^\* +q_proj +Linear +weight \[3584, 3584\]", text, re.MULTILINE)


def test_lock_tells_of_a_named_file_that_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text('{"peft_type": "LORA", "r": [1,')
    target = tmp_path / "loracheck.lock"
    text = run("lock", "--file", str(target), str(tmp_path / "adapter_config.json"), status=2)
    assert "adapter_config.json:1:" in text
    assert not target.exists()
    assert "no such file" in run("lock", "--file", str(target), str(tmp_path / "no.json"), status=2)


def test_a_bundled_model_that_is_not_had_as_asked_is_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(
        '{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B",'
        ' "target_modules": ["q_proj"]}'
    )
    text = " ".join(run("explain", "--transformers", "3.0", str(path)).split())
    oldest = load_index().releases[-1]
    assert f"transformers 3.0 is older than {oldest}, the oldest release that is known" in text
    assert (
        f"Qwen/Qwen2.5-7B is bundled for {oldest} to {get_newest_release('transformers')}" in text
    )
    text = " ".join(run("explain", "--python", "/no/such", str(path)).split())
    assert "/no/such is no interpreter that has transformers" in text


def test_tree_of_an_unknown_model_is_one_clear_error() -> None:
    assert "not bundled" in run("tree", "nobody/nothing", status=2)
