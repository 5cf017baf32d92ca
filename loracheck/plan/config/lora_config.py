"""LoraConfig as PEFT holds it after `__post_init__`: defaults filled in, refusals raised.

Source: PEFT 0.21.2, config.py and tuners/lora/config.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Record, Unknown
from loracheck.plan.errors import NotKnownError, RefusedError
from loracheck.plan.result.warning_log import Warned

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


class Lora:
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
    asked: tuple[int, int]
    """The release asked for, where `release` is the oldest that is followed."""

    def __init__(
        self, values: Mapping[str, Any], release: tuple[int, int] = releases.NEWEST
    ) -> None:
        self.__dict__.update(values)
        self.release = self.asked = release
        self.modules_to_tie: frozenset[str] | None = None
        self.targets_to_tie: frozenset[str] = frozenset()

    def has(self, behaviour: Since) -> bool:
        """Whether the release that is followed behaves so."""
        return self.release >= behaviour.release


def settled(
    config: Mapping[str, Any], release: tuple[int, int] = releases.NEWEST
) -> tuple[Lora, tuple[str, ...]]:
    """The config with its defaults, and the fields whose value is unknown.

    A field that the release does not have is left out. Raises NotKnownError where an unknown value
    decides what is targeted.
    """
    values = {**DEFAULTS, **{field: own(DEFAULTS[field]) for field in _CONTAINERS}}
    unknown: list[str] = []
    for field, value in config.items():
        if field not in DEFAULTS or not _had(field, release):
            continue
        if has_unknown(value):
            if field in DECISIVE:
                raise NotKnownError(field)
            unknown.append(field)
        else:
            values[field] = own(value)
    return Lora(values, release), tuple(unknown)


def _had(field: str, release: tuple[int, int]) -> bool:
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


def own(value: Any) -> Any:
    """A copy of containers, so that the plan's own changes never reach the caller's config."""
    if isinstance(value, list):
        return list(value)
    return type(value)(value) if isinstance(value, dict) else value


def post_init(lora: Lora, warned: Warned) -> None:
    """What `LoraConfig.__post_init__` refuses, warns of and rewrites, in its order."""
    checked = lora.has(releases.TASK_TYPE_CHECKED)
    if checked and lora.task_type is not None and lora.task_type not in TASKS:
        text = f"Invalid task type: '{lora.task_type}'. Must be one of the following task types: "
        raise RefusedError(
            "invalid-task-type", "ValueError", text + ", ".join(TASKS) + ".", "task_type"
        )
    for field in ("target_modules", "exclude_modules"):
        value = getattr(lora, field)
        if isinstance(value, list):
            setattr(lora, field, _unique(value, field))
    from .sub_configs import subconfigs

    subconfigs(lora)
    if isinstance(lora.target_parameters, str):
        text = "`target_parameters` must be a list of strings or None."
        raise RefusedError("target-parameters-str", "TypeError", text, "target_parameters")
    _layers(lora)
    if lora.use_dora and lora.megatron_config:
        text = "DoRA does not support megatron_core, please set `use_dora=False`."
        raise RefusedError("dora-with-megatron", "ValueError", text, "use_dora")
    _initialisation(lora, warned)
    _bias(lora)
    if lora.alora_invocation_tokens is not None and lora.task_type != "CAUSAL_LM":
        warned.add("alora-task", "aLoRA is currently only supported for CAUSAL_LM task.")
    patterns = lora.rank_pattern or lora.alpha_pattern
    if lora.use_rslora and patterns and _changes_base(lora):
        warned.add(
            "rslora-pattern-conversion",
            "Using Rank-Stabilized LoRA with rank_pattern/alpha_pattern and post-training "
            "conversion of modified base weights PiSSA/CorDA/OLoRA/LoRA-GA means that you won't be "
            "able to pass `path_initial_model_for_weight_conversion` to `save_pretrained`.",
            field="use_rslora",
        )


LISTED = (list, tuple, set, frozenset, dict)


def readable(lora: Lora, *fields: str) -> None:
    """Refuse values that PEFT stumbles over the first time it reads these fields."""
    for field in fields:
        value = getattr(lora, field)
        if not value or isinstance(value, str):
            continue
        if not isinstance(value, LISTED):
            text = f"argument of type '{type(value).__name__}' is not iterable"
            raise RefusedError("wrong-type", "TypeError", text, field)
        if field == "target_parameters":
            setattr(lora, field, _unique(value, field))
        for entry in value if field in ("target_modules", "modules_to_save") else ():
            if not isinstance(entry, str):
                text = f"'{type(entry).__name__}' object has no attribute 'split'"
                raise RefusedError("wrong-type", "AttributeError", text, field)


def _unique(value: Iterable[Any], field: str) -> dict[Any, None]:
    """The set that PEFT makes of a list, in the list's order."""
    try:
        return dict.fromkeys(value)
    except TypeError as error:
        raise RefusedError("wrong-type", "TypeError", str(error), field) from None


