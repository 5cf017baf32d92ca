"""No `target_modules`, and PEFT has no usable default for this architecture.

## What
The config leaves `target_modules` out and PEFT's table has no entry for the model type, or the
entry cannot work. Or a tool is asked for every linear layer and finds none: LLaMA-Factory's `all`
looks for modules of class Linear, and GPT-2's are Conv1D.

## Why
PEFT has defaults for about forty model types only; for the others it raises "Please specify
`target_modules`" once the model is loaded. For the mixture-of-experts types that PEFT rewrites on
transformers 5 the default is never applied. Seen in mymusise/ChatGLM-Tuning issue 149 and
hiyouga/LlamaFactory issue 6081.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 8}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "microsoft/Phi-3-mini-4k-instruct", "r": 8,
 "target_modules": ["qkv_proj", "o_proj"]}
```

## Fix
Name `target_modules`, or write the string `all-linear`.

## Source
PEFT 0.21.2 `utils/constants.py` (`TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING`),
`tuners/lora/model.py`.
"""

from __future__ import annotations

from loracheck.rules.support.linear_layers import describe_linear_layers, find_linear_layers
from loracheck.rules.support.plan_errors import NO_DEFAULT_TARGETS, UNREACHED
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC211"
NAME = "no-default-targets"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit when PEFT would ask for target_modules."""
    plan, tree = context.plan or context.names_plan, context.tree
    if plan is None or tree is None or plan.error is None:
        return
    if context.plan is None and plan.error.code not in NO_DEFAULT_TARGETS:
        return  # tensor names alone cannot tell what a default reaches
    if any(issue.id == "no-targets" for issue in context.issues):
        return  # LC105 speaks of an empty value
    unreached = context.value("target_modules") is None and plan.error.code in UNREACHED
    if plan.error.code not in NO_DEFAULT_TARGETS and not unreached:
        return
    model_types = (
        context.setting.behaviour.lists_linear and context.value("target_modules") == "all-linear"
    )
    yield Hit(
        _note_on_empty_list(tree)
        if model_types
        else _describe_selection(context, tree)
        or f"PEFT has no default targets for {_describe_kind(tree)}, and the config names none",
        context.place("target_modules"),
        help=f"name them in target_modules: {describe_linear_layers(tree)}"
        if model_types
        else _HELP[tree.pretrained] + _note_on_newer_peft(context),
        field="target_modules",
        notes=()
        if model_types
        else (f"the model's linear layers are {describe_linear_layers(tree)}",),
    )


_HELP = {
    True: "name target_modules, or use the string 'all-linear'",
    False: "name target_modules",
}
"""By whether the model is transformers': of others PEFT before 0.15 refuses
"all-linear", and where it does not, it takes in every modulation and embedder.
"""


def _describe_selection(context: RuleContext, tree: ModuleTree) -> str | None:
    """What is wrong where PEFT has default targets and the config selects layers among them."""
    from loracheck.plan.peft_tables import find_default_targets

    names = find_default_targets(tree.model_type)
    if context.value("layers_to_transform") is None or not names:
        return None
    chosen = ", ".join(f"`{name}`" for name in names)
    return (
        f"none of PEFT's default targets for {_describe_kind(tree)} ({chosen}) lies in the layers "
        "that `layers_to_transform` and `layers_pattern` select"
    )


def _describe_kind(tree: ModuleTree) -> str:
    return repr(tree.model_type) if tree.model_type else f"models of {tree.library}"


def _note_on_newer_peft(context: RuleContext) -> str:
    """The note that a newer PEFT has default targets, where an older one is judged by."""
    from loracheck.plan.peft_tables import find_default_targets

    kind = context.tree.model_type if context.tree else None
    return "; newer PEFT has a default" if context.peft and find_default_targets(kind) else ""


def _note_on_empty_list(tree: ModuleTree) -> str:
    """The note on why a tool's own list of all linear layers is empty."""
    kinds = dict.fromkeys(str(g.node.kind) for g in find_linear_layers(tree))
    others = ", ".join(kind for kind in kinds if kind != "Linear")
    why = f"; those of {tree.cls} are of class {others}" if others else ""
    return f"the tool lists modules of class Linear here, and finds none{why}"
