"""Saved adapters that a script loads: PEFT loads really saved ones, and judges what is said."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.results import FileResult
from loracheck.rules import list_all_rules

transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))
SIZES: dict[str, Any] = {
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": 16,
}
QWEN = transformers.Qwen2Config(num_key_value_heads=2, pad_token_id=0, **SIZES)
BERT = transformers.BertConfig(**SIZES)
ON_QWEN = """
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import {auto}
base = {auto}.from_pretrained("Qwen/Qwen2.5-7B")
"""
LOAD = 'PeftModel.from_pretrained(base, "out/adapter")\n'
LOAD_SECOND = (
    'model = get_peft_model(base, LoraConfig(target_modules=["q_proj"]))\n'
    'model.load_adapter("out/adapter", adapter_name="second")\n'
)


def save(folder: Path, model: Any, base: str, **fields: Any) -> None:
    config = peft.LoraConfig(r=2, **fields)
    wrapped = peft.get_peft_model(model, config)
    wrapped.peft_config["default"].base_model_name_or_path = base
    wrapped.save_pretrained(folder / "out" / "adapter")


def check(folder: Path, text: str) -> FileResult:
    path = folder / "load.py"
    path.write_text(text)
    return check_file(str(path), "load.py", SETTINGS)


def load(
    folder: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[Exception | None, list[str]]:
    """What PEFT raised, and its warnings, as the script is run."""
    for name in ("AutoModelForCausalLM", "AutoModelForSequenceClassification"):
        auto = getattr(transformers, name)
        make = lambda _, auto=auto: auto.from_config(QWEN)  # noqa: E731
        monkeypatch.setattr(auto, "from_pretrained", make)
    monkeypatch.chdir(folder)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            exec(compile(text, "load.py", "exec"), {})
        except (ValueError, TypeError) as error:
            return error, []
    return None, [str(one.message) for one in said]


@pytest.mark.parametrize("way", [LOAD, LOAD_SECOND], ids=["from_pretrained", "load_adapter"])
def test_an_adapter_of_another_model(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, transformers.BertModel(BERT), "bert-base-uncased", target_modules=["query"])
    text = ON_QWEN.format(auto="AutoModelForCausalLM") + way
    error, _ = load(tmp_path, text, monkeypatch)
    assert "not found in the base model" in str(error)
    (finding,) = check(tmp_path, text).findings
    line = text.splitlines().index(way.splitlines()[-1]) + 1
    assert (finding.code, finding.span.line) == ("LC201", line)
    assert finding.message.startswith("out/adapter/adapter_config.json: ")
    assert finding.help == "load it on bert-base-uncased, which it was trained on"


@pytest.mark.parametrize("way", [LOAD, LOAD_SECOND], ids=["from_pretrained", "load_adapter"])
def test_an_adapter_of_the_same_model(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = transformers.Qwen2ForCausalLM(QWEN)
    save(tmp_path, model, "Qwen/Qwen2.5-7B", target_modules=["q_proj"], task_type="CAUSAL_LM")
    text = ON_QWEN.format(auto="AutoModelForCausalLM") + way
    error, _ = load(tmp_path, text, monkeypatch)
    assert error is None
    assert check(tmp_path, text).findings == ()


def test_a_classifier_s_adapter_on_the_language_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = transformers.Qwen2ForSequenceClassification(QWEN)
    saved = {"modules_to_save": ["score"], "target_modules": ["q_proj"]}
    save(tmp_path, model, "Qwen/Qwen2.5-7B", **saved)
    text = ON_QWEN.format(auto="AutoModelForCausalLM") + LOAD
    error, said = load(tmp_path, text, monkeypatch)
    assert error is None and not any("score" in one for one in said)
    (finding,) = check(tmp_path, text).findings
    assert finding.code == "LC401"
    right = ON_QWEN.format(auto="AutoModelForSequenceClassification") + LOAD
    assert check(tmp_path, right).findings == ()


@pytest.mark.parametrize(
    "folder", ["../adapter", "/out/adapter", "out/../../adapter", "link", "missing", "out\0", ""]
)
def test_only_what_lies_below_the_script_is_read(folder: str, tmp_path: Path) -> None:
    inside = tmp_path / "repository"
    (inside / ".git").mkdir(parents=True)
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "adapter_config.json").write_text(
        '{"peft_type": "LORA", "target_modules": ["query"]}'
    )
    (inside / "link").symlink_to(tmp_path / "adapter")
    way = f"PeftModel.from_pretrained(base, {folder!r})\n"
    text = ON_QWEN.format(auto="AutoModelForCausalLM") + way
    assert check(inside, text).findings == ()


@pytest.mark.parametrize(
    "way",
    [
        'PeftModel.from_pretrained(base, "out/adapter", subfolder="x")',
        "PeftModel.from_pretrained(base, folder)",
        'PeftModel.from_pretrained(other(), "out/adapter")',
        'PeftModel.from_pretrained(get_peft_model(base, LoraConfig(r=8)), "out/adapter")',
    ],
)
def test_nothing_is_said_of_what_is_not_known(way: str, tmp_path: Path) -> None:
    save(tmp_path, transformers.BertModel(BERT), "bert-base-uncased", target_modules=["query"])
    text = ON_QWEN.format(auto="AutoModelForCausalLM") + way
    codes = {finding.code for finding in check(tmp_path, text).findings}
    assert "LC201" not in codes
