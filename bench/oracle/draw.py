"""Draw configs for one model: right names and wrong ones, every field that changes the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import draw_values as values

if TYPE_CHECKING:
    import random

    from .model_names import ModelNames


def draw_config(rng: random.Random, names: ModelNames) -> dict[str, Any]:
    """One config; every field is there with its own probability."""
    found: dict[str, Any] = {}
    found.update(values.targets(rng, names))
    for chance, field, make in FIELDS:
        if rng.random() < chance:
            found[field] = make(rng, names)
    if "layers_to_transform" in found and rng.random() < 0.4:
        found["layers_pattern"] = values.layers_pattern(rng, names)
    if "modules_to_save" in found and rng.random() < 0.15:
        values.save_a_target(rng, found)
    if rng.random() < 0.65:
        remove_likely_errors(rng, found, names)
    return {k: found[k] for k in sorted(found)}


def remove_likely_errors(rng: random.Random, found: dict[str, Any], names: ModelNames) -> None:
    """Take out what mostly ends in an error, so that enough pairs get as far as the counts."""
    for field, check in HARMLESS.items():
        if field in found and not check(found[field]):
            del found[field]
    if rng.random() < 0.7:
        for field in OFTEN_REFUSED:
            found.pop(field, None)
    if isinstance(found.get("target_modules"), list):
        leaves = [rng.choice(names.wrappable).rpartition(".")[2] for _ in range(2)]
        keep = [m for m in found["target_modules"] if not names.refused(m)]
        found["target_modules"] = keep + leaves
    if isinstance(found.get("target_modules"), str):
        found.pop("layers_to_transform", None)
    if found.get("layers_to_transform") is None:
        found.pop("layers_pattern", None)
    if found.get("task_type") in ("CAUSAL_LM", "SEQ_2_SEQ_LM") and not names.generates:
        del found["task_type"]


def _is_positive_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


HARMLESS: dict[str, Any] = {
    "r": _is_positive_int,
    "lora_alpha": lambda value: isinstance(value, (int, float)),
    "lora_dropout": lambda value: isinstance(value, float) and value <= 1,
    "bias": lambda value: value in ("none", "all", "lora_only"),
    "task_type": lambda value: value != "causal_lm",
    "init_lora_weights": lambda value: (
        value not in ("foo", "PiSSA", "true", "corda", 1) and not str(value).startswith("pissa_foo")
    ),
    "layers_to_transform": lambda value: not isinstance(value, str),
    "rank_pattern": lambda value: value and all(map(_is_positive_int, value.values())),
    "alpha_pattern": bool,
    "exclude_modules": lambda value: value != "(",
    "modules_to_save": lambda value: isinstance(value, list) and "(" not in value,
    "target_parameters": lambda value: value != "weight",
}
OFTEN_REFUSED = (
    "kasa_config",
    "use_bdlora",
    "velora_config",
    "arrow_config",
    "megatron_config",
    "corda_config",
    "target_parameters",
    "layer_replication",
    "fan_in_fan_out",
    "lora_bias",
    "monteclora_config",
    "eva_config",
    "loftq_config",
    "alora_invocation_tokens",
)
"""Fields that refuse many modules."""


FIELDS: tuple[tuple[float, str, Any], ...] = (
    (0.4, "r", values.rank),
    (0.3, "lora_alpha", values.alpha),
    (0.15, "lora_dropout", values.dropout),
    (0.2, "bias", values.bias),
    (0.2, "use_rslora", values.flag),
    (0.35, "task_type", values.task),
    (0.3, "modules_to_save", values.to_save),
    (0.2, "exclude_modules", values.exclude),
    (0.2, "layers_to_transform", values.layers),
    (0.2, "rank_pattern", values.rank_pattern),
    (0.15, "alpha_pattern", values.alpha_pattern),
    (0.15, "target_parameters", values.parameters),
    (0.12, "trainable_token_indices", values.tokens),
    (0.05, "layer_replication", values.replication),
    (0.12, "ensure_weight_tying", values.flag),
    (0.1, "use_dora", values.flag),
    (0.07, "lora_bias", values.flag),
    (0.06, "fan_in_fan_out", values.flag),
    (0.2, "init_lora_weights", values.init),
    (0.06, "inference_mode", values.flag),
    (0.03, "kasa_config", values.empty),
    (0.03, "monteclora_config", values.monteclora),
    (0.03, "use_bdlora", values.bdlora),
    (0.03, "velora_config", values.empty),
    (0.03, "arrow_config", values.arrow),
    (0.03, "alora_invocation_tokens", values.alora),
    (0.03, "eva_config", values.empty),
    (0.02, "corda_config", values.empty),
    (0.02, "loftq_config", values.loftq),
    (0.01, "megatron_config", values.megatron),
    (0.02, "layers_pattern", values.layers_pattern),
    (0.02, "lora_ga_config", values.lora_ga),
    (0.02, "use_qalora", values.flag),
    (0.02, "qalora_group_size", values.group_size),
    (0.01, "megatron_core", values.megatron_core),
)
