"""`explain FOLDER` of a folder with several adapters, and the note of `check` about one."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.explain.schema import build_schema

ADAPTER = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2-0.5B",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["q_proj", "v_proj"],
}


def write(folder: Path, **adapters: dict[str, Any]) -> Path:
    for name, values in adapters.items():
        (folder / name).mkdir()
        text = json.dumps({**ADAPTER, **values})
        (folder / name / "adapter_config.json").write_text(text, "utf-8")
    return folder


def ask(*words: str | Path) -> Any:
    found = CliRunner().invoke(cli, [str(word) for word in words])
    assert found.exit_code == 0, found.output
    return found


def explain(folder: Path, *words: str) -> dict[str, Any]:
    found = json.loads(ask("explain", folder, "--format", "json", *words).stdout)
    jsonschema.Draft202012Validator(build_schema()).validate(found)
    report: dict[str, Any] = found["adapters"]
    return report


def test_adapters_of_other_ranks(tmp_path: Path) -> None:
    report = explain(write(tmp_path, de={}, fr={"r": 16}))
    assert [one["rank"] for one in report["adapters"]] == [8, 16]
    assert report["together"] == []
    assert "cat" in report["ways"]
    assert "linear" not in report["ways"]
    (refused,) = report["combined"]
    assert refused["ways"][:2] == ["linear", "ties"]
    assert report["swaps"] == 2
    text = ask("explain", tmp_path).output
    assert "target_rank=16" in text
    assert "each can take the place" in text


def test_what_cannot_be_on_one_model(tmp_path: Path) -> None:
    report = explain(write(tmp_path, a={"bias": "all"}, b={"bias": "all"}))
    assert "only 1 adapter with bias" in report["together"][0]["message"]
    report = explain(write(tmp_path, c={"base_model_name_or_path": "Qwen/Qwen2-7B"}))
    assert "2 base models" in report["together"][0]["message"]


def test_one_of_several_with_the_same_trouble_is_named(tmp_path: Path) -> None:
    write(tmp_path, a={"use_dora": True}, b={"use_dora": True}, c={"r": 16}, d={"r": 16})
    refused, lost = explain(tmp_path)["combined"]
    assert refused["message"].endswith("`a` has 8, `c` has 16")
    assert "`a` learnt" in lost["message"]


def test_swaps_and_the_release(tmp_path: Path) -> None:
    write(tmp_path, a={}, b={"lora_dropout": 0.1}, c={"lora_dropout": 0.1})
    report = explain(tmp_path)
    assert report["swaps"] == 2
    assert len(report["swapped"]) == 1
    assert explain(tmp_path, "--peft", "0.13")["swaps"] == 0


def test_one_note_of_a_folder_that_is_named(tmp_path: Path) -> None:
    write(tmp_path, de={}, fr={"r": 16})
    note = "with linear, ties, dare_ties, dare_linear, magnitude_prune (it needs adapters of one"
    assert ask("check", "--no-cache", tmp_path).stderr.count(note) == 1
    assert note not in ask("check", "--no-cache", tmp_path / "de").stderr
    assert note not in ask("check", "--no-cache", "-q", tmp_path).stderr


@pytest.mark.parametrize("others", [{}, {"base_model_name_or_path": "Qwen/Qwen2-7B", "r": 16}])
def test_no_note_where_nothing_stands_in_the_way(tmp_path: Path, others: dict[str, Any]) -> None:
    write(tmp_path, one={}, two=others)
    assert "adapters of" not in ask("check", "--no-cache", tmp_path).stderr


def test_what_is_no_adapter_or_leads_away(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    write(tmp_path, away={})
    write(inside, a={}, b={"peft_type": "IA3"}, c={})
    (inside / "d").mkdir()
    (inside / "d" / "adapter_config.json").write_text("{", "utf-8")
    (inside / ".git").mkdir()  # the repository ends here
    os.symlink(tmp_path / "away", inside / "e")
    assert [one["name"] for one in explain(inside)["adapters"]] == ["a", "c"]


def test_what_llama_export_lora_does_not_merge_in_one_call(tmp_path: Path) -> None:
    assert explain(write(tmp_path, a={}, b={"r": 16}))["exported"] == []
    assert "llama-export-lora" not in ask("explain", tmp_path).output
    write(tmp_path, c={"target_modules": ["q_proj", "k_proj"]})
    (refused,) = explain(tmp_path)["exported"]
    assert refused["raises"]
    assert "of `a` and `c` only `c` has LoRA on `model.layers.0.self_attn.k_proj`" in " ".join(
        refused["message"].split()
    )
    assert "Merged in one call (llama-export-lora)" in ask("explain", tmp_path).output
