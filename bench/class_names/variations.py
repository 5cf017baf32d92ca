"""The configs that the trees of a class are built from."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from bench.trees.vary_config import vary_config

OPTIONAL = re.compile(r"_(rank|interval|step|replace)$|shared\w*_size$|per_layer_input$")
"""Numbers that a config may leave out, by the ends of their names."""


def make_configs(kind: str, number: int) -> dict[str, dict[str, Any]]:
    """The default config of a model type and variations of it, by name; empty where transformers
    makes no default. Each variation comes twice, as some types refuse a number left out.
    """
    from transformers import AutoConfig

    try:
        base = AutoConfig.for_model(kind).to_dict()
    except (ValueError, TypeError, AttributeError, ImportError, KeyError):
        return {}
    plain = json.loads(json.dumps(base, default=str))
    found = {f"{kind} 0": plain}
    for one in range(1, number + 1):
        text = json.dumps(vary_config(plain, f"{kind} {one}"), default=str)
        found[f"{kind} {one} whole"] = json.loads(text)
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
