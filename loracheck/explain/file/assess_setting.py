"""`assess_setting`: all that is known about one setting, put together."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.explain.numbers.memory import estimate_memory
from loracheck.plan import PEFT
from loracheck.plan.result.adapter_size import measure_adapter
from loracheck.rules.support.accepted_plan import build_training_plan
from loracheck.rules.support.selected_layers import choose_layers
from loracheck.trees.sources.request import NAMES_ONLY
from loracheck.type_checking import TYPE_CHECKING

from .coverage import count_linear_layers, sum_components, sum_streams
from .entries import (
    AssumedDefault,
    list_additions,
    list_assumed,
    list_entries,
    list_values,
)
from .impact import (
    INVALID_CONFIG,
    OTHER_LAYERS,
    OTHER_LAYERS_INVALID,
    OWN_CHOICE,
    FullModules,
    Impact,
    Refusal,
    Scaling,
    TokenRows,
)
from .layer_map import map_layers
from .module_rows import build_rows, convert_alpha, split_modules
from .serving import EngineVerdict, judge_engines

if TYPE_CHECKING:
    from loracheck.findings import Finding
    from loracheck.plan.model import Plan
    from loracheck.rules import RuleContext
    from loracheck.tools.core.setting import Setting
    from loracheck.trees.model import ModuleTree


def assess_setting(
    context: RuleContext,
    findings: tuple[Finding, ...] = (),
    engines: tuple[str, ...] = (),
    model: str | None = None,
) -> Impact:
    """All that is known about a setting. Never raises for a bad config, UnknownEngineError for
    `engines` that are not known.

    `findings` are the setting's own, as `loracheck.pipeline` gives them; `engines` are names for
    `served` ("vllm", "vllm==0.11"), all known ones being asked where there are none. `model` is the
    base model that the caller gave in place of the file's.
    """
    setting, plan = context.setting, _plan_of_peft(context)
    usable = plan if plan is not None and plan.error is None else None
    tree = _replicate(context.tree, setting, usable)
    awake = build_training_plan(context, usable)
    names = plan or (context.names_plan if tree is not None else None)
    row_parts = split_modules(tree, usable) if tree is not None and not tree.partial else []
    table = build_rows(tree, row_parts) if tree is not None else ()
    reached, linear = count_linear_layers(table, tree.output_embeddings if tree else None)
    return Impact(
        path=context.document.path,
        line=context.document.span(setting.path).line,
        dialect=setting.tool_name,
        model=model or _get_model_text(setting),
        model_type=tree.model_type if tree else None,
        cls=tree.cls if tree else None,
        source=context.resolved.source,
        transformers=tree.transformers if tree else None,
        peft=context.peft or PEFT,
        judged=plan is not None,
        counted=context.resolved.kind != NAMES_ONLY,
        reason=_explain_unjudged_config(context) if plan is None else None,
        help=context.resolved.help,
        refusal=_read_refusal(plan),
        values=list_values(context),
        assumed=_list_assumed_defaults(context, model),
        added=list_additions(context, usable),
        rows=table,
        components=sum_components(table),
        streams=sum_streams(table) if tree and tree.library == "diffusers" else (),
        stacks=map_layers(table, row_parts),
        entries=list_entries(context, names, table) if names else (),
        scalings=_list_scalings(context, usable),
        full=_list_full_modules(usable),
        tokens=_list_token_rows(usable),
        targeted=None if plan is None else usable.targeted if usable else 0,
        linear_reached=None if plan is None else reached,
        linear_layers=linear,
        trainable=usable.trainable if usable else None,
        total=usable.total if usable else None,
        resumed=awake.trainable if awake is not usable and awake else None,
        disk=measure_adapter(setting.fields, tree, usable) if usable and tree else None,
        memory=estimate_memory(context, tree, awake) if awake and tree else None,
        unknown=plan.unknown if plan else (),
        warnings=_list_warnings(context, plan),
        findings=findings,
        served=_ask_engines(context, plan, engines),
    )


def _get_model_text(setting: Setting) -> str | None:
    """The base model as the file writes it."""
    return setting.model.text if isinstance(setting.model, Unknown) else setting.model


def _list_assumed_defaults(context: RuleContext, model: str | None) -> tuple[AssumedDefault, ...]:
    """What is only an option's default; a model that the caller gave is none."""
    return tuple(one for one in list_assumed(context) if model is None or one.field != "model")


