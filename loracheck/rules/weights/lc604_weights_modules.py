"""The weights belong to other modules than the config reaches.

## What
Modules that the config adapts (or trains in full) have no weights in the file, or weights stand
there for modules that the config does not reach.

## Why
PEFT loads what fits. A module without weights keeps its fresh, empty adapter, or its base weights;
weights without a module are dropped. Both pass with a warning at most, and the model answers like
the base. Seen in https://github.com/vllm-project/vllm/issues/34186 and
https://github.com/huggingface/peft/issues/3009.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 8]
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [8, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 8]
```

## Fix
Give the config the targets that the adapter was trained with. Where names moved between releases of
transformers, load it with the release that it was trained on, or save it anew.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`set_peft_model_state_dict`: load_state_dict with
strict=False), executed.
"""

from __future__ import annotations

from loracheck.rules.support import adapter_weights
from loracheck.rules.support.accepted_plan import find_accepted_plan, find_releases_where
from loracheck.rules.support.expected_weights import (
    collect_modules_to_adapt,
    is_inside_any,
    list_parameter_holders,
)
from loracheck.rules.support.phrases import count_noun, quote_names
from loracheck.rules.types import Hit
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC604"
NAME = "weights-modules"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for modules without weights, one for weights without a module, one for modules that
    are not trained in full.
    """
    weights = context.weights
    plan_and_tree = find_accepted_plan(context)
    if (
        weights is None
        or weights.fault
        or weights.foreign
        or plan_and_tree is None
        or not weights.size
    ):
        return
    plan, tree = plan_and_tree
    line = _note_on_fitting_releases(context, weights)
    if line is not None:
        yield _build_other_release_hit(context, line, tree.transformers)
        return
    expected = collect_modules_to_adapt(plan)
    shifted = _find_shifted_name(list(expected), list(weights.layers))
    if shifted is not None:
        towers = sum(_is_in_tower(name) for name in expected)
        text_alone = bool(towers) and not any(map(_is_in_tower, weights.layers))
        yield _build_other_prefix_hit(context, *shifted, towers if text_alone else 0)
        return
    missing = [name for name in expected if name not in weights.layers]
    over = [
        name
        for name in weights.layers
        if name not in expected and not _is_in_expert_bank(name, list_parameter_holders(plan))
    ]
    if missing:
        yield _build_hit(context, "without anything in the weights", missing, len(expected))
    if over and not any(wrapped.tied for wrapped in plan.wrapped):
        yield _build_hit(
            context, "with weights, and not reached by the config", over, len(weights.layers)
        )
    for saved in plan.saved:
        names = [f"{name}." for name in saved.names()]
        if not saved.tied and not any(other.startswith(tuple(names)) for other in weights.others):
            yield Hit(
                f"`{saved.entry}` is to be trained in full, and the weights have nothing of it",
                context.entry_place("modules_to_save", saved.entry),
                help="the base model's own would be used; save the adapter anew, or take it out",
                field="modules_to_save",
            )


def _build_hit(context: RuleContext, words: str, names: list[str], whole: int) -> Hit:
    kinds = list(dict.fromkeys(name.rpartition(".")[2] for name in names))
    return Hit(
        f"{len(names):,} of {count_noun(whole, 'module')} {words}",
        context.place("target_modules"),
        help="the config is not the one that these weights were trained with",
        field="target_modules",
        notes=(f"{quote_names(kinds[:6])}, first `{names[0]}`",),
    )


def _note_on_fitting_releases(
    context: RuleContext, weights: adapter_weights.AdapterWeights
) -> str | None:
    """The other transformers releases whose module names fit the weights, where the names of this
    release do not.
    """
    plan = context.plan
    if plan is None or collect_modules_to_adapt(plan).keys() & weights.layers.keys():
        return None
    fits = find_releases_where(
        context,
        lambda other: (
            True if collect_modules_to_adapt(other).keys() & weights.layers.keys() else None
        ),
    )
    return fits[0][0] if fits else None


def _is_in_expert_bank(name: str, holders: tuple[str, ...]) -> bool:
    """Whether the module is one expert of a bank of parameters. PEFT converts the weights of single
    experts when it loads them (`utils/transformers_weight_conversion.py`).
    """
    return is_inside_any(name, holders) or (bool(holders) and ".experts." in name)


def _find_shifted_name(expected: list[str], names: list[str]) -> tuple[str, str] | None:
    """A module of the model and its name in the weights, where no name is in both but the names are
    alike from the layer number on.
    """
    if set(expected) & set(names):
        return None
    tails = {_name_from_number_on(name): name for name in reversed(names)}
    return next(
        (
            (name, tails[_name_from_number_on(name)])
            for name in sorted(expected, key=_is_in_tower)
            if _name_from_number_on(name) in tails
        ),
        None,
    )


def _name_from_number_on(name: str) -> str:
    """The part of a name from its first number on; the whole name where it has none."""
    parts = name.split(".")
    at = next((i for i, part in enumerate(parts) if part.isdecimal()), 0)
    return ".".join(parts[at:])


def _is_in_tower(name: str) -> bool:
    return get_component(name) in ("vision", "audio")


def _build_other_prefix_hit(context: RuleContext, name: str, there: str, towers: int) -> Hit:
    alone = (
        f"; there is nothing for the {count_noun(towers, 'module')} of the tower that the config "
        "reaches: it was trained on the text model alone"
    )
    return Hit(
        f"the names in the weights begin otherwise: `{there}`, and the model has `{name}`"
        + (alone if towers else ""),
        context.setting.model_place or context.setting.path,
        help="load it on the class that it was trained on, such as that of AutoModelForCausalLM"
        if towers
        else "load it with the release of transformers that it was trained on, or save it anew",
        field="base_model_name_or_path",
        notes=("PEFT renames some of them when it loads; most servers match by full names",),
        severity="note",
    )


def _build_other_release_hit(context: RuleContext, line: str, here: str | None) -> Hit:
    return Hit(
        f"the weights have the module names of transformers {line}",
        context.place("target_modules"),
        help=f"judge it by that release: --transformers {line.rpartition(' ')[2]}",
        field="target_modules",
        notes=(
            f"on {here} the modules are called otherwise, and most servers match by full names",
        ),
        severity="note",
    )
