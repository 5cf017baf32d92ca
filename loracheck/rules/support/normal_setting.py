"""A setting's normal form: the same keys and words for every tool's file. Policies are held against
it; `loracheck.policies.setting_schema` is its schema.
"""

from __future__ import annotations

import os
from math import isfinite

from loracheck.config.release_values import list_release_defaults
from loracheck.documents.dependencies import note_look
from loracheck.documents.model import Unknown
from loracheck.policies.model import Between, OpenDict
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

from .accepted_plan import build_training_plan, find_accepted_plan
from .adapter_weights import FILE_NAME
from .linear_layers import measure_share

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Table, Value
    from loracheck.plan.model import Plan
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

MAX_KEY = 1_000
"""Characters of a key; what has a longer one is not known."""

EFFECT = (
    *("targeted", "modules", "saved", "ranks", "reach", "trainable", "share", "adapter_bytes"),
)
"""The keys of `effect`."""

NO_SIZE = frozenset({"lora_alpha", "alpha_pattern", "lora_dropout", "init_lora_weights"})
"""Fields that do not matter to how large the adapter is."""


def build_normal_setting(context: RuleContext) -> dict[str, Value]:
    """The normal form. What is not known before run time, or without a module tree, is Unknown."""
    return {
        "fields": _make_fields(context),
        "config": _make_config(context),
        "model": _find_model(context),
        "dialect": context.setting.tool_name,
        "quantization": _find_quantization(context),
        "effect": _measure_effect(context),
        "engines": _ask_engines(context),
    }


def _make_fields(context: RuleContext) -> dict[str, Value]:
    """LoraConfig's fields as the file, or its tool, sets them."""
    fields = normalize_value(context.setting.fields)
    if not isinstance(fields, dict):
        return OpenDict()
    return fields if context.setting.complete else OpenDict(fields)


def _make_config(context: RuleContext) -> dict[str, Value]:
    """LoraConfig's fields as PEFT gets them: those that are set, and for all others the defaults of
    the release that judges. Unknown for a tool with LoRA layers of its own and for PEFT's other
    methods.
    """
    setting, defaults = context.setting, list_release_defaults(context.peft)
    if setting.own_lora or setting.method is not None:
        return {name: Unknown("LoRA layers that are not PEFT's") for name in defaults}
    unset = Unknown("whether the setting sets it")
    return {
        name: normalize_value(setting.fields[name])
        if name in setting.fields
        else (default if setting.complete else unset)
        for name, default in defaults.items()
    }


