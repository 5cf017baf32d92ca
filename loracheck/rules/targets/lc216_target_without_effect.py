"""A target that the model has, but that gets no LoRA.

## What
An entry of `target_modules` matches modules, and every one of them is taken out again by
`layers_to_transform` or `exclude_modules`.

## Why
`layers_to_transform` is applied to all entries alike: a module without a layer number (`lm_head`,
`embed_tokens`) is dropped by it without a word. Seen in huggingface/peft issue 1024.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "embed_tokens"], "layers_to_transform": [26, 27]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "layers_to_transform": [26, 27]}
```

## Fix
Write the entry as a full name, which `layers_to_transform` does not touch, or take it out of one of
the two fields.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`); huggingface/peft issue 1024.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.exclusions import describe_exclusion
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.rules.context import RuleContext

CODE = "LC216"
NAME = "target-without-effect"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every entry that matches and wraps nothing."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None or not isinstance(context.value("target_modules"), (list, tuple, set)):
        return
    plan, tree = plan_and_tree
    saved = {s.group.template for s in plan.saved}
    for reach in plan.list_matches("target_modules"):
        if not reach.matched or reach.effect or _is_trained_in_full(str(reach.entry), saved):
            continue
        layers = context.value("layers_to_transform")
        by = "layers_to_transform" if layers not in (None, []) else "exclude_modules"
        if context.value(by) in (None, [], ""):
            continue
        exclusion = describe_exclusion(context)
        of_layers = by == "layers_to_transform"
        words = f"`{by}`" if of_layers else exclusion.words
        modules = _describe_all_modules(reach.matched)
        yield Hit(
            f"`{reach.entry}` gets no LoRA: {words} takes out {modules} "
            f"that it matches in {tree.cls}",
            context.entry_place("target_modules", reach.entry),
            help="write its full name, which layers_to_transform does not touch"
            if of_layers
            else f"{exclusion.help}, or leave `{reach.entry}` out",
            field="target_modules",
            related=_find_related_places(
                context.place(by) if of_layers else exclusion.place, context
            ),
        )


def _find_related_places(place: Path, context: RuleContext) -> tuple[tuple[Path, str], ...]:
    """The place of what takes the modules out; none where that is no key of the file."""
    elsewhere = place not in (context.setting.path, context.place("target_modules"))
    return ((place, "taken out by this"),) if elsewhere else ()


def _describe_all_modules(count: int) -> str:
    return "the one module" if count == 1 else f"all {count_noun(count, 'module')}"


def _is_trained_in_full(entry: str, saved: set[str]) -> bool:
    """Whether the entry's module is trained in full instead, of which another rule speaks."""
    return any(f".{name}".endswith(f".{entry}") for name in saved)
