"""Fields against each other: what `__post_init__` refuses (`post_init/`) and what wrapping refuses.

A rule stands under the field that must be set for it to speak, so that a plain config runs none.
Sources: PEFT 0.21.2 `tuners/lora/layer.py`, `tuners/lora/tp_layer.py`; each was run.
"""

from __future__ import annotations

from loracheck.documents.model import Record, Unknown
from loracheck.type_checking import TYPE_CHECKING

from . import ignored_fields, lora_variants, replication_issues, target_names, token_issues
from .issue import Issue, format_value, join_names, make_conflict_issue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from .release_values import ReleaseValues


def find_loftq_config_issues(view: ReleaseValues) -> Iterator[Issue]:
    """init_lora_weights 'loftq' needs both keys of its config."""
    config = view.get("loftq_config")
    if view.get("init_lora_weights") != "loftq" or not isinstance(config, dict):
        return
    if isinstance(config, Record) or not config:  # a LoftQConfig has defaults for both
        return
    missing = [key for key in ("loftq_bits", "loftq_iter") if key not in config]
    if missing:
        yield make_conflict_issue(
            "loftq-config-incomplete",
            ("loftq_config",),
            f"`loftq_config` lacks {join_names(missing)}; PEFT reads it without a default, so "
            "wrapping the first layer raises KeyError",
            "give both: loftq_bits (4) and loftq_iter (1)",
            "fails",
        )


def find_odd_rank_issues(view: ReleaseValues) -> Iterator[Issue]:
    """The orthogonal init needs even ranks."""
    if view.get("init_lora_weights") != "orthogonal" or view.has_unknown("r", "rank_pattern"):
        return
    pattern = view.get("rank_pattern")
    ranks: list[tuple[tuple[str | int, ...], Any]] = []
    if not pattern:
        ranks.append((("r",), view.get("r")))
    elif isinstance(pattern, dict):
        ranks += [(("rank_pattern", key), value) for key, value in pattern.items()]
    for path, rank in ranks:
        if isinstance(rank, int) and rank > 0 and rank % 2:
            yield make_conflict_issue(
                "orthogonal-odd-rank",
                path,
                f"init_lora_weights 'orthogonal' needs an even rank, not {rank}; wrapping the "
                "first linear layer raises ValueError",
                f"use {rank + 1}",
                "fails",
            )


def find_megatron_core_issues(view: ReleaseValues) -> Iterator[Issue]:
    """megatron_core must name a module of Megatron."""
    core = view.get("megatron_core")
    if (
        not view.is_on("megatron_config")
        or isinstance(core, Unknown)
        or not view.is_at_least("0.21")
    ):
        return
    if not isinstance(core, str) or not core.startswith("megatron."):
        yield make_conflict_issue(
            "megatron-core-prefix",
            ("megatron_core",),
            f"`megatron_core` is {format_value(core)}, but PEFT imports only modules that begin "
            "with 'megatron.'; wrapping the first layer fails",
            "leave it out: the default is megatron.core",
            "fails",
        )


def find_head_task_issues(view: ReleaseValues) -> Iterator[Issue]:
    """Classification tasks append to modules_to_save, so it has to be a list."""
    value = view.get("modules_to_save")
    task = view.get("task_type")
    if isinstance(value, (tuple, set, frozenset)) and task in (
        "SEQ_CLS",
        "TOKEN_CLS",
        "QUESTION_ANS",
    ):
        yield Issue(
            "conflict",
            "modules-to-save-not-a-list",
            ("modules_to_save",),
            f"with task_type {task} PEFT appends the head's name to `modules_to_save`, so a "
            f"{type(value).__name__} raises AttributeError",
            "write a list",
            list(value),
            "fails",
        )


RULES: dict[str, tuple[Callable[[ReleaseValues], Iterator[Issue]], ...]] = {
    "layers_to_transform": (ignored_fields.find_layers_to_transform_issues,),
    "megatron_config": (find_megatron_core_issues,),
    "init_lora_weights": (find_loftq_config_issues, find_odd_rank_issues),
    "target_parameters": (lora_variants.find_target_parameter_issues,),
    "use_bdlora": (lora_variants.find_bdlora_issues,),
    "arrow_config": (lora_variants.find_arrow_config_issues,),
    "modules_to_save": (find_head_task_issues, target_names.find_modules_to_save_issues),
    "target_modules": (target_names.find_target_module_issues,),
    "exclude_modules": (
        target_names.find_exclude_module_issues,
        ignored_fields.find_unused_exclude_issues,
    ),
    "rank_pattern": (target_names.find_rank_pattern_issues,),
    "alpha_pattern": (target_names.find_alpha_pattern_issues,),
    "trainable_token_indices": (token_issues.find_token_issues,),
    "layer_replication": (replication_issues.find_replication_issues,),
    "qalora_group_size": (ignored_fields.find_qalora_issues,),
    "megatron_core": (ignored_fields.find_unused_megatron_issues,),
    "alora_invocation_tokens": (ignored_fields.find_alora_issues,),
    "runtime_config": (ignored_fields.find_runtime_config_issues,),
}
"""The rules to run, by the field that must differ from its default."""
ONCE: tuple[tuple[frozenset[str], Callable[[ReleaseValues], Iterator[Issue]]], ...] = (
    (frozenset(lora_variants.VARIANTS), lora_variants.find_variant_issues),
    (frozenset(("init_lora_weights", "lora_ga_config")), ignored_fields.find_lora_ga_issues),
)
"""Rules that several fields set off, to be run once."""
