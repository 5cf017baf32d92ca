"""LoraConfig as the simulation holds it: every field with its value or PEFT's default.

Source: PEFT 0.21.2, tuners/lora/config.py. The fields and defaults are those of
`loracheck.config.field_table`.
"""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.config.release_values import parse_release_number
from loracheck.documents.model import Record, Unknown
from loracheck.plan.errors import NotKnownError
from loracheck.type_checking import TYPE_CHECKING

from . import releases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from loracheck.documents.values import Value

    from .releases import Release, Since

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

_NOT_READ = frozenset(
    ["peft_type", "auto_mapping", "peft_version", "base_model_name_or_path", "revision"]
)
"""Fields that change nothing of what PEFT wraps."""


class EffectiveConfig:
    """A config's fields as attributes. The simulation changes them as PEFT changes its config.

    `values` has every field but those that are not read. `release` is the PEFT release to follow.
    """

    def __init__(self, values: Mapping[str, Value], release: Release = releases.NEWEST) -> None:
        self.task_type = values["task_type"]
        self.inference_mode = values["inference_mode"]
        self.r = values["r"]
        self.lora_alpha = values["lora_alpha"]
        self.lora_dropout = values["lora_dropout"]
        self.use_rslora = values["use_rslora"]
        self.target_modules = values["target_modules"]
        self.exclude_modules = values["exclude_modules"]
        self.target_parameters = values["target_parameters"]
        self.layers_to_transform = values["layers_to_transform"]
        self.layers_pattern = values["layers_pattern"]
        self.rank_pattern = values["rank_pattern"]
        self.alpha_pattern = values["alpha_pattern"]
        self.modules_to_save = values["modules_to_save"]
        self.bias = values["bias"]
        self.init_lora_weights = values["init_lora_weights"]
        self.fan_in_fan_out = values["fan_in_fan_out"]
        self.use_dora = values["use_dora"]
        self.lora_bias = values["lora_bias"]
        self.ensure_weight_tying = values["ensure_weight_tying"]
        self.trainable_token_indices = values["trainable_token_indices"]
        self.layer_replication = values["layer_replication"]
        self.use_qalora = values["use_qalora"]
        self.qalora_group_size = values["qalora_group_size"]
        self.alora_invocation_tokens = values["alora_invocation_tokens"]
        self.megatron_config = values["megatron_config"]
        self.megatron_core = values["megatron_core"]
        self.loftq_config = values["loftq_config"]
        self.eva_config = values["eva_config"]
        self.corda_config = values["corda_config"]
        self.lora_ga_config = values["lora_ga_config"]
        self.velora_config = values["velora_config"]
        self.monteclora_config = values["monteclora_config"]
        self.kasa_config = values["kasa_config"]
        self.use_bdlora = values["use_bdlora"]
        self.arrow_config = values["arrow_config"]
        self.runtime_config = values["runtime_config"]
        self.release = release
        self.exact_release = release
        """The release asked for, where `release` is the oldest that is followed."""
        self.method: str | None = None
        """The `peft_type` where it is another method than LoRA."""
        self.modules_to_tie: frozenset[str] | None = None
        self.targets_to_tie: frozenset[str] = frozenset()

    def get(self, name: str) -> Value:
        """The value of the field of that name. Raises AttributeError for what is no field."""
        value: Value = getattr(self, name)
        return value

    def has(self, behaviour: Since) -> bool:
        """Whether the release that is followed behaves so."""
        return self.release >= behaviour.release


def resolve_config(
    config: Mapping[str, Value],
    release: Release = releases.NEWEST,
    *,
    excluded_by_tool: bool = False,
) -> tuple[EffectiveConfig, tuple[str, ...]]:
    """The config with its defaults, and the fields whose value is unknown.

    A field that the release does not have is left out; not so `exclude_modules` where it stands for
    what a tool passes over before PEFT is called. Raises NotKnownError where an unknown value
    decides what is targeted.
    """
    values = {
        field: copy_container(field_facts.default)
        for field, field_facts in get_lora_fields().items()
    }
    values["runtime_config"] = Record()  # PEFT's default is an instance, not a mapping
    unknown: list[str] = []
    for field, value in config.items():
        if field not in values or field in _NOT_READ:
            continue
        by_tool = excluded_by_tool and field == "exclude_modules"
        if not (by_tool or _has_field(field, release)):
            continue
        if has_unknown(value):
            if field in DECISIVE:
                raise NotKnownError(field)
            unknown.append(field)
        else:
            values[field] = copy_container(value)
    return EffectiveConfig(values, release), tuple(unknown)


def _has_field(field: str, release: Release) -> bool:
    """Whether the release's LoraConfig has the field."""
    return (
        release == releases.NEWEST
        or parse_release_number(get_lora_fields()[field].since) <= release
    )


_PLAIN = frozenset({str, int, float, bool, type(None)})


def has_unknown(value: Value) -> bool:
    """Whether the value is, or holds, an Unknown."""
    if type(value) in _PLAIN:
        return False
    if isinstance(value, Unknown):
        return True
    if isinstance(value, dict):
        return any(has_unknown(k) or has_unknown(v) for k, v in value.items())
    return isinstance(value, (list, tuple, set, frozenset)) and any(map(has_unknown, value))


def copy_container(value: Value) -> Value:
    """A copy of a list or mapping, so that PEFT's own changes never reach the caller's config."""
    if isinstance(value, list):
        return list(value)
    return type(value)(value) if isinstance(value, dict) else value