def _replicate(tree: ModuleTree | None, setting: Setting, usable: Plan | None) -> ModuleTree | None:
    """The tree with the layers that `layer_replication` adds."""
    layer_map = setting.fields.get("layer_replication")
    if usable is None or tree is None or not layer_map:
        return tree
    from .replicated_model import replicate_layers

    return replicate_layers(tree, layer_map)


def _ask_engines(
    context: RuleContext, plan: Plan | None, engines: tuple[str, ...]
) -> tuple[EngineVerdict, ...] | None:
    """What engines make of the adapter; None where LoraConfig or PEFT refuses the config."""
    refused = context.has_refused_values or (plan is not None and plan.error is not None)
    return None if refused else judge_engines(context, engines)


def _plan_of_peft(context: RuleContext) -> Plan | None:
    """The plan, where it is PEFT's LoRA that the setting gets: a tool with layers of its own does
    not ask PEFT, and another method has other parameters.
    """
    setting, plan = context.setting, context.plan
    refused = plan is not None and plan.error is not None
    if setting.method is not None or (setting.behaviour.own_layers and refused):
        return None
    return plan


def _explain_unjudged_config(context: RuleContext) -> str | None:
    """Why the config could not be held against a model."""
    own_layers = context.setting.behaviour.own_layers
    if context.setting.method is not None and context.tree is not None:
        return f"of {context.setting.method} only the names of the targets are judged"
    if context.tree is None:
        return context.resolved.reason
    layers = context.compute_once(choose_layers)
    if layers is not None:
        reached = sum(group.count for group in layers.reached)
        every = sum(group.count for group in layers.candidates)
        about = "about " if context.tree.partial else ""
        return f"{OWN_CHOICE} {about}{reached:,} of {every:,} layers"
    if context.has_refused_values:
        return OTHER_LAYERS_INVALID if own_layers else INVALID_CONFIG
    if context.plan is not None:
        return OTHER_LAYERS
    if context.resolved.kind == NAMES_ONLY:
        return f"the model is known {context.resolved.source}, without sizes and number of layers"
    if context.tree.partial:
        return "only the names of the model's modules are known, not " + ", ".join(
            context.tree.partial
        )
    return "what is targeted is not known before run time"


def _list_warnings(context: RuleContext, plan: Plan | None) -> tuple[str, ...]:
    """PEFT's own. An exclusion that stands for what a tool passes over by itself never reaches
    PEFT, which so has nothing to say of it.
    """
    places = context.setting.places
    return tuple(
        w.message
        for w in (plan.warnings if plan else ())
        if w.field != "exclude_modules" or w.field in places
    )


def _read_refusal(plan: Plan | None) -> Refusal | None:
    error = plan.error if plan else None
    if error is None:
        return None
    return Refusal(error.exception, error.message, error.field, error.module, error.stage)


def _list_scalings(context: RuleContext, plan: Plan | None) -> tuple[Scaling, ...]:
    """The distinct scalings; rsLoRA divides by the root of the rank (arXiv:2312.03732)."""
    modules: dict[tuple[int, float, float], int] = {}
    for w in plan.wrapped if plan else ():
        key = (w.rank, convert_alpha(w), w.scaling)
        modules[key] = modules.get(key, 0) + w.group.count
    root = context.value("use_rslora") is True
    how = "lora_alpha / sqrt(r) = {1:g} / sqrt({0})" if root else "lora_alpha / r = {1:g} / {0}"
    return tuple(Scaling(*key, how.format(*key), number) for key, number in modules.items())


def _list_full_modules(plan: Plan | None) -> tuple[FullModules, ...]:
    return tuple(
        FullModules(
            s.name, s.group.count, s.parameters * s.group.count, s.entry, s.automatic, s.tied
        )
        for s in (plan.saved if plan else ())
    )


def _list_token_rows(plan: Plan | None) -> tuple[TokenRows, ...]:
    return tuple(
        TokenRows(t.name, t.indices, t.parameters * t.group.count, t.tied)
        for t in (plan.tokens if plan else ())
    )
