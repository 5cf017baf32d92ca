"""The weights have another rank than the config says.

## What
Matrices in `adapter_model.safetensors` whose rank is not the one that `r` and `rank_pattern` give
to their module.

## Why
PEFT builds layers of the config's rank and cannot load the weights: size mismatch. It comes of a
config edited after training, or copied from another run. Seen in
https://github.com/huggingface/peft/issues/276 and https://github.com/OpenBMB/VoxCPM/issues/283.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2-0.5B", "r": 8,
 "target_modules": ["q_proj"], "layers_to_transform": [0]}
```
```weights
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight F32 [16, 896]
base_model.model.model.layers.0.self_attn.q_proj.lora_B.weight F32 [896, 16]
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
Set `r` (or `rank_pattern`) to what the weights have. Mind `lora_alpha`: the scaling is alpha / r,
so a config of another run may have another alpha too.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (`set_peft_model_state_dict`),
`tuners/lora/layer.py` (`update_layer`), executed.
"""

from __future__ import annotations

from loracheck.rules.support import adapter_weights
from loracheck.rules.support.expected_weights import collect_modules_to_adapt, has_plain_shapes
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext


CODE = "LC603"
NAME = "weights-rank"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for all modules, with the ranks that they have."""
    weights = context.weights
    if weights is None or not weights.layers or not has_plain_shapes(context):
        return
    wrong = _find_modules_with_wrong_rank(context, weights)
    if not wrong:
        return
    there = sorted({rank for ranks in wrong.values() for rank in ranks})
    first = next(iter(wrong))
    yield Hit(
        f"the weights have rank {' and '.join(map(str, there))}, "
        f"and the config gives {context.value('r')}",
        context.place("r"),
        help=f"set r to {there[0]}" if len(there) == 1 else "name the ranks in rank_pattern",
        field="r",
        notes=(f"{count_noun(len(wrong), 'module')} of {len(weights.layers)}, first `{first}`",),
    )


def _find_modules_with_wrong_rank(
    context: RuleContext, weights: adapter_weights.AdapterWeights
) -> dict[str, set[int]]:
    """Modules whose rank in the weights is not the one that PEFT would give them; without a plan, a
    rank that the config does not name at all.
    """
    plan = context.plan
    if plan is not None and plan.error is None:
        modules = collect_modules_to_adapt(plan)
        ranks = {
            name: adapter_weights.collect_matrix_ranks(layer)
            for name, layer in weights.layers.items()
        }
        return {
            name: ranks[name]
            for name, (rank, _) in modules.items()
            if ranks.get(name) and ranks[name] != {rank}
        }
    candidates = [context.value("r"), *_list_pattern_ranks(context)]
    if context.value("target_parameters") or not all(isinstance(rank, int) for rank in candidates):
        return {}
    return {
        name: adapter_weights.collect_matrix_ranks(layer)
        for name, layer in weights.layers.items()
        if not adapter_weights.collect_matrix_ranks(layer) <= set(candidates)
    }


def _list_pattern_ranks(context: RuleContext) -> list[object]:
    pattern = context.value("rank_pattern")
    return list(pattern.values()) if isinstance(pattern, dict) else [pattern] if pattern else []
