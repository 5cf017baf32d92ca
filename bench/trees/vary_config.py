"""Variations of a config: layers, heads, widths, vocabularies, ties, layer kinds, experts. Same
seed, same config.
"""

from __future__ import annotations

import random
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

UNCHANGED = re.compile(
    r"^(id2label|label2id|rope_parameters|rope_scaling|transformers_version|model_type|architectures|dtype|torch_dtype"
    r"|_name_or_path|is_encoder_decoder|is_decoder|use_cache|torchscript|add_cross_attention|tie_encoder_decoder"
    r"|is_composition|chunk_size_feed_forward|problem_type)$|^(output|return)_|pretrained|timm|_token_id$"
)
_LAYERS = re.compile(
    r"(^|_)(num_(hidden_|encoder_|decoder_)?layers|n_layers?|(encoder|decoder)_layers|depth|num_blocks)$"
)
_HEADS = re.compile(r"(^|_)(num_attention_heads|n_heads?|num_heads|attention_heads)$")
_KV_HEADS = re.compile(r"(num_key_value_heads|num_kv_heads|n_head_kv)$")
_WIDTH = re.compile(
    r"(hidden_size|d_model|n_embd|embed_dim|hidden_dim|model_dim|projection_dim)$|^dim$"
)
_INNER = re.compile(r"(intermediate_size|ffn_dim|d_ff|n_inner|mlp_dim|ffn_hidden_size)$")
_VOCABULARY = re.compile(r"vocab_size$")
_POSITIONS = re.compile(
    r"(max_position_embeddings|n_positions|n_ctx|max_(source|target)_positions)$"
)
_EXPERTS = re.compile(r"(num_local_experts|num_experts|n_routed_experts|moe_num_experts)$")
_STEPS = re.compile(
    r"(first_k_dense_replace|sparse_step|moe_layer_freq|_interval|_period|_offset|num_dense_layers)$"
)

_NUMBERS: list[tuple[re.Pattern[str], float, Callable[[int, random.Random], int]]] = [
    (_LAYERS, 1.0, lambda value, rng: rng.randint(1, 6) if value > 0 else value),
    (_HEADS, 0.4, lambda value, rng: rng.choice([value * 2, max(1, value // 2)])),
    (_WIDTH, 0.4, lambda value, rng: value * 2 if rng.random() < 0.5 or value % 64 else value // 2),
    (_INNER, 0.6, lambda value, rng: value + 32 * rng.randint(1, 9)),
    (_VOCABULARY, 0.7, lambda value, rng: value + 8 * rng.randint(1, 50)),
    (_POSITIONS, 0.5, lambda value, rng: value + 64 * rng.randint(1, 4)),
    (_EXPERTS, 0.8, lambda value, rng: rng.choice([4, 8, 16]) if value > 0 else value),
    (_STEPS, 0.4, lambda value, rng: rng.randint(1, 3)),
    (re.compile("^head_dim$"), 0.4, lambda value, rng: value * 2),
]


def vary_config(settings: dict[str, Any], seed: str) -> dict[str, Any]:
    """A copy of a config's settings with some of them changed; parts with a model_type of their own
    are varied too.
    """
    rng = random.Random(seed)
    varied = deepcopy(settings)
    _vary_part(varied, rng)
    if rng.random() < 0.6:
        names = {number: f"label {number}" for number in range(rng.randint(2, 7))}
        varied["id2label"], varied["label2id"] = (
            names,
            {name: number for number, name in names.items()},
        )
    return varied


def _vary_part(part: dict[str, Any], rng: random.Random) -> None:
    for name in sorted(part):
        value = part[name]
        if UNCHANGED.search(name):
            continue
        if isinstance(value, dict) and "model_type" in value:
            _vary_part(value, rng)
        elif isinstance(value, bool):
            part[name] = value != (rng.random() < 0.2)
        elif isinstance(value, int):
            part[name] = _vary_number(name, value, rng)
    _make_consistent(part, rng)


def _vary_number(name: str, value: int, rng: random.Random) -> int:
    for pattern, chance, change in _NUMBERS:
        if pattern.search(name):
            return change(value, rng) if rng.random() < chance else value
    return value


def _make_consistent(part: dict[str, Any], rng: random.Random) -> None:
    """Settings that must go together: key-value heads divide the heads, one layer kind for every
    layer.
    """
    heads = next(
        (v for k, v in sorted(part.items()) if _HEADS.search(k) and isinstance(v, int) and v > 0),
        None,
    )
    layers = next(
        (v for k, v in sorted(part.items()) if _LAYERS.search(k) and isinstance(v, int)), None
    )
    for name, value in sorted(part.items()):
        if _KV_HEADS.search(name) and isinstance(value, int) and heads and rng.random() < 0.7:
            part[name] = rng.choice([n for n in range(1, heads + 1) if heads % n == 0])
        elif name.endswith("layer_types") and isinstance(value, list) and value and layers:
            kinds = sorted(set(map(str, value)))
            part[name] = [rng.choice(kinds) for _ in range(layers)]
