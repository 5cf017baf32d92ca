"""LoraConfig as PEFT holds it after `__post_init__`: defaults filled in, refusals raised.

Source: PEFT 0.21.2, config.py and tuners/lora/config.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Record, Unknown
from loracheck.plan.errors import NotKnownError, RefusedError
from loracheck.plan.result.warning_log import WarningLog

from . import releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .releases import Since

TASKS = (
    "SEQ_CLS",
    "SEQ_2_SEQ_LM",
    "CAUSAL_LM",
    "TOKEN_CLS",
    "QUESTION_ANS",
    "FEATURE_EXTRACTION",
)

DEFAULTS: dict[str, Any] = {
    "task_type": None,
    "inference_mode": False,
    "r": 8,
    "target_modules": None,
    "exclude_modules": None,
    "lora_alpha": 8,
    "lora_dropout": 0.0,
    "fan_in_fan_out": False,
    "bias": "none",
    "use_rslora": False,
    "modules_to_save": None,
    "init_lora_weights": True,
    "layers_to_transform": None,
    "layers_pattern": None,
    "rank_pattern": {},
    "alpha_pattern": {},
    "megatron_config": None,
    "megatron_core": "megatron.core",
    "trainable_token_indices": None,
    "loftq_config": {},
    "eva_config": None,
    "corda_config": None,
    "lora_ga_config": None,
    "use_dora": False,
    "velora_config": None,
    "alora_invocation_tokens": None,
    "use_qalora": False,
    "qalora_group_size": 16,
    "monteclora_config": None,
    "layer_replication": None,
    "lora_bias": False,
    "target_parameters": None,
    "use_bdlora": None,
    "arrow_config": None,
    "kasa_config": None,
    "ensure_weight_tying": False,
    "runtime_config": Record(),
}

LOFTQ = {"loftq_bits": 4, "loftq_iter": 1}
"""The defaults of LoftQConfig, which PEFT takes apart with `vars`; a mapping gets none."""

_CONTAINERS = [field for field, default in DEFAULTS.items() if isinstance(default, (list, dict))]
"""Fields whose defaults must be copied, because the plan may change them."""

DECISIVE = frozenset(
    [
        "task_type",
        "target_modules",
        "exclude_modules",
        "modules_to_save",
        "layers_to_transform",
        "layers_pattern",
        "trainable_token_indices",
        "layer_replication",
        "target_parameters",
        "ensure_weight_tying",
    ]
)
"""Fields without which nothing can be said about what is targeted."""


class EffectiveConfig:
    """The config's fields as attributes; changed by the plan as PEFT changes its config."""

    task_type: str | None
    inference_mode: Any
    r: Any
    target_modules: Any
    exclude_modules: Any
    lora_alpha: Any
    lora_dropout: Any
    fan_in_fan_out: Any
    bias: Any
    use_rslora: Any
    modules_to_save: Any
    init_lora_weights: Any
    layers_to_transform: Any
    layers_pattern: Any
    rank_pattern: Any
    alpha_pattern: Any
    megatron_config: Any
    megatron_core: Any
    trainable_token_indices: Any
    loftq_config: Any
    eva_config: Any
    corda_config: Any
    use_dora: Any
    velora_config: Any
    alora_invocation_tokens: Any
    monteclora_config: Any
    layer_replication: Any
    lora_bias: Any
    target_parameters: Any
    use_bdlora: Any
    arrow_config: Any
    kasa_config: Any
    ensure_weight_tying: Any
    runtime_config: Any
    exact_release: tuple[int, int]
    """The release asked for, where `release` is the oldest that is followed."""

    def __init__(
        self, values: Mapping[str, Any], release: tuple[int, int] = releases.NEWEST
    ) -> None:
        self.__dict__.update(values)
        self.release = self.exact_release = release
        self.modules_to_tie: frozenset[str] | None = None
        self.targets_to_tie: frozenset[str] = frozenset()

    def has(self, behaviour: Since) -> bool:
        """Whether the release that is followed behaves so."""
        return self.release >= behaviour.release


