"""Files for a tool: every key of its map on its own with each of its values, and a draw of several
together. The same each time.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from loracheck.config.field_table import get_lora_fields

if TYPE_CHECKING:
    from loracheck.tools.core.key import Key
    from loracheck.tools.core.tool import Tool

POOLS: dict[str, list[Any]] = {
    "r": [1, 8, 64, "16"],
    "lora_alpha": [1, 16, 128, "32"],
    "lora_dropout": [0, 0.0, 0.1, "0.05"],
    "target_modules": [["q_proj"], ["q_proj", "v_proj"], ["o_proj", "up_proj", "down_proj"]],
    "modules_to_save": [["lm_head"], ["embed_tokens", "lm_head"]],
    "task_type": ["CAUSAL_LM", "SEQ_CLS"],
    "bias": ["none", "all"],
    "init_lora_weights": [True, False, "gaussian", "pissa"],
    "rank_pattern": [{"q_proj": 4}],
    "alpha_pattern": [{"q_proj": 4}],
    "layers_to_transform": [[0, 1]],
    "layers_pattern": [["layers"]],
    "layer_replication": [[[0, 1]]],
    "trainable_token_indices": [[0, 1]],
    "target_parameters": [["experts.gate_up_proj"]],
    "exclude_modules": [["lm_head"]],
}
"""Values by the LoraConfig field that a key becomes, where the tool has none of its own."""

_BOOLS = [True, False, "true"]


def list_values(key: Key, own: dict[str, list[Any]]) -> list[Any]:
    """The values to try for a key; none for those that make no LoraConfig field and are not the
    tool's to try.
    """
    if key.name in own:
        return own[key.name]
    if key.field is None:
        return []
    return _BOOLS if get_lora_fields()[key.field].type == "bool" else POOLS.get(key.field, [])


def list_blocks(tool: Tool, own: dict[str, list[Any]], several: int) -> list[dict[str, Any]]:
    """The mappings of a tool's keys: nothing, each value alone, `several` draws of many."""
    pools = {key.name: found for key in tool.keys if (found := list_values(key, own))}
    made: list[dict[str, Any]] = [{}]
    made += [{name: value} for name, pool in pools.items() for value in pool]
    draw = random.Random(tool.name)
    for _ in range(several):
        names = [name for name in pools if draw.random() < 0.4]
        made.append({name: draw.choice(pools[name]) for name in names})
    return made
