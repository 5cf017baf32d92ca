"""Fields against each other: what `__post_init__` refuses and what wrapping refuses.

A rule stands under the field that must be set for it to speak, so that a plain config runs none.
Sources: PEFT 0.21.2 `tuners/lora/config.py` (`LoraConfig.__post_init__`), `tuners/lora/layer.py`,
`tuners/lora/tp_layer.py`; each was run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Record, Unknown

from . import ignored_fields, lora_variants, target_names
from .issue import Effect, Issue, conflict, listed, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .release_view import View


def layers_with_regex(view: View) -> Iterator[Issue]:
    """layers_to_transform and layers_pattern need target_modules as a list (since 0.6)."""
    target = view.get("target_modules")
    if not isinstance(target, str):
        return
    effect: Effect = "raises" if view.since("0.6") else "silent"
    does = "LoraConfig raises ValueError" if effect == "raises" else "PEFT ignores it"
    for name in ("layers_to_transform", "layers_pattern"):
        if view.given(name):
            yield conflict(
                f"{name.replace('_', '-')}-with-regex",
                (name,),
                f"`{name}` cannot stand beside target_modules as a string ({shown(target)}); "
                f"{does}",
                "give target_modules as a list, or put the layer numbers into the expression",
                effect,
            )


def pattern_without_layers(view: View) -> Iterator[Issue]:
    """layers_pattern needs layers_to_transform (since 0.14; the index 0 counts since 0.21)."""
    if view.unknown("layers_to_transform") or not view.on("layers_pattern"):
        return
    layers = view.get("layers_to_transform")
    missing = layers is None if view.since("0.21") else not layers
    if missing:
        known = view.since("0.14")
        does = "LoraConfig raises ValueError" if known else "PEFT ignores it"
        yield conflict(
            "layers-pattern-without-layers",
            ("layers_pattern",),
            f"`layers_pattern` says where to count layers, but `layers_to_transform` is not set; "
            f"{does}",
            "set layers_to_transform, or remove layers_pattern",
            "raises" if known else "silent",
        )


def dora_with_megatron(view: View) -> Iterator[Issue]:
    """DoRA refuses Megatron (since 0.9)."""
    if view.on("megatron_config") and view.on("use_dora") and view.since("0.9"):
        yield conflict(
            "dora-with-megatron",
            ("use_dora",),
            "`use_dora` does not work with `megatron_config`; LoraConfig raises ValueError",
            "set use_dora to false, or drop megatron_config",
        )


def dora_with_loftq(view: View) -> Iterator[Issue]:
    """DoRA refused LoftQ in 0.9 alone."""
    loftq = view.get("init_lora_weights") == "loftq"
    if view.release == (0, 9) and loftq and view.on("use_dora"):
        yield conflict(
            "dora-with-loftq",
            ("use_dora",),
            "`use_dora` does not work with init_lora_weights 'loftq' in PEFT 0.9; LoraConfig "
            "raises ValueError",
            "use PEFT 0.10 or newer",
        )


def loftq_config(view: View) -> Iterator[Issue]:
    """init_lora_weights 'loftq' needs its config (since 0.7), with both keys."""
    if view.get("init_lora_weights") != "loftq" or view.unknown("loftq_config"):
        return
    config = view.get("loftq_config")
    if isinstance(config, Record):  # a LoftQConfig has defaults for both
        return
    if config is None or (not config and isinstance(config, dict)):
        raises = config is None or view.since("0.14")
        does = "LoraConfig raises ValueError" if raises else "wrapping the first layer fails"
        yield Issue(
            "conflict",
            "loftq-without-config",
            ("init_lora_weights",),
            f"`init_lora_weights` is 'loftq', but `loftq_config` is not set; {does}",
            "add loftq_config with loftq_bits 4 and loftq_iter 1",
            None,
            "raises" if raises else "fails",
        )
    elif isinstance(config, dict):
        missing = [key for key in ("loftq_bits", "loftq_iter") if key not in config]
        if missing:
            yield conflict(
                "loftq-config-incomplete",
                ("loftq_config",),
                f"`loftq_config` lacks {listed(missing)}; PEFT reads it without a default, so "
                "wrapping the first layer raises KeyError",
                "give both: loftq_bits (4) and loftq_iter (1)",
                "fails",
            )


def lora_bias(view: View) -> Iterator[Issue]:
    """lora_bias needs a plain init and no DoRA (since it exists, 0.14)."""
    if not view.on("lora_bias"):
        return
    init = view.get("init_lora_weights")
    if not isinstance(init, Unknown) and init not in (True, False):
        yield conflict(
            "lora-bias-with-init",
            ("lora_bias",),
            f"`lora_bias` needs init_lora_weights true or false, not {shown(init)}; LoraConfig "
            "raises ValueError",
            "remove lora_bias, or set init_lora_weights to true",
        )
    if view.on("use_dora"):
        yield conflict(
            "lora-bias-with-dora",
            ("lora_bias",),
            "`lora_bias` does not work with `use_dora`; LoraConfig raises ValueError",
            "set one of the two to false",
        )


def odd_orthogonal(view: View) -> Iterator[Issue]:
    """The orthogonal init needs even ranks."""
    if view.get("init_lora_weights") != "orthogonal" or view.unknown("r", "rank_pattern"):
        return
    pattern = view.get("rank_pattern")
    ranks: list[tuple[tuple[str | int, ...], Any]] = []
    if not pattern:
        ranks.append((("r",), view.get("r")))
    elif isinstance(pattern, dict):
        ranks += [(("rank_pattern", key), value) for key, value in pattern.items()]
    for path, rank in ranks:
        if isinstance(rank, int) and rank > 0 and rank % 2:
            yield conflict(
                "orthogonal-odd-rank",
                path,
                f"init_lora_weights 'orthogonal' needs an even rank, not {rank}; wrapping the "
                "first linear layer raises ValueError",
                f"use {rank + 1}",
                "fails",
            )


def megatron_core(view: View) -> Iterator[Issue]:
    """megatron_core must name a module of Megatron."""
    core = view.get("megatron_core")
    if not view.on("megatron_config") or isinstance(core, Unknown) or not view.since("0.21"):
        return
    if not isinstance(core, str) or not core.startswith("megatron."):
        yield conflict(
            "megatron-core-prefix",
            ("megatron_core",),
            f"`megatron_core` is {shown(core)}, but PEFT imports only modules that begin with "
            "'megatron.'; wrapping the first layer fails",
            "leave it out: the default is megatron.core",
            "fails",
        )


def head_needs_list(view: View) -> Iterator[Issue]:
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


def rslora_pattern(view: View) -> Iterator[Issue]:
    """rsLoRA with patterns cannot be converted back to plain LoRA for some inits (since 0.12)."""
    init = view.get("init_lora_weights")
    if not view.on("use_rslora") or not isinstance(init, str) or not view.since("0.12"):
        return
    pattern = next((n for n in ("rank_pattern", "alpha_pattern") if view.on(n)), None)
    converts = init.startswith("pissa") or init in ("olora", "corda", "lora_ga")
    if pattern and converts:
        yield conflict(
            "rslora-pattern-conversion",
            ("use_rslora",),
            f"`use_rslora` with `{pattern}` and init {shown(init)}: the adapter cannot be "
            "converted to plain LoRA when it is saved; PEFT warns",
            "drop use_rslora or the pattern if you want path_initial_model_for_weight_conversion",
            "warns",
        )


RULES: dict[str, tuple[Callable[[View], Iterator[Issue]], ...]] = {
    "layers_to_transform": (ignored_fields.layers,),
    "layers_pattern": (pattern_without_layers,),
    "megatron_config": (dora_with_megatron, megatron_core),
    "init_lora_weights": (loftq_config, dora_with_loftq, odd_orthogonal),
    "lora_bias": (lora_bias,),
    "target_parameters": (lora_variants.target_parameters,),
    "use_bdlora": (lora_variants.bdlora,),
    "arrow_config": (lora_variants.arrow_by_hand,),
    "modules_to_save": (head_needs_list, target_names.modules_to_save),
    "use_rslora": (rslora_pattern,),
    "target_modules": (layers_with_regex, target_names.target_modules),
    "exclude_modules": (target_names.exclude_modules, ignored_fields.exclude),
    "rank_pattern": (target_names.rank_pattern,),
    "alpha_pattern": (target_names.alpha_pattern,),
    "trainable_token_indices": (target_names.tokens,),
    "layer_replication": (target_names.replication,),
    "qalora_group_size": (ignored_fields.qalora,),
    "megatron_core": (ignored_fields.megatron,),
    "alora_invocation_tokens": (ignored_fields.alora,),
    "runtime_config": (ignored_fields.runtime,),
}
"""The rules to run, by the field that must differ from its default."""
ONCE: tuple[tuple[frozenset[str], Callable[[View], Iterator[Issue]]], ...] = (
    (frozenset(lora_variants.VARIANTS), lora_variants.variants_together),
    (
        frozenset(
            ("init_lora_weights", "loftq_config", "eva_config", "corda_config", "lora_ga_config")
        ),
        ignored_fields.inits,
    ),
)
"""Rules that several fields set off, to be run once."""
