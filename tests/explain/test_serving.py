"""What `explain` says of engines: yes only where all was read, in text, HTML and JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loracheck.cli import cli

PLAIN = {"peft_type": "LORA", "r": 16, "lora_alpha": 32, "target_modules": ["q_proj", "v_proj"]}
LLAMA = {**PLAIN, "base_model_name_or_path": "meta-llama/Llama-3.1-8B"}
CASES: list[tuple[dict[str, Any], str, str, list[str]]] = [
    (LLAMA, "vllm==0.33.0", "takes", []),
    ({**LLAMA, "use_rslora": True}, "vllm==0.33.0", "takes", []),
    ({**LLAMA, "r": 64}, "vllm==0.33.0", "takes with an option", []),
    ({**LLAMA, "use_dora": True}, "vllm==0.33.0", "refuses", []),
    (
        {**LLAMA, "layers_to_transform": [0]},
        "vllm==0.33.0",
        "nothing known against",
        ["`layers_to_transform`"],
    ),
    (
        {**PLAIN, "base_model_name_or_path": "someone/a-model-that-nobody-knows"},
        "vllm==0.33.0",
        "nothing known against",
        ["whether it serves this model", "`target_modules`"],
    ),
    (
        {
            **PLAIN,
            "base_model_name_or_path": "Qwen/Qwen3-30B-A3B",
            "target_parameters": ["mlp.experts.gate_up_proj", "mlp.experts.down_proj"],
        },
        "vllm==0.33.0",
        "takes with an option",
        [],
    ),
]


@pytest.mark.parametrize(
    ("config", "engine", "verdict", "unchecked"), CASES, ids=[f"{c[2]}-{c[3]}" for c in CASES]
)
def test_yes_is_said_only_of_what_was_read(
    tmp_path: Path, config: dict[str, Any], engine: str, verdict: str, unchecked: list[str]
) -> None:
    file = tmp_path / "adapter_config.json"
    file.write_text(json.dumps(config), "utf-8")
    (one,) = run_json(file, engine)["served"]
    assert one["verdict"] == verdict
    assert one["unchecked"] == unchecked
    text = run(str(file), "--serve", engine)
    page = tmp_path / "page.html"
    run(str(file), "--serve", engine, "--html", str(page))
    assert bool(re.search(r"vLLM 0.33.0 +yes$", text, re.MULTILINE)) == (verdict == "takes")
    assert ("<span>yes</span>" in page.read_text("utf-8")) == (verdict == "takes")
    for part in unchecked:
        plain = " ".join(text.split())
        assert "not checked" in plain and part in plain
        assert "not checked" in page.read_text("utf-8")


def test_a_model_of_diffusers_is_held_against_no_server_of_language_models(tmp_path: Path) -> None:
    file = tmp_path / "adapter_config.json"
    model = {"base_model_name_or_path": "black-forest-labs/FLUX.1-dev", "target_modules": ["to_q"]}
    file.write_text(json.dumps({**PLAIN, **model}), "utf-8")
    (found,) = json.loads(run(str(file), "--format", "json"))["settings"]
    assert [one["engine"] for one in found["served"]] == ["merge", "peft"]
    assert run_json(file, "vllm")["served"][0]["verdict"] == "nothing known against"


def run_json(file: Path, engine: str) -> dict[str, Any]:
    (found,) = json.loads(run(str(file), "--serve", engine, "--format", "json"))["settings"]
    assert isinstance(found, dict)
    return found


def run(*words: str) -> str:
    result = CliRunner().invoke(cli, ["explain", *words])
    assert result.exit_code == 0, result.output
    return result.output


def test_all_engines_are_asked_in_one_table(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({**LLAMA, "use_dora": True}), "utf-8")
    result = CliRunner().invoke(cli, ["check", str(tmp_path), "--serve", "all", "--isolated"])
    assert result.exit_code == 0, "a table is no finding"
    rows = {line.split()[0] for line in result.output.splitlines() if line.startswith("  ")}
    assert {"llama.cpp", "LMDeploy", "Ollama", "SGLang", "vLLM", "mlx-lm"} <= rows
    assert re.search(r"vLLM \S+ +no: DoRA is not supported", result.output)
    json_ = ["check", str(tmp_path), "--serve", "all", "--isolated", "--format", "json"]
    report = CliRunner().invoke(cli, json_)
    assert json.loads(report.stdout)["summary"]
    assert "DoRA is not supported" in report.stderr
    assert "Served by" in run(str(tmp_path / "adapter_config.json"), "--serve", "all")
    quiet = ["check", str(tmp_path), "--serve", "all", "--isolated", "-q"]
    assert "Served by" not in CliRunner().invoke(cli, quiet).output


def test_the_table_passes_over_what_sets_no_lora_up(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}", "utf-8")
    (tmp_path / "broken.json").write_text('{"peft_type": "LORA", ', "utf-8")
    result = CliRunner().invoke(cli, ["check", str(tmp_path), "--serve", "all", "--isolated"])
    assert "Served by" not in result.output
