"""A target that is a module LoRA, or the method of the config, cannot wrap.

## What
A name or pattern that reaches a container (an attention or MLP block, a list of layers), a norm, a
dropout, an activation, or another class that PEFT has no LoRA layer for.

## Why
PEFT raises "Target module ... is not supported" in the middle of the wrapping and prints the whole
module. The linear layers inside the block were usually meant. Seen in microsoft/LoRA issue 192 (a
whole CLIP layer) and huggingface/peft issue 2286 (a dropout).

PEFT's other methods take other modules than LoRA: LoHa no embedding and no Conv1D of GPT-2, VeRA no
convolution, while LayerNorm tuning takes any module. Each is judged by its own, and PEFT's words
stand in a note.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["self_attn"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"]}
```

## Fix
Name the layers inside the block; the finding lists them. A norm or an embedding that is to be
trained in full belongs into `modules_to_save`.

## Source
PEFT 0.21.2 `tuners/lora/model.py` (`_create_new_module`); for the other methods
`tuners/*/model.py`, each executed.
"""

from __future__ import annotations

from loracheck.config.module_kinds import find_refusal
from loracheck.rules.support.linear_layers import LINEAR_KINDS
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.plan_errors import UNSUPPORTED_MODULE
from loracheck.rules.types import Hit
from loracheck.trees.model import Node, iterate_children
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan.model import PlanError
    from loracheck.rules.context import RuleContext

CODE = "LC206"
NAME = "unsupported-module"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the first module that PEFT would refuse."""
    plan, tree = context.plan, context.tree
    if (
        plan is None
        or tree is None
        or plan.error is None
        or plan.error.code not in UNSUPPORTED_MODULE
    ):
        return
    name = plan.error.module or ""
    node = tree.find(name)
    opened_classes = context.setting.behaviour.opened_classes
    if node is not None and any(part in node.class_name for part in opened_classes):
        return  # the tool teaches PEFT to look inside it
    method = context.setting.method
    inside = _list_linear_layers_inside(node, method) if node is not None else []
    entries = [str(r.entry) for r in plan.list_matches("target_modules")]
    entry = next((e for e in entries if _ends_with(name, e)), None)
    kind = node.class_name if node else "module"
    article = "an" if kind[0] in "AEIO" else "a"
    yield Hit(
        f"`{name}` is {article} {kind}, which LoRA cannot wrap",
        context.entry_place("target_modules", entry) if entry else context.place("target_modules"),
        help=_build_help_for_tower(name, entry)
        + (
            f"target the layers inside it: {quote_names(inside)}"
            if inside
            else _build_help_for_module(node)
        ),
        field="target_modules",
        notes=_list_notes(plan.error, method),
    )


def _build_help_for_tower(name: str, entry: str | None) -> str:
    """What leaves a vision or audio part out, for an entry that need not have meant it."""
    parts = name.split(".")
    for number, part in enumerate(parts):
        if get_component(".".join(parts[: number + 1])) in ("vision", "audio"):
            names_tower = entry is None or part in entry
            return (
                "" if names_tower else f"leave the part out with exclude_modules '.*{part}.*', or "
            )
    return ""


def _ends_with(name: str, entry: str) -> bool:
    return name == entry or name.endswith("." + entry)


def _list_notes(error: PlanError, method: str | None) -> tuple[str, ...]:
    stops = f"PEFT stops with {error.exception} after it has wrapped the modules before it"
    return (stops,) if method is None else (stops, f"PEFT says: {error.message}")


def _list_linear_layers_inside(node: Node, method: str | None) -> list[str]:
    names: list[str] = []
    for name, child in iterate_children(node):
        if child.kind in LINEAR_KINDS and not (method and find_refusal(method, child.kind)):
            names.append(name)
        else:
            names += _list_linear_layers_inside(child, method)
    return list(dict.fromkeys(n for n in names if not n.isdecimal()))[:6]


def _build_help_for_module(node: Node | None) -> str:
    if node is not None and node.parameters:
        return "take it out of target_modules; modules_to_save trains it in full"
    return "take it out of target_modules; it has no weights"
