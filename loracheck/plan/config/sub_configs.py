"""The nested configs of LoraConfig: what their constructors refuse.

Source: PEFT 0.21.2, tuners/lora/config.py (`_get_lora_subconfig` and each `__post_init__`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.plan.errors import RefusedError

from . import releases

if TYPE_CHECKING:
    from collections.abc import Callable

    from .lora_config import EffectiveConfig

_CLASSES = {
    "velora_config": "VeloraConfig",
    "kasa_config": "KasaConfig",
    "eva_config": "EvaConfig",
    "corda_config": "CordaConfig",
    "lora_ga_config": "LoraGAConfig",
    "arrow_config": "ArrowConfig",
    "use_bdlora": "BdLoraConfig",
}

_DEFAULTS: dict[str, dict[str, Any]] = {
    "velora_config": {"num_groups": 64, "scale": 1.0, "init_type": "batch_average"},
    "kasa_config": {"beta": 1e-4, "gamma": 1e-3},
    "eva_config": {"rho": 2.0, "tau": 0.99},
    "arrow_config": {"top_k": 3, "router_temperature": 1.0},
    "use_bdlora": {
        "target_modules_bd_a": None,
        "target_modules_bd_b": None,
        "nblocks": 1,
        "match_strict": True,
    },
    "monteclora_config": {"num_samples": 8, "dirichlet_prior": 0.1, "buffer_size": 150},
}

_MONTECLORA = frozenset(
    (*_DEFAULTS["monteclora_config"], "use_entropy", "sample_scaler", "kl_loss_weight")
)


def build_sub_configs(config: EffectiveConfig) -> None:
    """Fill in and check every nested config. Raises RefusedError as PEFT would."""
    _build_monteclora_config(config)
    for field, cls in _CLASSES.items():
        value = getattr(config, field)
        if value is None:
            continue
        if field != "velora_config" and not config.has(releases.SUB_CONFIGS_BUILT):
            continue
        if not isinstance(value, dict):
            text = f"`{cls}` must be a `{cls}`, a dict, or None."
            raise RefusedError("subconfig-type", "TypeError", text, field)
        full = {**_DEFAULTS.get(field, {}), **value}
        setattr(config, field, full)
        check = _CHECKS.get(field)
        if check is not None:
            run_check(check, full, field)


def build_bdlora_config(value: Any) -> dict[str, Any]:
    """The BdLoraConfig that older releases built for each layer. Raises RefusedError."""
    field = "use_bdlora"
    if not isinstance(value, dict):
        text = f"'{type(value).__name__}' object has no attribute 'target_modules_bd_a'"
        raise RefusedError("subconfig-type", "AttributeError", text, field)
    full = {**_DEFAULTS[field], **value}
    run_check(_check_bdlora, full, field)
    return full


def run_check(
    check: Callable[[dict[str, Any]], str | None], full: dict[str, Any], field: str
) -> None:
    """Run one class's own check; a value it cannot even compare is a TypeError, as in PEFT."""
    try:
        text = check(full)
    except TypeError as error:
        raise RefusedError("subconfig-type", "TypeError", str(error), field) from None
    if text is not None:
        raise RefusedError("subconfig-value", "ValueError", text, field)


def _build_monteclora_config(config: EffectiveConfig) -> None:
    value = config.monteclora_config
    if isinstance(value, dict):
        strange = next((key for key in value if key not in _MONTECLORA), None)
        if strange is not None:  # of the other classes' unknown keys PEFT drops each
            text = f"MontecloraConfig.__init__() got an unexpected keyword argument '{strange}'"
            raise RefusedError("subconfig-key", "TypeError", text, "monteclora_config")
        full = {**_DEFAULTS["monteclora_config"], **value}
        config.monteclora_config = full
        run_check(_check_monteclora, full, "monteclora_config")


def _check_monteclora(full: dict[str, Any]) -> str | None:
    for name in ("num_samples", "dirichlet_prior", "buffer_size"):
        if full[name] <= 0:
            return f"`{name}` must be greater than 0."
    return None


def _check_velora(full: dict[str, Any]) -> str | None:
    for name in ("num_groups", "scale"):
        if full[name] <= 0:
            return f"`{name}` should be positive, got {full[name]}."
    if full["init_type"] not in ("batch_average_once", "batch_average", "random"):
        return f"Unsupported `init_type` {full['init_type']!r}."
    return None


def _check_kasa(full: dict[str, Any]) -> str | None:
    for name in ("beta", "gamma"):
        if full[name] < 0:
            return f"`{name}` must be non-negative, got {full[name]}."
    return None


def _check_eva(full: dict[str, Any]) -> str | None:
    if full["rho"] < 1.0:
        return "`rho` must be >= 1.0"
    return "`tau` must be between 0.0 and 1.0." if not 0.0 <= full["tau"] <= 1.0 else None


def _check_arrow(full: dict[str, Any]) -> str | None:
    if full["top_k"] <= 0:
        return "top_k cannot be negative."
    return "router_temperature must be greater than 0." if full["router_temperature"] <= 0 else None


def _check_bdlora(full: dict[str, Any]) -> str | None:
    if set(full["target_modules_bd_a"] or []) & set(full["target_modules_bd_b"] or []):
        return "Found overlapping modules in target_modules_bd lists."
    return None


_CHECKS: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "velora_config": _check_velora,
    "kasa_config": _check_kasa,
    "eva_config": _check_eva,
    "arrow_config": _check_arrow,
    "use_bdlora": _check_bdlora,
}
