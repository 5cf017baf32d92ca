"""transformers' side of `bench.trees.worker`: every model type under every auto class."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from bench.trees.build_attempt import BuildAttempt
from bench.trees.vary_config import vary_config


def prepare(types: list[str]) -> None:
    """Import what every build takes of it; a model's own module is imported by its fork."""
    import_module("transformers.modeling_utils")
    import_module("transformers.models.auto.modeling_auto")


def list_types() -> list[str]:
    """Every model type."""
    found = import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING_NAMES
    return list(found)


def auto_classes() -> dict[str, Any]:
    """Every auto class of a model, by name."""
    modeling = import_module("transformers.models.auto.modeling_auto")
    return {
        name: cls
        for name, cls in sorted(vars(modeling).items())
        if name.startswith("Auto") and getattr(cls, "_model_mapping", None) is not None
    }


def build_type(model_type: str, variants: int, seconds: int, seed: str) -> list[dict[str, Any]]:
    """All pairs of a model type: default config first, then its variations. One result for every
    different class.
    """
    configs = import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING
    dump = import_module("loracheck.trees.skeleton.dump").dump
    torch = import_module("torch")
    autos = auto_classes()
    results = []
    for number in range(variants + 1):
        for name, auto in autos.items():
            if model_type not in auto._model_mapping._model_mapping:
                continue
            result: dict[str, Any] = {"type": model_type, "auto": name, "variant": number}
            with BuildAttempt(seconds) as outcome:
                config = configs[model_type]()
                if number:
                    config = configs[model_type].from_dict(
                        vary_config(config.to_dict(), f"{model_type} {number}{seed}")
                    )
                with torch.device("meta"):
                    result["tree"] = dump(auto.from_config(config))
            if outcome.error is not None:
                result["error"] = outcome.error
            results.append(result)
    return results
