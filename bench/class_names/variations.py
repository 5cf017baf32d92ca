"""The configs that the trees of a class are built from."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from bench.trees.vary_config import vary_config

OPTIONAL = re.compile(r"_(rank|interval|step|replace)$|shared\w*_size$|per_layer_input$")
"""Numbers that a config may leave out, by the ends of their names."""


DEPTH = re.compile(r"layer|depth|attention_types|^num_blocks$|mamba")
"""Names of what must agree with the number of layers, where each has an entry, and of sizes of
Mamba that must agree with each other.
"""

COMPLETED = {
    "hunyuan_v1_dense": {"head_dim": 128},
    "hunyuan_v1_moe": {"head_dim": 128},
    "nemotron": {"num_key_value_heads": 8},
    "granitemoehybrid": {"layer_types": ["mamba", "attention"] * 16},
}
"""What the default config of a type lacks, so that no model can be built from it, or none with
every kind of layer that its checkpoints have. The names do not depend on the numbers.
"""


def make_configs(kind: str, number: int) -> dict[str, dict[str, Any]]:
    """The default config of a model type and variations of it, by name; empty where transformers
    makes no default. Each variation comes three times, as some types refuse a number left out, and
    some another number of layers than the default's.
    """
    from transformers import AutoConfig

    try:
        base = AutoConfig.for_model(kind).to_dict()
    except (ValueError, TypeError, AttributeError, ImportError, KeyError):
        return {}
    plain = json.loads(json.dumps(base, default=str)) | COMPLETED.get(kind, {})
    found = {f"{kind} 0": plain}
    for one in range(1, number + 1):
        text = json.dumps(vary_config(plain, f"{kind} {one}"), default=str)
        found[f"{kind} {one} whole"] = json.loads(text)
        found[f"{kind} {one} deep"] = _restore_depth(json.loads(text), plain)
        rng = random.Random(f"{kind} {one} none")
        found[f"{kind} {one}"] = _without_some(json.loads(text), rng)
    return found


def _without_some(config: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    for name, value in sorted(config.items()):
        if isinstance(value, dict) and "model_type" in value:
            config[name] = _without_some(value, rng)
        elif type(value) is int and OPTIONAL.search(name) and rng.random() < 0.15:
            config[name] = None
    return config


def _restore_depth(config: dict[str, Any], plain: dict[str, Any]) -> dict[str, Any]:
    """The config with the default's number of layers, and what goes with it."""
    found = dict(config)
    for name, value in plain.items():
        if DEPTH.search(name):
            found[name] = value
        elif isinstance(value, dict) and isinstance(config.get(name), dict):
            found[name] = _restore_depth(config[name], value)
    return found