def _layers(lora: Lora) -> None:
    if isinstance(lora.target_modules, str):
        for field in ("layers_to_transform", "layers_pattern"):
            if getattr(lora, field) is not None:
                text = f"`{field}` cannot be used when `target_modules` is a str."
                code = f"{field.replace('_', '-')}-with-regex"
                raise RefusedError(code, "ValueError", text, field)
    missing = lora.layers_to_transform is None
    if not lora.has(releases.LAYER_ZERO_COUNTS):
        missing = lora.has(releases.LAYERS_PATTERN_CHECKED) and not lora.layers_to_transform
    if lora.layers_pattern and missing:
        raise RefusedError(
            "layers-pattern-alone",
            "ValueError",
            "When `layers_pattern` is specified, `layers_to_transform` must also be specified. ",
            "layers_pattern",
        )


def _initialisation(lora: Lora, warned: Warned) -> None:
    """The one if/elif chain of `__post_init__`: only the first hit speaks."""
    init = lora.init_lora_weights
    if isinstance(lora.loftq_config, Record):
        lora.loftq_config = {**LOFTQ, **lora.loftq_config}
    if not lora.has(releases.INIT_CONFIGS_WARN):
        if init == "loftq" and lora.loftq_config is None:
            text = "`loftq_config` must be specified when `init_lora_weights` is 'loftq'."
            raise RefusedError("loftq-config-missing", "ValueError", text, "loftq_config")
        return
    if init == "loftq":
        if not lora.loftq_config:
            text = "`loftq_config` must be specified when `init_lora_weights` is 'loftq'."
            raise RefusedError("loftq-config-missing", "ValueError", text, "loftq_config")
    elif lora.loftq_config:
        lora.loftq_config = {}
        _ignored(warned, "loftq")
    elif init == "eva" and lora.eva_config is None:
        _defaulted(warned, "eva", "EVA")
    elif init != "eva" and lora.eva_config is not None:
        _ignored(warned, "eva")
    elif not lora.has(releases.CORDA_CONFIG_WARNS):
        return
    elif init == "corda" and lora.corda_config is None:
        _defaulted(warned, "corda", "CorDA")
    elif init != "corda" and lora.corda_config is not None:
        _ignored(warned, "corda")


def _ignored(warned: Warned, name: str) -> None:
    text = (
        f"`{name}_config` specified but will be ignored when `init_lora_weights` is not '{name}'."
    )
    warned.add(f"{name}-config-ignored", text, field=f"{name}_config")


def _defaulted(warned: Warned, name: str, shown: str) -> None:
    text = f"`init_lora_weights` is '{name}' but `{name}_config` is not specified. "
    warned.add(
        f"{name}-config-missing", f"{text}Using default {shown} config.", field=f"{name}_config"
    )


def _bias(lora: Lora) -> None:
    if not lora.lora_bias:
        return
    init = lora.init_lora_weights
    if init not in (True, False):
        raise RefusedError(
            "lora-bias-with-init",
            "ValueError",
            "The argument lora_bias=True is only supported with init_lora_weights=True or False, "
            f"got init_lora_weights={init} instead.",
            "lora_bias",
        )
    if lora.use_dora:
        text = "The argument lora_bias=True is not supported for DoRA, please pass use_dora=False"
        raise RefusedError("lora-bias-with-dora", "ValueError", text, "lora_bias")


def _changes_base(lora: Lora) -> bool:
    init = lora.init_lora_weights
    if not isinstance(init, str) or not lora.has(releases.RSLORA_WARNS):
        return False
    if init.startswith("pissa") or init == "olora":
        return True
    since = {
        "corda": releases.RSLORA_WARNS_FOR_CORDA,
        "lora_ga": releases.RSLORA_WARNS_FOR_LORA_GA,
    }
    return init in since and lora.has(since[init])
