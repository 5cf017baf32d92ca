"""The nested configs of LoraConfig: what their constructors fill in and refuse.

Source: PEFT 0.21.2, tuners/lora/config.py (`_get_lora_subconfig` and each `__post_init__`). Fields,
defaults and bounds are those of `loracheck.config.field_table`.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields, get_sub_config_fields
from loracheck.config.validators import is_refused
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from . import releases

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from loracheck.config.field_table import Field
    from loracheck.documents.values import Table, Value

    from .effective_config import EffectiveConfig

_BUILT = (
    "velora_config",
    "kasa_config",
    "eva_config",
    "corda_config",
    "lora_ga_config",
    "arrow_config",
    "use_bdlora",
)
"""The fields in PEFT's order; monteclora_config comes before them and is built in its own way."""

_GREATER = "`{field}` must be greater than 0."
_POSITIVE = "`{field}` should be positive, got {value}."
_NOT_NEGATIVE = "`{field}` must be non-negative, got {value}."
_MESSAGES = {
    "num_samples": _GREATER,
    "dirichlet_prior": _GREATER,
    "buffer_size": _GREATER,
    "num_groups": _POSITIVE,
    "scale": _POSITIVE,
    "init_type": "Unsupported `init_type` {value!r}.",
    "beta": _NOT_NEGATIVE,
    "gamma": _NOT_NEGATIVE,
    "rho": "`rho` must be >= 1.0",
    "tau": "`tau` must be between 0.0 and 1.0.",
    "top_k": "top_k cannot be negative.",
    "router_temperature": "router_temperature must be greater than 0.",
}
"""PEFT's words for a value that is none of the choices or out of bounds, by the field's name."""


def build_sub_configs(config: EffectiveConfig) -> None:
    """Fill in and check every nested config. Raises RefusedError as PEFT would."""
    _build_monteclora(config)
    for name in _BUILT:
        value = config.get(name)
        newer = name == "velora_config" or config.has(releases.SUB_CONFIGS_BUILT)
        if value is None or not newer:
            continue
        if not isinstance(value, dict):
            cls = get_lora_fields()[name].config
            text = f"`{cls}` must be a `{cls}`, a dict, or None."
            raise RefusedError("subconfig-type", "TypeError", text, name)
        setattr(config, name, _build(name, value))


def build_bdlora_config(config: EffectiveConfig) -> dict[str, Value]:
    """The BdLoraConfig, which older releases built for each layer. Raises RefusedError."""
    value = config.use_bdlora
    if not isinstance(value, dict):
        text = f"'{type(value).__name__}' object has no attribute 'target_modules_bd_a'"
        raise RefusedError("subconfig-type", "AttributeError", text, "use_bdlora")
    return _build("use_bdlora", value)


def _build_monteclora(config: EffectiveConfig) -> None:
    value = config.monteclora_config
    if not isinstance(value, dict):
        return
    fields = get_sub_config_fields("MontecloraConfig")
    strange = next((key for key in value if key not in fields), None)
    if strange is not None:  # of the other classes' unknown keys PEFT drops each
        text = f"MontecloraConfig.__init__() got an unexpected keyword argument '{strange}'"
        raise RefusedError("subconfig-key", "TypeError", text, "monteclora_config")
    config.monteclora_config = _build("monteclora_config", value)


def _build(name: str, value: Table) -> dict[str, Value]:
    """The config with its defaults, once its class has checked it."""
    fields = get_sub_config_fields(str(get_lora_fields()[name].config))
    full = {**{key: field.default for key, field in fields.items()}, **value}
    try:
        text = _find_refusal(fields.values(), full)
    except TypeError as error:  # a value that PEFT cannot even compare
        raise RefusedError("subconfig-type", "TypeError", str(error), name) from None
    if text is not None:
        raise RefusedError("subconfig-value", "ValueError", text, name)
    return full


def _find_refusal(fields: Iterable[Field], full: dict[str, Any]) -> str | None:
    """What the class's own check says. Raises TypeError for what does not compare."""
    for field in fields:
        value = full[field.name]
        if field.effect != "raises":
            continue
        refused = value not in set(field.choices) if field.choices else is_refused(field, value)
        if refused:
            return _MESSAGES[field.name].format(field=field.name, value=value)
    sides = [full.get(f"target_modules_bd_{side}") for side in "ab"]
    if set(sides[0] or []) & set(sides[1] or []):
        return "Found overlapping modules in target_modules_bd lists."
    return None
