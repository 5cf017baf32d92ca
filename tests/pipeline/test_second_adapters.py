"""A second adapter on a model: PEFT itself says which names it finds there."""

from __future__ import annotations

import warnings

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

transformers = pytest.importorskip("transformers")
peft = pytest.importorskip("peft")

SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))
BEGINNING = """
from peft import LoraConfig, LoraModel, PeftModel, get_peft_model, inject_adapter_in_model
from transformers import AutoModelForCausalLM

base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
first = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
"""
TINY = transformers.Qwen2Config(
    hidden_size=8,
    intermediate_size=8,
    num_hidden_layers=2,
    num_attention_heads=2,
    num_key_value_heads=2,
    vocab_size=16,
)
ADD = "model = get_peft_model(base, first)\nmodel.add_adapter('second', LoraConfig({}))"
PUT = "model = get_peft_model(base, first)\nmodel = get_peft_model(model, LoraConfig({}))"
LOW = "model = LoraModel(base, first, 'default')\nmodel = get_peft_model(model, LoraConfig({}))"
INJECT = "inject_adapter_in_model(first, base)\nmodel = get_peft_model(base, LoraConfig({}))"
TAKEN_OFF = (
    "model = get_peft_model(base, first).merge_and_unload()\n"
    "model = get_peft_model(model, LoraConfig({}))"
)
TWICE = (
    "model = get_peft_model(base, first)\nmodel = get_peft_model(model, first)\n"
    "model = get_peft_model(model, LoraConfig({}))"
)
EVERY = (ADD, PUT, LOW, INJECT, TAKEN_OFF, TWICE)
TARGETS = (
    "target_modules=['v_proj']",
    "target_modules=['model.layers.0.self_attn.v_proj']",
    r"target_modules=r'model\.layers\.\d\.self_attn\.v_proj'",
    r"target_modules=r'model\.model\.layers\.\d\.self_attn\.v_proj'",
    r"target_modules=r'base_model\.model\.model\.layers\.\d\.self_attn\.v_proj'",
    r"target_modules=r'.*\.v_proj'",
    "target_modules=['base_model.model.model.layers.0.self_attn.v_proj']",
    "target_modules=['query']",
    "target_modules='all-linear'",
    "r=4",
)


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("way", EVERY)
def test_peft_finds_the_same_names(way: str, targets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    script = BEGINNING + way.format(targets)
    auto = transformers.AutoModelForCausalLM
    monkeypatch.setattr(auto, "from_pretrained", lambda _: auto.from_config(TINY))
    refused = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            exec(compile(script, "script.py", "exec"), {})
    except ValueError:
        refused = True
    findings = check_file("script.py", "script.py", SETTINGS, script).findings
    assert any(one.severity == "error" for one in findings) == refused, findings
