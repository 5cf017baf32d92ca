"""No module of the model matches `target_modules`.

## What
The target names, or the regular expression, reach not a single module of this model. A warning
where they are those of another release of transformers (ViT's `query` of 5.8 is `q_proj` in 5.10).

## Why
PEFT raises "Target modules ... not found in the base model" once the model is loaded. It is the
most asked question about LoRA; the names differ from architecture to architecture. It is a warning
where the names are right on the other transformers line that is known. Seen in huggingface/peft
issue 294 (GPT-NeoX), OptimalScale/LMFlow issue 125 (BLOOM), hiyouga/LlamaFactory issues 181, 1785
and 2401.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai-community/gpt2", "r": 8,
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "openai-community/gpt2", "r": 8,
 "fan_in_fan_out": true, "target_modules": ["c_attn"]}
```

## Fix
Use the model's own names, which the finding lists, or the string `all-linear`. `--unsafe-fixes`
writes the counterparts of the names, and makes a list of one name that was given as a plain string.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`inject_adapter`).
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.rules.support import name_typos
from loracheck.rules.support.accepted_plan import build_notes_on_other_releases
from loracheck.rules.support.assignments import format_assignment
from loracheck.rules.support.exclusions import describe_exclusion
from loracheck.rules.support.layer_numbers import describe_layers
from loracheck.rules.support.linear_layers import describe_linear_layers, find_linear_layers
from loracheck.rules.support.module_names import is_end_of_any
from loracheck.rules.support.name_as_regex import is_single_name_regex
from loracheck.rules.support.numbered_names import find_meant_modules
from loracheck.rules.support.phrases import count_noun, quote_names
from loracheck.rules.support.plan_errors import UNREACHED
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Fix
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC201"
NAME = "target-matches-nothing"
SEVERITY = "error"
FIXABLE = True


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit when PEFT would find nothing to wrap, or a tool's own filters choose no layer."""
    if context.setting.behaviour.selection is not None:
        from loracheck.rules.support.selected_layers import find_empty_selection_hits

        yield from find_empty_selection_hits(context)
        return
    plan, tree = context.names_plan, context.tree
    if plan is None or tree is None or plan.error is None or plan.error.code not in UNREACHED:
        return
    value = context.value("target_modules")
    if value is None:
        return  # LC211 speaks of defaults
    if _has_other_rule(value) or is_single_name_regex(context):
        return  # LC102, LC203, LC204, LC213 or LC703 says what is wrong with the form
    there = sum(r.matched for r in plan.list_matches("target_modules"))
    excluded = context.value("exclude_modules") and context.value("layers_to_transform") is None
    every = isinstance(value, str) and value.lower() == "all-linear"
    if (there and (excluded or plan.error.code == "all-excluded")) or (every and excluded):
        yield _build_exclusion_hit(context, there)
        return
    if there and not isinstance(value, str):
        yield _build_layers_hit(context, there)
        return
    from loracheck.rules.support import target_help

    fine = context.release_assumed and any(
        other.error is None for _, other in context.plans_on_other_releases
    )
    tool = context.setting.tool
    wild = list(context.setting.behaviour.parts) if tool and tool.wildcards else []
    problem = target_help.describe_dead_patterns(wild) if wild else _describe_targets(value)
    yield Hit(
        f"{problem} of {tree.cls}",
        context.place("target_modules"),
        help=target_help.build_pattern_help(wild, tree)
        if wild
        else target_help.build_target_help(value, tree),
        field="target_modules",
        notes=(
            f"its linear layers are {describe_linear_layers(tree)}",
            *(() if wild else (f"PEFT: {plan.error.message}",)),
            *dict.fromkeys(
                note
                for reach in plan.list_matches("target_modules")[: target_help.MOST_ENTRIES]
                for note in build_notes_on_other_releases(context, str(reach.entry))
            ),
        ),
        # Where nothing says which release runs, it may be one on which the names are right.
        severity="warning" if fine else None,
        fix=None if wild else _build_fix(context, value, tree),
    )


def _has_other_rule(value: object) -> bool:
    if isinstance(value, str):
        return name_typos.find_typo_in_string(value) is not None
    return isinstance(value, (list, tuple, set)) and all(
        name_typos.has_rule_of_its_own(str(e)) for e in value
    )


