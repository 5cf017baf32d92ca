"""A config whose model is one of several: only what is wrong with each of them is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.findings import Finding
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

HEAD = """import sys
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
QWEN, LLAMA, GPT = "Qwen/Qwen2.5-7B", "meta-llama/Llama-2-7b-hf", "openai-community/gpt2"
"""
TAIL = """
model = AutoModelForCausalLM.from_pretrained({0})
model = get_peft_model(model, LoraConfig(r=8, target_modules={1}))
"""
SLIP = "['q_proj', 'qkv_out']"


def find_problems(folder: Path, script: str) -> dict[str, Finding]:
    """The findings of a script by their codes, without the note on the model."""
    path = folder / "train.py"
    path.write_text(script)
    codes = frozenset(rule.code for rule in list_all_rules())
    found = check_file(str(path), path.name, LintSettings(codes)).findings
    assert any(one.code == "LC003" for one in found)
    return {one.code: one for one in found if one.severity != "note"}


@pytest.mark.parametrize(
    "script",
    [
        TAIL.format("QWEN if sys.argv[1] else LLAMA", SLIP),
        "name = QWEN\nif sys.argv[1]:\n    name = LLAMA\n" + TAIL.format("name", SLIP),
        "if sys.argv[1]:\n    name = QWEN\nelse:\n    name = LLAMA\n" + TAIL.format("name", SLIP),
        'MODELS = {"q": QWEN, "l": LLAMA}\n' + TAIL.format("MODELS[sys.argv[1]]", SLIP),
        "for name in [QWEN, LLAMA]:" + TAIL.format("name", SLIP).replace("\n", "\n    "),
        "def run(name):" + TAIL.format("name", SLIP).replace("\n", "\n    ") + "\nrun(QWEN)"
        "\nrun(LLAMA)",
        "if sys.argv[1]:"
        + TAIL.format("QWEN", SLIP).rpartition("\nmodel")[0].replace("\n", "\n    ")
        + "\nelse:"
        + TAIL.format("LLAMA", SLIP).rpartition("\nmodel")[0].replace("\n", "\n    ")
        + "\nmodel = get_peft_model(model, LoraConfig(r=8, target_modules=['q_proj', 'qkv_out']))",
    ],
)
def test_what_is_wrong_with_each_model_is_told(tmp_path: Path, script: str) -> None:
    found = find_problems(tmp_path, HEAD + script)
    assert found.keys() == {"LC202"}
    note = "so with each of Qwen/Qwen2.5-7B and meta-llama/Llama-2-7b-hf"
    assert found["LC202"].notes == (note,)


@pytest.mark.parametrize(
    "script",
    [
        # gpt2 has no q_proj, and Qwen has
        TAIL.format("QWEN if sys.argv[1] else GPT", "['q_proj']"),
        TAIL.format("QWEN if sys.argv[1] else GPT", "['c_attn']"),
        # one of the models may be any, or is not known
        TAIL.format("QWEN if sys.argv[1] else 'nobody/knows-this'", SLIP),
        "import os\nname = os.environ.get('A', QWEN) if sys.argv[1] else LLAMA\n"
        + TAIL.format("name", SLIP),
        "MODELS = {str(i): QWEN for i in sys.argv}\n" + TAIL.format("MODELS['1']", SLIP),
        "MODELS = {'a': QWEN, 'b': LLAMA}\nMODELS.update(x)\n"
        + TAIL.format("MODELS[sys.argv[1]]", SLIP),
        "for name in sys.argv:" + TAIL.format("name", SLIP).replace("\n", "\n    "),
    ],
)
def test_where_they_differ_nothing_is_said(tmp_path: Path, script: str) -> None:
    assert find_problems(tmp_path, HEAD + script) == {}


def test_more_than_eight_models_are_not_looked_at(tmp_path: Path) -> None:
    names = [f"Qwen/Qwen2.5-{size}" for size in ("0.5B", "1.5B", "3B", "7B", "14B", "32B", "72B")]
    names += ["meta-llama/Llama-2-7b-hf", "meta-llama/Llama-2-13b-hf"]
    for number, codes in ((8, {"LC202"}), (9, set[str]())):
        script = f"NAMES = {names[:number]}\n" + TAIL.format("NAMES[int(sys.argv[1])]", SLIP)
        assert find_problems(tmp_path, HEAD + script).keys() == codes
