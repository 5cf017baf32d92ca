"""`loracheck explain`: pages of rules and fields, and the report of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.config.facts import fields
from loracheck.explain.file import rows
from loracheck.pipeline import Job, cases
from loracheck.rules import catalogue

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, ["explain", *arguments])
    assert result.exit_code == status, result.output
    return result.output


@pytest.mark.parametrize("rule", catalogue(), ids=lambda rule: rule.code)
def test_every_rule_has_its_page_by_code_and_by_name(rule: object) -> None:
    code, name = rule.code, rule.name  # type: ignore[attr-defined]
    assert run(code) == run(code.lower()) == run(name)
    assert run(code).startswith(f"{code} {name}")


@pytest.mark.parametrize("name", fields())
def test_every_field_has_its_page(name: str) -> None:
    text = run(name)
    assert text.startswith(f"{name}: ")
    assert fields()[name].help in text


def test_a_foreign_spelling_leads_to_the_field() -> None:
    assert run("lora_rank") == run("r")


def test_a_file_is_told_in_peft_s_numbers() -> None:
    text = run(str(EXAMPLES / "qwen2_clean.json"))
    assert "LoRA reaches 196 of 196 linear layers" in text
    assert "trainable: 40,370,176 of 7,655,986,688 parameters (0.5273 %)" in text
    assert max(map(len, text.splitlines()[2:])) <= 100


def test_a_file_names_what_has_no_effect() -> None:
    text = run(str(EXAMPLES / "phi3_llama_names.json"))
    assert "LoRA reaches 64 of 128 linear layers" in text
    assert "target_modules: `q_proj` has no effect" in text


def test_the_rows_add_up_to_the_plan() -> None:
    (case,) = cases(str(EXAMPLES / "qwen2_clean.json"), Job(frozenset()))
    assert case.plan is not None
    assert case.tree is not None
    found = rows(case.plan, case.tree)
    assert sum(row.parameters for row in found) == case.plan.trainable
    assert sum(row.adapted for row in found) == case.plan.targeted


def test_an_unknown_topic_is_one_clear_error() -> None:
    assert "is no rule, no field and no file" in run("zzz_no_such_thing", status=2)