def _build_exclusion_hit(context: RuleContext, there: int) -> Hit:
    """The hit where exclude_modules takes out every module that the targets match."""
    by = describe_exclusion(context)
    matched = {0: "means every linear layer", 1: "matches one module"}.get(
        there, f"matches {there} modules"
    )
    takes = "take" if " and " in by.words else "takes"
    every = "it" if there == 1 else "all of them"
    return Hit(
        f"target_modules {matched}, and {by.words} {takes} {every} out",
        by.place,
        help=by.help,
        field="exclude_modules",
        notes=("PEFT raises ValueError once the model is loaded",),
    )


def _build_layers_hit(context: RuleContext, there: int) -> Hit:
    """The hit where the targets match, but no module of theirs is in the layers of
    layers_to_transform.
    """
    if context.value("layers_to_transform") in (None, []):
        return _build_trained_heads_hit(context)
    pattern, value = context.value("layers_pattern"), context.value("layers_to_transform")
    numbers = value if isinstance(value, (list, tuple)) else [value]
    there_are = describe_layers(context, numbers[0]) if numbers else None
    if context.accepting_peft:
        there_are = (
            f"PEFT {context.accepting_peft} finds them; for PEFT {context.peft} write "
            "target_modules as a regular expression, or load the model with its head"
        )
    blind = bool(pattern) and not _has_layer_list(context, pattern)
    field = "layers_pattern" if blind else "layers_to_transform"
    return Hit(
        f"target_modules matches {count_noun(there, 'module')}; {field} leaves none",
        context.place(field),
        help=f"no module name has a number after {pattern!r}; leave layers_pattern out"
        if blind
        else there_are
        or _build_help_for_lists_at_top(context)
        or "numbers count from 0 and must be layers of the model",
        field=field,
        notes=("PEFT raises ValueError once the model is loaded",),
    )


def _build_help_for_lists_at_top(context: RuleContext) -> str | None:
    """The help where the lists of layers stand at the top of the model, as diffusers' do: without
    layers_pattern PEFT looks for a number below another name (0.21.2 tuners/tuners_utils.py,
    check_target_module_exists). None where naming them does not help.
    """
    from loracheck.plan import plan

    tree = context.tree
    if tree is None or context.value("layers_pattern"):
        return None
    names = [child.name for child in tree.root.children if child.node.kind == "ModuleList"]
    lists = [name for name in names if name is not None]
    fields = {
        name: value
        for name, value in context.setting.fields.items()
        if not isinstance(value, Unknown)
    }
    for pattern in lists:
        layers_plan = plan({**fields, "layers_pattern": pattern}, tree, peft=context.peft)
        if layers_plan is not None and layers_plan.error is None:
            assignment = format_assignment(context.setting, "layers_pattern", pattern)
            return f"the layers stand at the top of this model: add `{assignment}`"
    return None


def _build_trained_heads_hit(context: RuleContext) -> Hit:
    """The hit where all that the targets match is trained in full instead."""
    plan = context.names_plan
    heads = [str(reach.entry) for reach in plan.list_matches("target_modules")] if plan else []
    task = context.value("task_type")
    return Hit(
        f"nothing gets LoRA: {quote_names(heads)} is trained in full instead",
        context.place("target_modules"),
        help="name layers of the model body as well, or write 'all-linear'",
        field="target_modules",
        notes=(
            f"task_type {task} or modules_to_save trains the new head",
            "PEFT raises ValueError once the model is loaded",
        ),
    )


def _has_layer_list(context: RuleContext, pattern: object) -> bool:
    """Whether some list of layers has the name that layers_pattern gives."""
    names = [pattern] if isinstance(pattern, str) else list(pattern)  # type: ignore[call-overload]
    tree = context.tree
    return tree is not None and any(
        f".{name}." in f".{g.name}" for g in find_linear_layers(tree) for name in names
    )


def _build_fix(context: RuleContext, value: object, tree: ModuleTree) -> Fix | None:
    """The fix: a name where a pattern is taken becomes a list, and foreign names become the model's
    own.
    """
    from loracheck.rules.support import fix_builders

    among = find_linear_layers(tree)
    if isinstance(value, str):
        if not is_end_of_any(value, among):
            return None
        return fix_builders.replace_value(
            context, "target_modules", [value], f"write [{value!r}]", safe=False
        )
    if not isinstance(value, (list, tuple)):
        return None
    names = {str(entry): find_meant_modules(str(entry), tree, among) for entry in value}
    return fix_builders.rewrite_targets(context, names)


def _describe_targets(value: object) -> str:
    if isinstance(value, str):
        return f"`{value}`, matched as a whole name, reaches no module"
    return "none of the target modules is a module"