def resolve_config(
    config: Mapping[str, Any], release: tuple[int, int] = releases.NEWEST
) -> tuple[EffectiveConfig, tuple[str, ...]]:
    """The config with its defaults, and the fields whose value is unknown.

    A field that the release does not have is left out. Raises NotKnownError where an unknown value
    decides what is targeted.
    """
    values = {**DEFAULTS, **{field: copy_container(DEFAULTS[field]) for field in _CONTAINERS}}
    unknown: list[str] = []
    for field, value in config.items():
        if field not in DEFAULTS or not _has_field(field, release):
            continue
        if has_unknown(value):
            if field in DECISIVE:
                raise NotKnownError(field)
            unknown.append(field)
        else:
            values[field] = copy_container(value)
    return EffectiveConfig(values, release), tuple(unknown)


def _has_field(field: str, release: tuple[int, int]) -> bool:
    """Whether the release's LoraConfig has the field."""
    if release == releases.NEWEST:
        return True
    from loracheck.config.field_table import fields
    from loracheck.config.release_view import release_number

    return release_number(fields()[field].since) <= release


_PLAIN = frozenset({str, int, float, bool, type(None)})


def has_unknown(value: Any) -> bool:
    """Whether the value is, or holds, an Unknown."""
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Unknown):
        return True
    if isinstance(value, dict):
        return any(has_unknown(k) or has_unknown(v) for k, v in value.items())
    return isinstance(value, (list, tuple, set)) and any(map(has_unknown, value))


def copy_container(value: Any) -> Any:
    """A copy of containers, so that the plan's own changes never reach the caller's config."""
    if isinstance(value, list):
        return list(value)
    return type(value)(value) if isinstance(value, dict) else value


def run_post_init(config: EffectiveConfig, log: WarningLog) -> None:
    """What `LoraConfig.__post_init__` refuses, warns of and rewrites, in its order."""
    checked = config.has(releases.TASK_TYPE_CHECKED)
    if checked and config.task_type is not None and config.task_type not in TASKS:
        text = f"Invalid task type: '{config.task_type}'. Must be one of the following task types: "
        raise RefusedError(
            "invalid-task-type", "ValueError", text + ", ".join(TASKS) + ".", "task_type"
        )
    for field in ("target_modules", "exclude_modules"):
        value = getattr(config, field)
        if isinstance(value, list):
            setattr(config, field, _remove_duplicates(value, field))
    from .sub_configs import build_sub_configs

    build_sub_configs(config)
    if isinstance(config.target_parameters, str):
        text = "`target_parameters` must be a list of strings or None."
        raise RefusedError("target-parameters-str", "TypeError", text, "target_parameters")
    _check_layers(config)
    if config.use_dora and config.megatron_config:
        text = "DoRA does not support megatron_core, please set `use_dora=False`."
        raise RefusedError("dora-with-megatron", "ValueError", text, "use_dora")
    _check_initialisation(config, log)
    _check_bias(config)
    if config.alora_invocation_tokens is not None and config.task_type != "CAUSAL_LM":
        log.add("alora-task", "aLoRA is currently only supported for CAUSAL_LM task.")
    patterns = config.rank_pattern or config.alpha_pattern
    if config.use_rslora and patterns and _changes_base_weights(config):
        log.add(
            "rslora-pattern-conversion",
            "Using Rank-Stabilized LoRA with rank_pattern/alpha_pattern and post-training "
            "conversion of modified base weights PiSSA/CorDA/OLoRA/LoRA-GA means that you won't be "
            "able to pass `path_initial_model_for_weight_conversion` to `save_pretrained`.",
            field="use_rslora",
        )


COLLECTIONS = (list, tuple, set, frozenset, dict)


def check_readable(config: EffectiveConfig, *fields: str) -> None:
    """Refuse values that PEFT stumbles over the first time it reads these fields."""
    for field in fields:
        value = getattr(config, field)
        if not value or isinstance(value, str):
            continue
        if not isinstance(value, COLLECTIONS):
            text = f"argument of type '{type(value).__name__}' is not iterable"
            raise RefusedError("wrong-type", "TypeError", text, field)
        if field == "target_parameters":
            setattr(config, field, _remove_duplicates(value, field))
        for entry in value if field in ("target_modules", "modules_to_save") else ():
            if not isinstance(entry, str):
                text = f"'{type(entry).__name__}' object has no attribute 'split'"
                raise RefusedError("wrong-type", "AttributeError", text, field)


