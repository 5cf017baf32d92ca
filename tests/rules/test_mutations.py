"""Typical slips written into a clean config of every format, one at a time: each is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from bench.mutations.slips import ALL_SLIPS
from bench.mutations.trials import try_slips

FIELDS = {
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.05,
    "target_modules": ["q_proj", "v_proj"],
    "task_type": "CAUSAL_LM",
}
PYTHON = (
    "from peft import LoraConfig, get_peft_model\n"
    "from transformers import AutoModelForCausalLM\n"
    "model = AutoModelForCausalLM.from_pretrained('Qwen/Qwen2.5-7B')\n"
    "config = LoraConfig(\n"
    "    r=16,\n    lora_alpha=32,\n    lora_dropout=0.05,  # usual\n"
    "    target_modules=['q_proj', 'v_proj'],\n    task_type='CAUSAL_LM',\n)\n"
    "model = get_peft_model(model, config)\n"
)
AXOLOTL = (
    "base_model: Qwen/Qwen2.5-7B\nadapter: lora\nsequence_len: 2048\nlora_r: 16\n"
    "lora_alpha: 32\nlora_dropout: 0.05\nlora_target_modules:\n  - q_proj\n  - v_proj\n"
)
FACTORY = (
    "model_name_or_path: Qwen/Qwen2.5-7B\nstage: sft\nfinetuning_type: lora\nlora_rank: 16\n"
    "lora_alpha: 32\nlora_dropout: 0.05\nlora_target: q_proj,v_proj\n"
)


def _notebook(code: str) -> str:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": code.splitlines(True)}
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": [cell]}, indent=1)


CLEAN = {
    "adapter_config.json": json.dumps({"peft_type": "LORA", **FIELDS}, indent=2),
    "peft.yaml": yaml.safe_dump({"peft_type": "LORA", **FIELDS}),
    "train.py": PYTHON,
    "train.ipynb": _notebook(PYTHON),
    "axolotl.yaml": AXOLOTL,
    "llamafactory.yaml": FACTORY,
}


@pytest.mark.parametrize("slip", [slip.name for slip in ALL_SLIPS])
@pytest.mark.parametrize("name", CLEAN)
def test_the_slip_is_found(tmp_path: Path, name: str, slip: str) -> None:
    path = tmp_path / name
    path.write_text(CLEAN[name], "utf-8")
    tried = list(try_slips(path, name, {}, slip))
    assert [one.line for one in tried if not one.found or one.noted] == []


@pytest.mark.parametrize("name", CLEAN)
def test_most_slips_can_be_made(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(CLEAN[name], "utf-8")
    made = {one.slip for one in try_slips(path, name, {})}
    assert len(made) >= 12, {slip.name for slip in ALL_SLIPS} - made
