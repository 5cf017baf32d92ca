"""The configs that are measured: adapter_config.json as PEFT saves it, and configurations of
LLaMA-Factory, one in ten with a fault.
"""

from __future__ import annotations

import json
import random

MODELS = (
    "Qwen/Qwen2.5-7B",
    "Qwen/Qwen3-8B",
    "microsoft/Phi-3-mini-4k-instruct",
    "mistralai/Mistral-7B-v0.1",
    "google/gemma-2-9b-it",
)
NAMES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
PHI = ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]


def make_adapter_config(draw: random.Random, faulty: bool) -> str:
    """An adapter_config.json as PEFT saves it, about 700 bytes."""
    model = draw.choice(MODELS)
    known = PHI if "Phi-3" in model else NAMES
    names = draw.sample(known, draw.randint(2, len(known)))
    values = {
        "alpha_pattern": {},
        "auto_mapping": None,
        "base_model_name_or_path": model,
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
        "init_lora_weights": True,
        "layers_pattern": None,
        "layers_to_transform": None,
        "lora_alpha": draw.choice([16, 32, 64]),
        "lora_dropout": draw.choice([0.0, 0.05, 0.1]),
        "modules_to_save": None,
        "peft_type": "LORA",
        "r": draw.choice([8, 16, 32]),
        "rank_pattern": {},
        "revision": None,
        "target_modules": [*names, "no_such_proj"] if faulty else names,
        "task_type": "CAUSAL_LM",
        "use_dora": False,
        "use_rslora": False,
    }
    return json.dumps(values, indent=2) + "\n"


def make_recipe(draw: random.Random, faulty: bool) -> str:
    """A LLaMA-Factory configuration, about 500 bytes."""
    model = draw.choice(MODELS)
    target = "q_proj,no_such_proj" if faulty else "all"
    return f"""### model
model_name_or_path: {model}
trust_remote_code: false

### method
stage: sft
do_train: true
finetuning_type: lora
lora_rank: {draw.choice([8, 16, 32])}
lora_alpha: {draw.choice([16, 32, 64])}
lora_dropout: {draw.choice([0.0, 0.05])}
lora_target: {target}

### dataset
dataset: identity,alpaca_en_demo
template: default
cutoff_len: 2048

### train
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 0.0001
num_train_epochs: 3.0
lr_scheduler_type: cosine
bf16: true
"""


def make_varied_recipe(draw: random.Random, faulty: bool) -> str:
    """A LLaMA-Factory configuration with sections, comments and lists of its own, 0.5 to 4 kB."""
    lines = [make_recipe(draw, faulty)]
    for number in range(draw.randrange(12)):
        lines.append(f"# part {number}: {'x' * draw.randrange(60)}\ncustom_{number}:")
        for key in draw.sample(range(40), draw.randrange(1, 9)):
            value = draw.choice(
                ["true", "1e-4", "'text'", "[1, 2, 3]", "{a: 1, b: [x, y]}", "null"]
            )
            lines.append(f"  key_{key}: {value}")
    return "\n".join(lines) + "\n"
