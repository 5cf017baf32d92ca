"""`loracheck explain` for rules and fields."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.config.field_table import get_lora_fields, get_sub_config_fields
from loracheck.explain import schema
from loracheck.explain.field import page as pages
from loracheck.explain.field.interplay import INTERPLAY
from loracheck.explain.field.tool_key_index import find_spellings, iter_tools
from loracheck.explain.field.usage import find_usage
from loracheck.explain.text.style import choose_style
from loracheck.rules import list_all_rules

SCHEMA = jsonschema.Draft202012Validator(json.loads(schema.PATH.read_text(encoding="utf-8")))


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, ["explain", *arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.parametrize("rule", list_all_rules(), ids=lambda rule: rule.code)
def test_every_rule_has_its_page_by_code_and_by_name(rule: object) -> None:
    code, name = rule.code, rule.name  # type: ignore[attr-defined]
    assert run(code) == run(code.lower()) == run(name)
    assert run(code).startswith(f"{code} {name}")


@pytest.mark.parametrize("name", get_lora_fields())
def test_every_field_has_its_page_at_80_columns(name: str) -> None:
    text = pages.render_field(
        get_lora_fields()[name], choose_style(80, colour=False, encoding="utf-8")
    )
    assert text.startswith(f"{name}: ")
    assert " ".join(get_lora_fields()[name].help.split()) in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80


def test_a_foreign_spelling_leads_to_the_field_and_says_whose_it_is() -> None:
    said, _, page = run("lora_rank").partition("\n\n")
    assert page == run("r")
    assert said.startswith("lora_rank is r of LoraConfig in the files of ")
    assert "LLaMA-Factory" in said
    assert run("R").endswith(run("r"))


INNER = [
    f"{outer.name}.{name}"
    for outer in get_lora_fields().values()
    for name in get_sub_config_fields(outer.config or "")
]


@pytest.mark.parametrize("path", INNER)
def test_every_field_of_a_sub_config_has_its_page(path: str) -> None:
    text = run(path)
    assert text.startswith(f"{path}: ")
    assert max(map(len, text.splitlines())) <= 80
    assert json.loads(run(path, "--format", "json"))["field"]["name"] == path
    outer, _, name = path.partition(".")
    assert f"  {name}: " in run(outer)


OWN = sorted(
    {key.name for tool in iter_tools() for key in tool.keys if pages.find_field(key.name) is None}
)


@pytest.mark.parametrize("name", OWN)
def test_every_key_of_a_tool_s_own_has_a_page(name: str) -> None:
    text = run(name)
    named = [tool for tool in iter_tools() if any(key.name == name for key in tool.keys)]
    for tool in named:
        assert tool.title.partition(" (")[0] in text
    told = json.loads(run(name, "--format", "json"))
    SCHEMA.validate(told)
    assert len(told["key"]["tools"]) == len(named)


@pytest.mark.parametrize(
    ("topic", "meant"),
    [
        ("lora_alhpa", "lora_alpha"),
        ("eva_config.rhoo", "eva_config.rho"),
        ("lora_target_linera", "lora_target_linear"),
        ("freeze_vits", "freeze_vit"),
    ],
)
def test_a_slip_is_asked_about_and_not_taken_for_its_neighbour(topic: str, meant: str) -> None:
    text = run(topic, status=2)
    assert "no field" in text
    assert f"did you mean {meant}" in text


def test_a_field_that_peft_has_dropped_is_said_to_be_gone() -> None:
    assert "none since 0.3.0" in run("enable_lora", status=2)


def test_all_fields_are_listed_for_the_class() -> None:
    text = run("LoraConfig")
    for name in get_lora_fields():
        assert f"\n  {name} " in text


def test_a_field_s_page_tells_of_tools_and_of_real_configs() -> None:
    text = run("lora_alpha")
    assert "LLaMA-Factory" in text
    assert "twice lora_rank" in text
    assert "public repositories set it" in text
    assert "use_rslora" in text
    assert "LC303" in text


def test_every_tool_s_rank_is_told_as_its_key_map_has_it() -> None:
    told = {(one.tool, one.key.rpartition(".")[2]) for one in find_spellings("r")}
    maps = {
        (tool.title.partition(" (")[0], key.name)
        for tool in iter_tools()
        for key in tool.keys
        if key.field == "r"
    }
    assert told == maps
    assert len(told) >= 15


def test_the_numbers_of_real_configs_hold_together() -> None:
    for name in get_lora_fields():
        found = find_usage(name)
        if found is None:
            continue
        assert 0 < found.repositories <= found.of
        assert all(0 < number <= found.repositories for _, number in found.values)
        assert list(found.values) == sorted(found.values, key=lambda pair: (-pair[1], pair[0]))
    rank = find_usage("r")
    assert rank is not None
    assert dict(rank.values)["16"] > 10


def test_interplay_is_of_fields_that_are() -> None:
    assert set(INTERPLAY) <= set(get_lora_fields())


def test_a_page_as_json() -> None:
    data = json.loads(run("--format", "json", "lora_alpha"))
    assert (data["version"], data["kind"]) == (1, "field")
    assert data["field"]["default"] == 8
    assert json.loads(run("--format", "json", "LC202"))["rule"]["name"] == "target-entry-dead"


def test_an_unknown_topic_is_one_clear_error() -> None:
    text = run("zzz_no_such_thing", status=2)
    assert "is no file, no rule, no field and no model" in text
    assert "is not bundled" in run("nobody/no-such-model", status=2)


@pytest.mark.parametrize(
    ("topic", "meant"),
    [
        ("qwen3-8b", "Qwen/Qwen3-8B"),
        ("Qwen/Qwen3_8B", "Qwen/Qwen3-8B"),
        ("target-entry-ded", "target-entry-dead"),
        ("examples/phi3_llama_name.json", "examples/phi3_llama_names.json"),
    ],
)
def test_what_may_have_been_meant_is_said_and_not_taken(
    topic: str, meant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    text = run(topic, status=2)
    assert "did you mean" in text
    assert meant in text


def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    assert "has no config.json" in run(str(tmp_path), status=2)
