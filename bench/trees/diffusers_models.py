"""diffusers' side of `bench.trees.worker`: every model class that is built from a config."""

from __future__ import annotations

import json
import random
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

from bench.bundle.diffusers import read_facts
from bench.trees.build_attempt import BuildAttempt
from bench.trees.vary_argument import vary_argument

CONFIGS = Path(__file__).with_name("diffusers_configs.json")
"""Small configs of the classes that cannot be built of their defaults."""
LEFT_OUT = frozenset(["AutoencoderRAE"])
"""Made of parts of transformers, which the builder hides (`skeleton/construct_diffusers.py`)."""


def prepare(types: list[str]) -> None:
    """Import what the builds take of it, and the modules of these classes: once for all forks."""
    import_module("diffusers.models.modeling_utils")
    models = import_module("diffusers.models")
    for name in types:
        getattr(models, name, None)


def list_types() -> list[str]:
    """Every model class, by name, and the bundled checkpoints by id."""
    models = import_module("diffusers.models")
    base = import_module("diffusers.models.modeling_utils").ModelMixin
    found = {name: getattr(models, name, None) for name in sorted(dir(models))}
    classes = [
        name
        for name, cls in found.items()
        if name not in LEFT_OUT
        and isinstance(cls, type)
        and issubclass(cls, base)
        and hasattr(cls, "from_config")
    ]
    own = {json.dumps(row["config"], sort_keys=True): name for name, row in read_facts().items()}
    return [*classes, *own.values()]


def build_type(name: str, variants: int, seconds: int, seed: str) -> list[dict[str, Any]]:
    """A class under its default config, or a checkpoint's, and under variations of it."""
    rows = read_facts() if "/" in name else {}
    own = rows[name]["config"] if rows else json.loads(CONFIGS.read_text("utf-8")).get(name, {})
    cls = getattr(import_module("diffusers.models"), own.get("_class_name", name))
    dump = import_module("loracheck.trees.skeleton.dump").dump
    torch = import_module("torch")
    results = []
    for number in range(variants + 1):
        result: dict[str, Any] = {"type": name, "auto": "from_config", "variant": number}
        with BuildAttempt(seconds) as outcome:
            config = vary_arguments(cls, own, f"{name} {number}{seed}") if number else own
            with torch.device("meta"):
                result["tree"] = dump(cls.from_config({**config, "_class_name": cls.__name__}))
        if outcome.error is not None:
            result["error"] = outcome.error
        results.append(result)
    return results


def vary_arguments(cls: Any, config: dict[str, Any], seed: str) -> dict[str, Any]:
    """The config with one to three of the constructor's arguments changed. Same seed, same
    config.
    """
    rng = random.Random(seed)
    parameters = [
        each
        for each in list(signature(cls.__init__).parameters.values())[1:]
        if each.kind is not Parameter.VAR_KEYWORD
    ]
    varied = dict(config)
    for each in rng.sample(parameters, k=min(len(parameters), rng.choice([1, 1, 2, 3]))):
        value = varied.get(each.name, each.default)
        others = vary_argument(each.name, None if value is Parameter.empty else value, each)
        if others:
            varied[each.name] = rng.choice(others)
    return varied
