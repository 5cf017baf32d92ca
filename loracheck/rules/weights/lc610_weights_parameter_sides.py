"""Weights of experts that another PEFT release laid out, or of another number of experts.

## What
`target_parameters` adapts a parameter that holds all experts, and the matrices in the file have
their sides the other way round than this PEFT release makes them, or hold another number of
experts.

## Why
PEFT 0.19 exchanged the sides: what 0.17 and 0.18 saved fails to load in 0.19 and newer ("size
mismatch for ...experts.lora_A"), and the other way round. Nothing in adapter_config.json tells.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen3-30B-A3B", "r": 8,
 "target_modules": [], "target_parameters": ["layers.0.mlp.experts.down_proj"]}
```
```weights
base_model.model.model.layers.0.mlp.experts.lora_A.weight F32 [1024, 2048]
base_model.model.model.layers.0.mlp.experts.lora_B.weight F32 [768, 1024]
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen3-30B-A3B", "r": 8,
 "target_modules": [], "target_parameters": ["layers.0.mlp.experts.down_proj"]}
```
```weights
base_model.model.model.layers.0.mlp.experts.lora_A.weight F32 [1024, 768]
base_model.model.model.layers.0.mlp.experts.lora_B.weight F32 [2048, 1024]
```

## Fix
Load it with the PEFT that saved it, or turn every pair: with E experts and rank r, the new `lora_A`
is `B.reshape(-1, r, E).permute(2, 1, 0).reshape(E * r, -1)`, the new `lora_B` is
`A.reshape(E, r, -1).permute(2, 1, 0).reshape(-1, r * E)`.

## Source
PEFT 0.18.1 against 0.19.1 `tuners/lora/layer.py` (ParamWrapper), both executed: adapters of one
loaded by the other.
"""

from __future__ import annotations

from loracheck.rules.support.parameter_weights import (
    EXCHANGED_SINCE,
    TRANSPOSED,
    ParameterWeights,
    get_matrix_sides,
    get_stacked_ranks,
    list_parameter_weights,
)
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC610"
NAME = "weights-parameter-sides"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for all matrices whose sides are exchanged, one for another number of experts."""
    weights, plan = context.weights, context.plan
    if weights is None or not weights.layers or plan is None or plan.error is not None:
        return
    parameters = list(list_parameter_weights(plan, weights.layers))
    exchanged = [one for one in parameters if _is_exchanged(context, one)]
    if exchanged:
        yield _build_sides_hit(context, exchanged)
    other = [one for one in parameters if _has_other_experts(one)]
    if other:
        yield _build_experts_hit(context, other)


def _is_new(context: RuleContext) -> bool:
    """Whether the PEFT release that judges exchanges the sides."""
    from loracheck.config.release_values import parse_release_number

    return context.peft is None or parse_release_number(context.peft)[:2] >= EXCHANGED_SINCE


def _is_exchanged(context: RuleContext, one: ParameterWeights) -> bool:
    _, second, third = one.shape
    tree = context.tree
    family = tree.cls.rpartition(".")[2] if tree is not None and tree.cls else ""
    if second == third or not family or family.startswith(TRANSPOSED):
        return False
    return get_matrix_sides(one) == ((second, third) if _is_new(context) else (third, second))


def _has_other_experts(one: ParameterWeights) -> bool:
    rows, columns = get_stacked_ranks(one)
    halves = one.rank > 0 and rows == columns and rows % one.rank == 0
    return halves and rows != one.rank * one.shape[0]


def _build_sides_hit(context: RuleContext, parameters: list[ParameterWeights]) -> Hit:
    first = parameters[0]
    a, b = get_matrix_sides(first)
    saved, here = ("0.18 or older", "0.19 and newer refuse")
    if not _is_new(context):
        saved, here = ("0.19 or newer", "0.18 and older refuse")
    return Hit(
        f"the experts' weights were saved by PEFT {saved}, whose layout PEFT {here}: "
        f"`{first.key}` has sides {a:,} and {b:,}, and {b:,} and {a:,} are expected",
        context.place("target_parameters"),
        help="load it with the PEFT that saved it and merge it there, or turn each pair of "
        "matrices as `loracheck explain LC610` says",
        field="target_parameters",
        notes=(f"{count_noun(len(parameters), 'pair')} of matrices",),
    )


def _build_experts_hit(context: RuleContext, parameters: list[ParameterWeights]) -> Hit:
    first = parameters[0]
    there = get_stacked_ranks(first)[0] // first.rank
    return Hit(
        f"the weights hold {there:,} experts, and the model has {first.shape[0]:,}: "
        f"`{first.key}`, rank {first.rank}",
        context.place("target_parameters"),
        help="load it onto the model that it was trained on, or mend the rank",
        field="target_parameters",
        notes=(f"{count_noun(len(parameters), 'pair')} of matrices",),
    )
