"""What `--serve` says of configs, release by release; cases.json holds the cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loracheck import engines
from loracheck.cli import cli
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

CASES: list[dict[str, Any]] = json.loads(Path(__file__).with_name("cases.json").read_text())
BASE = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"]}


def spoken(config: dict[str, Any], serve: str, model: str, **options: Any) -> list[Any]:
    text = json.dumps({**BASE, "base_model_name_or_path": model, **config})
    job = LintSettings(select_codes(("LC5",)), serve=(serve,), options=options)
    return list(
        check_file("adapter_config.json", "adapter_config.json", job, text.encode()).findings
    )


@pytest.mark.parametrize("case", CASES, ids=[f"{c['serve']}-{c['config']}" for c in CASES])
def test_the_engine_says_what_its_sources_say(case: dict[str, Any]) -> None:
    found = spoken(case["config"], case["serve"], case.get("model", "Qwen/Qwen2.5-7B"))
    assert [f"{f.code} {f.severity}" for f in found] == case["found"]
    words = " ".join(f"{f.message} {f.help}" for f in found)
    assert case.get("says", "") in words


@pytest.mark.parametrize(
    ("engine", "model", "leaf", "known"),
    [
        ("sglang==0.5.23", "LlamaForCausalLM", "q_proj", True),
        ("sglang==0.5.23", "LlamaForCausalLM", "gate", True),
        ("sglang==0.5.23", "NemotronHForCausalLM", "q_proj", False),
        ("sglang==0.5.23", "Qwen3_5ForCausalLM", "in_proj_a", True),
        ("sglang==0.5.23", None, "q_proj", False),
        ("sglang==0.5.15", "LlamaForCausalLM", "q_proj", True),
        ("vllm", "LlamaForCausalLM", "q_proj", True),
        ("vllm", "LlamaForCausalLM", "in_proj_a", False),
        ("lorax", "LlamaForCausalLM", "q_proj", False),
        ("peft", "LlamaForCausalLM", "in_proj_a", True),
    ],
)
def test_a_layer_is_known_where_a_list_or_a_fact_speaks_of_it(
    engine: str, model: str | None, leaf: str, known: bool
) -> None:
    trait = engines.Trait("module", "target_modules", leaf)
    found = engines.find_unchecked(engines.parse_engine(engine), [trait], model)
    assert (found == []) == known


def test_nothing_is_said_without_the_option() -> None:
    text = json.dumps({**BASE, "r": 1024, "use_dora": True, "modules_to_save": ["lm_head"]})
    job = LintSettings(select_codes(("LC5",)))
    assert not check_file("adapter_config.json", "a", job, text.encode()).findings


def test_the_rank_that_the_server_is_started_with_counts() -> None:
    settings = {"LC501": {"max-rank": 64}}
    assert not spoken({"r": 64}, "vllm", "Qwen/Qwen2.5-7B", **settings)
    (found,) = spoken({"r": 65}, "vllm", "Qwen/Qwen2.5-7B", **settings)
    assert found.severity == "error"
    assert "64" in found.message


def test_what_is_not_known_at_run_time_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(
        "import sys\nfrom peft import LoraConfig\n"
        "LoraConfig(r=int(sys.argv[1]), use_dora=flag(), target_modules=names())\n"
    )
    job = LintSettings(select_codes(("LC5",)), serve=tuple(engines.list_engine_names()))
    codes = {f.code for f in check_file(str(file), "train.py", job).findings}
    assert codes == {"LC502"}  # mlx-lm takes no adapter of PEFT's, whatever it holds


@pytest.mark.parametrize(
    ("text", "version"),
    [("vllm==0.11", "0.11.2"), ("vLLM==v0.11.0", "0.11.0"), ("vllm==0.15", "0.14.1"),
     ("vllm == 0.10.2", "0.10.2"), ("vllm", "0.33.0"), ("vllm==9", "0.33.0"), ("llamacpp", None)],
)  # fmt: skip
def test_a_release_is_judged_by_the_nearest_one_that_was_read(
    text: str, version: str | None
) -> None:
    assert engines.parse_engine(text).version == version


@pytest.mark.parametrize("text", ["vlm", "", "vllm==latest", "vllm==0.1", "vllm=0.11"])
def test_what_is_not_known_is_a_usage_error_that_lists_what_is(text: str, tmp_path: Path) -> None:
    file = tmp_path / "adapter_config.json"
    file.write_text(json.dumps(BASE))
    result = CliRunner().invoke(cli, ["check", str(file), "--serve", text])
    assert result.exit_code == 2
    assert "vllm" in result.output


def test_a_newer_release_is_told(tmp_path: Path) -> None:
    file = tmp_path / "adapter_config.json"
    file.write_text(json.dumps(BASE))
    result = CliRunner().invoke(cli, ["check", str(file), "--serve", "vllm==9.1", "--isolated"])
    assert "the newest that loracheck knows is 0.33.0" in result.output


def test_the_settings_file_names_engines(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps({**BASE, "use_dora": True}))
    settings = tmp_path / "loracheck.toml"
    settings.write_text('serve = ["vllm==0.11"]\n')
    result = CliRunner().invoke(cli, ["check", str(tmp_path)])
    assert "LC502" in result.output
    settings.write_text('serve = ["vlm"]\n')
    result = CliRunner().invoke(cli, ["check", str(tmp_path)])
    assert result.exit_code == 2
    assert "loracheck.toml:1:1" in result.output


def test_a_tool_with_patterns_of_its_own_writes_names(tmp_path: Path) -> None:
    file = tmp_path / "train.yaml"
    file.write_text(
        "model:\n  pretrained_model_name_or_path: Qwen/Qwen2.5-7B\n"
        "peft:\n  _target_: nemo_automodel.components._peft.lora.PeftConfig\n"
        "  target_modules: '*_proj'\n  dim: 8\n  alpha: 16\n"
    )
    outcome = check_file(str(file), "a", LintSettings(select_codes(("LC5",)), serve=("sglang",)))
    assert len(outcome.settings) == 1
    assert outcome.findings == ()
