"""Findings speak the file's own language, and one slip gives one finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.findings import Finding
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

CODES = frozenset(rule.code for rule in list_all_rules())
AXOLOTL = "base_model: Qwen/Qwen2.5-7B\nadapter: lora\nsequence_len: 2048\n"
FACTORY = "model_name_or_path: Qwen/Qwen2.5-7B\nstage: sft\ndo_train: true\nfinetuning_type: lora\n"
TRL = "model_name_or_path: Qwen/Qwen2.5-7B\nuse_peft: true\n"
OUMI = "model:\n  model_name: Qwen/Qwen2.5-7B\ntraining:\n  use_peft: true\npeft:\n"


def findings(tmp_path: Path, text: str) -> list[Finding]:
    path = tmp_path / "config.yaml"
    path.write_text(text, "utf-8")
    found = check_file(str(path), path.name, LintSettings(CODES)).findings
    return [one for one in found if one.severity != "note"]


SPELLED = [
    (AXOLOTL + "lora_r: 0\nlora_alpha: 16\nlora_target_modules: [q_proj]\n", "`lora_r` is 0"),
    (FACTORY + "lora_rank: '8'\nlora_alpha: 16\nlora_target: q_proj\n", "`lora_rank` is '8'"),
    (OUMI + "  lora_r: 8\n  lora_bias: All\n  lora_target_modules: [q_proj]\n", "`lora_bias` is"),
]


@pytest.mark.parametrize(("text", "said"), SPELLED)
def test_the_message_has_the_key_of_the_file(tmp_path: Path, text: str, said: str) -> None:
    (found,) = findings(tmp_path, text)
    assert found.message.startswith(said)


EVERY = [
    (FACTORY + "lora_rank: 8\nlora_target: nothing_here\n", "`lora_target: all`"),
    (
        AXOLOTL + "lora_r: 8\nlora_alpha: 16\nlora_target_modules: [nothing_here]\n",
        "`lora_target_linear: true`",
    ),
]


@pytest.mark.parametrize(("text", "advice"), EVERY)
def test_the_help_says_every_layer_as_the_tool_does(tmp_path: Path, text: str, advice: str) -> None:
    (found,) = findings(tmp_path, text)
    assert found.code == "LC201"
    assert advice in (found.help or "")


def test_what_peft_would_print_is_not_touched(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, EVERY[0][0])
    assert any(note.startswith("PEFT: Target modules") for note in found.notes)


ONE = [
    (FACTORY + "lora_rank: 0\n", "LC104"),
    (FACTORY + "lora_target: all-linear\n", "LC706"),
    (TRL + "r: 16\nlora_target_modules: [q_proj, v_proj]\n", "LC701"),
    (AXOLOTL + "lora_rank: 8\nlora_alpha: 16\nlora_target_linear: true\n", "LC701"),
    (AXOLOTL + "lora_r: 8\nlora_alpha: 16\nlora_target_moduels: [q_proj]\n", "LC701"),
    (TRL + "lora_r: 8\nlora_target_modules: [q_proj]\n", "LC703"),
    (TRL + "lora_r: 8\nlora_target_modules: q_proj,v_proj\n", "LC703"),
    (OUMI + "  lora_r: 8\n  lora_target_modules: q_proj,v_proj\n", "LC702"),
    (
        AXOLOTL + "lora_r: 8\nlora_alpha: 16\nlora_target_modules: 'q_proj,v_proj'\n"
        "peft_layers_to_transform: [1]\n",
        "LC102",
    ),
    (
        AXOLOTL + "lora_r: 8\nlora_alpha: 16\nlora_target_modules: [q_proj]\n"
        "peft_layers_to_transform: [999]\n",
        "LC201",
    ),
    (
        AXOLOTL + "lora_r: 8\nlora_alpha: 16\nlora_target_modules: [q_proj]\n"
        "peft_layers_to_transform: [0, -1]\n",
        "LC207",
    ),
    (
        "peft_type: LORA\nr: 8\nlora_alpha: 8\nbase_model_name_or_path: Qwen/Qwen2.5-7B\n"
        "target_modules: []\n",
        "LC105",
    ),
    (
        "peft_type: LORA\nr: 8\nlora_alpha: 8\nbase_model_name_or_path: Qwen/Qwen2.5-7B\n"
        "target_modules: dummy-target-modules\n",
        "LC103",
    ),
]


@pytest.mark.parametrize(("text", "code"), ONE)
def test_one_slip_gives_one_finding(tmp_path: Path, text: str, code: str) -> None:
    assert [one.code for one in findings(tmp_path, text)] == [code]


SWITCHES = [
    (AXOLOTL.replace("adapter", "adpater") + "lora_r: 8\nlora_alpha: 8\n", "`adpater`"),
    (OUMI.replace("use_peft", "use_petf") + "  lora_r: 8\n", "`use_petf`"),
    (TRL.replace("use_peft", "use_petf") + "lora_r: 8\n", "`use_petf`"),
    (FACTORY.replace("finetuning_type", "finetunning_type") + "lora_rank: 8\n", "`finetunning"),
]


@pytest.mark.parametrize(("text", "said"), SWITCHES)
def test_a_misspelt_switch_is_found(tmp_path: Path, text: str, said: str) -> None:
    told = [one for one in findings(tmp_path, text) if one.code == "LC701"]
    assert [one.message.startswith(said) for one in told] == [True]


def test_a_key_for_a_module_whose_weights_are_targets_is_told_as_such(tmp_path: Path) -> None:
    """The help, once written, gives rank 4 to the weights of all 32 layers (PEFT 0.21.2, run)."""
    text = (
        "base_model_name_or_path: mistralai/Mixtral-8x7B-v0.1\npeft_type: LORA\nr: 8\n"
        "lora_alpha: 8\ntarget_modules: [q_proj]\nrank_pattern: {mlp.experts: 4}\n"
        "target_parameters: [mlp.experts.gate_up_proj, mlp.experts.down_proj]\n"
    )
    (found,) = [one for one in findings(tmp_path, text) if one.code == "LC210"]
    assert found.message == "`mlp.experts` matches no module that LoRA wraps"
    assert found.help == r"for the 64 wrapped weights inside it write 'mlp.experts\..*'"