def normalize_value(value: Value) -> Value:
    """A value as JSON has it. Unknown for what JSON has not: NaN, an infinity, bytes."""
    if value is None or isinstance(value, (str, bool, int, Unknown)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else Unknown(str(value))
    if isinstance(value, dict):
        return _normalize_mapping(value)
    if isinstance(value, (list, tuple)):
        return [normalize_value(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return [normalize_value(item) for item in sorted(value, key=str)]
    day = getattr(value, "isoformat", None)
    return day() if day is not None else Unknown(type(value).__name__)


def _normalize_mapping(value: Table) -> dict[str, Value]:
    items = {
        str(key): normalize_value(item)
        for key, item in value.items()
        if not isinstance(key, Unknown) and len(str(key)) <= MAX_KEY
    }
    return items if len(items) == len(value) else OpenDict(items)


def _find_model(context: RuleContext) -> Value:
    """The base model as the file names it; null where PEFT saved none. A name with `$` in it is
    filled in by a shell or envsubst before a tool reads the file.
    """
    setting = context.setting
    if setting.model is None and setting.form != "adapter_config":
        return Unknown("the file names no base model")
    filled_in = isinstance(setting.model, str) and "$" in setting.model
    return Unknown(str(setting.model)) if filled_in else setting.model


def _find_quantization(context: RuleContext) -> Value:
    """How the base model is loaded: as the file says, else as the checkpoint is stored."""
    setting, tree = context.setting, context.tree
    stored = quantization.find_quantization_method(tree) if tree is not None else None
    if setting.quantization or stored:
        return setting.quantization or stored
    by_tool = setting.tool is not None and setting.tool.tells_quantization
    if tree is None or not (setting.tells_quantization or (by_tool and setting.complete)):
        return Unknown("the file does not say how the model is loaded")
    words = (key for key in setting.mapping if "bit" in str(key) or "quant" in str(key))
    values = [setting.mapping[key] for key in words] if by_tool else []
    unsure = any(isinstance(one, Unknown) or (type(one) is int and one) for one in values)
    return Unknown("how the model is loaded") if unsure else None


def _measure_effect(context: RuleContext) -> dict[str, Any]:
    """What LoRA does to the model; all Unknown without its exact tree, or where PEFT refuses."""
    effect = dict.fromkeys(EFFECT, Unknown("the model's modules are not known"))
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None or not context.setting.complete:
        return effect
    plan, tree = plan_and_tree
    return {**effect, **dict(_iterate_figures(context, plan, tree))}


def _iterate_figures(
    context: RuleContext, plan: Plan, tree: ModuleTree
) -> Iterator[tuple[str, Any]]:
    yield "targeted", plan.targeted
    yield "modules", list(dict.fromkeys(get_leaf_name(w.group.template) for w in plan.wrapped))
    yield "saved", list(dict.fromkeys(get_leaf_name(s.group.template) for s in plan.saved))
    share = measure_share(plan, tree)
    if share.linear:
        yield "reach", min(share.reached / share.linear, 1.0)
    if not {"r", "rank_pattern"} & {*plan.unknown}:
        yield "ranks", sorted({w.rank for w in plan.wrapped})
    awake = build_training_plan(context, plan)
    if awake is not None and awake.trainable is not None:
        yield "trainable", awake.trainable
        if awake.total:
            yield "share", awake.trainable / awake.total
    size = _measure_size(context, plan, tree)
    if size is not None:
        yield "adapter_bytes", size


def _measure_size(context: RuleContext, plan: Plan, tree: ModuleTree) -> Any:
    """Bytes of adapter_model.safetensors: of the file itself where it lies beside the config, else
    as PEFT would save it: LoRA weights in float32 (`autocast_adapter_dtype`), what it copies from
    the model in the model's precision, of two bytes or four.
    """
    weights = context.weights
    if weights is not None and weights.fault is None:
        folder = os.path.dirname(context.document.path)
        try:
            path = os.path.join(folder, FILE_NAME)
            note_look(path)
            return os.stat(path).st_size
        except OSError:
            return None
    if {*plan.unknown} - NO_SIZE:
        return None
    from loracheck.plan.result.adapter_size import measure_adapter

    size = measure_adapter(context.setting.fields, tree, plan)
    copied = size.parameters - size.lora
    return (
        Between(size.lora * 4 + copied * 2, size.lora * 4 + copied * 4)
        if copied
        else (size.lora * 4)
    )


def get_leaf_name(template: str) -> str:
    """The last part of a module's name that is no index."""
    return next((part for part in reversed(template.split(".")) if part != "*"), template)


def _ask_engines(context: RuleContext) -> dict[str, Value]:
    """Each engine's verdict: of the release that `--serve` names, else of the newest known. That
    one takes an adapter in any way is known only where the whole adapter is.
    """
    from loracheck.engines import list_engine_names, parse_engine

    from .engine_traits import collect_adapter_traits
    from .engine_verdicts import find_refusals, list_unchecked_parts, summarize_verdict

    served = {engine.name: engine for engine in context.engines}
    engines = {name: served.get(name) or parse_engine(name) for name in list_engine_names()}
    answers = {name: Unknown(f"whether {one.title} takes it") for name, one in engines.items()}
    if context.has_refused_values or not context.compute_once(collect_adapter_traits):
        return {**answers}
    has_plan = find_accepted_plan(context) is not None and context.setting.complete
    sure = has_plan and not (context.plan and context.plan.unknown)
    verdicts: dict[str, Any] = {**answers}
    for name, engine in engines.items():
        unchecked = list_unchecked_parts(context, engine)
        verdict = summarize_verdict(find_refusals(context, engine), unchecked)
        if verdict == "refuses" or (sure and not unchecked):
            verdicts[name] = verdict
    return verdicts
