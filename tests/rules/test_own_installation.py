"""A notebook that installs a library itself does not run with the release that its project pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = """\
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
from trl import SFTConfig, SFTTrainer
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-0.6B", quantization_config=bits)
model = get_peft_model(model, LoraConfig(r=8, task_type="CAUSAL_LM", target_modules=["q_proj"]))
SFTTrainer(model=model, args=SFTConfig("out"), train_dataset=data).train()
"""


@pytest.mark.parametrize(
    ("line", "fires"),
    [
        ("", True),
        ("!pip install -U peft trl-extras\n", True),
        ("!pip install -U transformers peft trl\n", False),
        ("!pip install -q 'trl==0.24.0'\n", False),
    ],
)
def test_pins_of_the_project(line: str, fires: bool, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("trl==0.22.2\n")
    path = tmp_path / "train.py"
    path.write_text(line + SCRIPT)
    found = check_file(str(path), "train.py", LintSettings(frozenset({"LC151"}))).findings
    assert bool(found) == fires
