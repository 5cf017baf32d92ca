"""Folders that scripts and commands take for adapters or models: LC180 and LC726."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes

ADAPTER = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["q_proj", "v_proj"],
}
LOAD = """from peft import PeftModel
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = PeftModel.from_pretrained(base, model_id="out")
"""


def tell(path: Path, text: str, code: str) -> list[str]:
    """The messages of one rule about a file with this text, with their help."""
    path.write_text(text, "utf-8")
    result = check_file(str(path), path.name, LintSettings(select_codes((code,))))
    return [f"{one.message}\n{one.help}" for one in result.findings]


def save_adapter(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps(ADAPTER), "utf-8")


def test_the_last_checkpoint_is_named(tmp_path: Path) -> None:
    for number in (9, 100, 20):
        save_adapter(tmp_path / "out" / f"checkpoint-{number}")
    (tmp_path / "out" / "checkpoint-200").mkdir()
    told = tell(tmp_path / "infer.py", LOAD, "LC180")
    assert len(told) == 1
    assert "holds checkpoints and no adapter_config.json" in told[0]
    assert "out/checkpoint-100" in told[0]


def test_a_script_that_saves_or_a_folder_with_its_config_is_not_told(tmp_path: Path) -> None:
    save_adapter(tmp_path / "out" / "checkpoint-9")
    assert not tell(tmp_path / "both.py", f"{LOAD}trainer.save_model('out')\n", "LC180")
    (tmp_path / "out" / "adapter_config.json").write_text(json.dumps(ADAPTER), "utf-8")
    assert not tell(tmp_path / "infer.py", LOAD, "LC180")


def test_a_merged_model_is_no_adapter(tmp_path: Path) -> None:
    folder = tmp_path / "merged"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "qwen2"}', "utf-8")
    command = "vllm serve Qwen/Qwen2.5-7B --enable-lora --lora-modules style=merged\n"
    assert not tell(tmp_path / "serve.sh", command, "LC726")
    (folder / "model.safetensors").write_bytes(b"")
    assert "`merged` holds a whole model" in tell(tmp_path / "serve.sh", command, "LC726")[0]


def test_an_adapter_with_its_models_config_may_be_a_model(tmp_path: Path) -> None:
    save_adapter(tmp_path / "style")
    command = "vllm serve style --port 8000  # LoRA\n"
    assert "vLLM stops" in tell(tmp_path / "serve.sh", command, "LC726")[0]
    (tmp_path / "style" / "config.json").write_text('{"model_type": "qwen2"}', "utf-8")
    assert not tell(tmp_path / "serve.sh", command, "LC726")


TOKENIZER = """from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("style", trust_remote_code=True)
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen-VL-Chat", trust_remote_code=True)
model = PeftModel.from_pretrained(base, "style")
"""


@pytest.mark.parametrize(
    ("auto_map", "told"),
    [
        ({"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", None]}, 1),
        (["tokenization_chatglm.ChatGLMTokenizer", None], 1),
        ({"AutoTokenizer": ["Qwen/Qwen-VL-Chat--tokenization_qwen.QWenTokenizer", None]}, 0),
        ({}, 0),
    ],
)
def test_code_of_a_tokenizer_that_was_left_behind(
    tmp_path: Path, auto_map: object, told: int
) -> None:
    save_adapter(tmp_path / "style")
    path = tmp_path / "style" / "tokenizer_config.json"
    path.write_text(json.dumps({"auto_map": auto_map}), "utf-8")
    found = tell(tmp_path / "infer.py", TOKENIZER, "LC139")
    assert len(found) == told
    assert all("load the tokenizer from the base model" in one for one in found)


def test_code_that_was_copied_is_found(tmp_path: Path) -> None:
    save_adapter(tmp_path / "style")
    auto_map = {"AutoTokenizer": ["tokenization_qwen.QWenTokenizer", None]}
    path = tmp_path / "style" / "tokenizer_config.json"
    path.write_text(json.dumps({"auto_map": auto_map}), "utf-8")
    model = TOKENIZER.replace("AutoTokenizer.from", "AutoPeftModelForCausalLM.from")
    model = model.replace("PeftModel\n", "AutoPeftModelForCausalLM, PeftModel\n", 1)
    assert tell(tmp_path / "infer.py", model, "LC139")
    (tmp_path / "style" / "tokenization_qwen.py").write_text("", "utf-8")
    assert not tell(tmp_path / "infer.py", TOKENIZER, "LC139")