def _remove_duplicates(value: Iterable[Any], field: str) -> dict[Any, None]:
    """The set that PEFT makes of a list, in the list's order."""
    try:
        return dict.fromkeys(value)
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), field) from None


def _check_layers(config: EffectiveConfig) -> None:
    if isinstance(config.target_modules, str):
        for field in ("layers_to_transform", "layers_pattern"):
            if getattr(config, field) is not None:
                text = f"`{field}` cannot be used when `target_modules` is a str."
                code = f"{field.replace('_', '-')}-with-regex"
                raise RefusedError(code, "ValueError", text, field)
    missing = config.layers_to_transform is None
    if not config.has(releases.LAYER_ZERO_COUNTS):
        missing = config.has(releases.LAYERS_PATTERN_CHECKED) and not config.layers_to_transform
    if config.layers_pattern and missing:
        raise RefusedError(
            "layers-pattern-alone",
            "ValueError",
            "When `layers_pattern` is specified, `layers_to_transform` must also be specified. ",
            "layers_pattern",
        )


def _check_initialisation(config: EffectiveConfig, log: WarningLog) -> None:
    """The one if/elif chain of `__post_init__`: only the first hit speaks."""
    init = config.init_lora_weights
    if isinstance(config.loftq_config, Record):
        config.loftq_config = {**LOFTQ, **config.loftq_config}
    if not config.has(releases.INIT_CONFIGS_WARN):
        if init == "loftq" and config.loftq_config is None:
            text = "`loftq_config` must be specified when `init_lora_weights` is 'loftq'."
            raise RefusedError("loftq-config-missing", "ValueError", text, "loftq_config")
        return
    if init == "loftq":
        if not config.loftq_config:
            text = "`loftq_config` must be specified when `init_lora_weights` is 'loftq'."
            raise RefusedError("loftq-config-missing", "ValueError", text, "loftq_config")
    elif config.loftq_config:
        config.loftq_config = {}
        _warn_ignored(log, "loftq")
    elif init == "eva" and config.eva_config is None:
        _warn_default(log, "eva", "EVA")
    elif init != "eva" and config.eva_config is not None:
        _warn_ignored(log, "eva")
    elif not config.has(releases.CORDA_CONFIG_WARNS):
        return
    elif init == "corda" and config.corda_config is None:
        _warn_default(log, "corda", "CorDA")
    elif init != "corda" and config.corda_config is not None:
        _warn_ignored(log, "corda")


def _warn_ignored(log: WarningLog, name: str) -> None:
    text = (
        f"`{name}_config` specified but will be ignored when `init_lora_weights` is not '{name}'."
    )
    log.add(f"{name}-config-ignored", text, field=f"{name}_config")


def _warn_default(log: WarningLog, name: str, shown: str) -> None:
    text = f"`init_lora_weights` is '{name}' but `{name}_config` is not specified. "
    log.add(
        f"{name}-config-missing", f"{text}Using default {shown} config.", field=f"{name}_config"
    )


def _check_bias(config: EffectiveConfig) -> None:
    if not config.lora_bias:
        return
    init = config.init_lora_weights
    if init not in (True, False):
        raise RefusedError(
            "lora-bias-with-init",
            "ValueError",
            "The argument lora_bias=True is only supported with init_lora_weights=True or False, "
            f"got init_lora_weights={init} instead.",
            "lora_bias",
        )
    if config.use_dora:
        text = "The argument lora_bias=True is not supported for DoRA, please pass use_dora=False"
        raise RefusedError("lora-bias-with-dora", "ValueError", text, "lora_bias")


def _changes_base_weights(config: EffectiveConfig) -> bool:
    init = config.init_lora_weights
    if not isinstance(init, str) or not config.has(releases.RSLORA_WARNS):
        return False
    if init.startswith("pissa") or init == "olora":
        return True
    since = {
        "corda": releases.RSLORA_WARNS_FOR_CORDA,
        "lora_ga": releases.RSLORA_WARNS_FOR_LORA_GA,
    }
    return init in since and config.has(since[init])
