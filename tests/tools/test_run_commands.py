"""The model that a repository's shell scripts run a Python script with."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

SCRIPT = """import argparse
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--model_name_or_path")
args = parser.parse_args()
model = AutoModelForCausalLM.from_pretrained(args.model_name_or_path)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["c_attn"], task_type="CAUSAL_LM"))
"""


def tell(folder: Path, script: str, *commands: str) -> list[str]:
    """What is said of the targets of a script, with its notes, beside scripts that run it."""
    (folder / ".git").mkdir()
    (folder / "src").mkdir()
    (folder / "scripts").mkdir()
    for number, command in enumerate(commands):
        (folder / "scripts" / f"run_{number}.sh").write_text(f"{command}\n", "utf-8")
    path = folder / "src" / "train.py"
    path.write_text(script, "utf-8")
    result = check_file(str(path), path.name, LintSettings(select_codes(("LC201",))))
    return [f"{one.severity}: {one.message} {' '.join(one.notes)}" for one in result.findings]


def run(model: str, script: str = "src/train.py") -> str:
    return f"torchrun --nproc_per_node 2 {script} \\\n  --model_name_or_path {model} --lora true"


def test_the_model_of_the_command_is_taken(tmp_path: Path) -> None:
    (said,) = tell(tmp_path, SCRIPT, run("Qwen/Qwen2.5-7B"), run("Qwen/Qwen2.5-7B"))
    assert said.startswith("warning: none of the target modules is a module of Qwen2ForCausalLM")
    assert "run_0.sh runs the script with Qwen/Qwen2.5-7B" in said


@pytest.mark.parametrize(
    "commands",
    [
        [run("openai-community/gpt2")],
        [run("Qwen/Qwen2.5-7B"), run("openai-community/gpt2")],
        [run("Qwen/Qwen2.5-7B"), run("$MODEL")],
        [run("Qwen/Qwen2.5-7B", "src/other_train.py")],
        [run("Qwen/Qwen2.5-7B", "old/train.py")],
        ["echo train.py --model_name_or_path"],
        [],
    ],
)
def test_nothing_is_said_where_the_commands_leave_it_open(
    tmp_path: Path, commands: list[str]
) -> None:
    assert tell(tmp_path, SCRIPT, *commands) == []


def test_a_default_of_the_script_stays(tmp_path: Path) -> None:
    script = SCRIPT.replace('path")', 'path", default="openai-community/gpt2")')
    assert tell(tmp_path, script, run("Qwen/Qwen2.5-7B")) == []
