"""The role of a module by its name: query, key, value, output, gate, up, down, or several of them
fused.

The names differ between architectures (`q_proj`, `query`, `q_lin`; `c_attn` and `qkv_proj` fuse
three). The table holds the leaf names of transformers' own modeling files, with the surrounding
block where a leaf name alone is ambiguous. It serves suggestions and reports only; no verdict rests
on it.
"""

from __future__ import annotations

from functools import lru_cache

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from .groups import Group

_ROUTERS = frozenset({"router", "gate", "shared_expert_gate", "wg"})
_EXPERTS = frozenset(
    {"expert", "experts", "shared_expert", "shared_experts", "shared_mlp", "block_sparse_moe"}
)
VISION = (
    "vision",
    "visual",
    "image",
    "vit",
    "patch_embed",
    "multi_modal_projector",
    "mm_projector",
)
AUDIO = ("audio", "speech", "acoustic", "mimi", "feature_extractor")

_EITHER = {
    "q": "q_proj query q_lin query_proj wq q q_proj_layer to_q q_a_proj q_b_proj q_attn",
    "k": "k_proj key k_lin key_proj wk k to_k",
    "v": "v_proj value v_lin value_proj wv v to_v",
    "kv": "kv_proj kv_a_proj_with_mqa kv_b_proj key_value c_kv",
    "qkv": "qkv_proj query_key_value c_attn Wqkv qkv W_pack att_proj qkv_layer in_proj_qkv",
    "gate": "gate_proj w1 wi_0 wg",
    "up": "up_proj w3 wi_1 fc1 lin1 dense_h_to_4h c_fc fc_in wi fc_1 linear1",
    "gate_up": "gate_up_proj gate_and_up_proj Wi input_linear dense_h_to_4h_glu",
    "down": "down_proj w2 fc2 lin2 dense_4h_to_h fc_out linear2 output_linear",
}
_IN_ATTENTION = {
    "o": "o_proj out_proj dense wo Wo out_lin c_proj o proj output_proj to_out attn_out out"
}
_IN_MLP = {"down": "c_proj wo Wo out_proj proj o_proj output", "up": "dense in_proj"}


def _build_table(source: dict[str, str]) -> dict[str, str]:
    return {name: role for role, names in source.items() for name in names.split()}


EITHER, IN_ATTENTION, IN_MLP = (
    _build_table(_EITHER),
    _build_table(_IN_ATTENTION),
    _build_table(_IN_MLP),
)

PARTS: dict[str, tuple[str, ...]] = {
    "qkv": ("q", "k", "v"),
    "kv": ("k", "v"),
    "gate_up": ("gate", "up"),
}
"""Roles that a fused module fills."""


_FEED_FORWARD = compile_when_used(r"(?:^|\.)ff\w*\.net\.(0\.proj|2)$")
"""The two layers of diffusers' FeedForward (0.40.0 `models/attention.py`), which are numbered."""


@lru_cache(maxsize=4096)
def find_role(name: str) -> str | None:
    """The role of a module by its full name (or template), None where the name does not tell."""
    numbered = _FEED_FORWARD.search(name)
    if numbered is not None:
        return "down" if numbered[1] == "2" else "up"
    parent, _, leaf = name.rpartition(".")
    if leaf.isdecimal() or leaf == "*":
        parent, _, leaf = parent.rpartition(".")
    role = EITHER.get(leaf)
    if role is not None:
        return role
    if is_in_attention(parent):
        return IN_ATTENTION.get(leaf)
    if leaf == "dense" and parent.rpartition(".")[2] == "output":
        return "down"
    return IN_MLP.get(leaf) if parent else IN_ATTENTION.get(leaf)


def fills_role(module_role: str | None, role: str | None) -> bool:
    """Whether a module of one role does the work of another: `qkv` does that of `q`, and the three
    that of `qkv`.
    """
    if module_role is None or role is None:
        return False
    mine, theirs = PARTS.get(module_role, (module_role,)), PARTS.get(role, (role,))
    return bool(set(mine) & set(theirs))


@lru_cache(maxsize=4096)
def get_component(name: str) -> str:
    """The part of a model that a module belongs to, for reports."""
    for label, words in (("vision", VISION), ("audio", AUDIO)):
        if any(word in name for word in words):
            return label
    parts = name.split(".")
    if not _EXPERTS.isdisjoint(parts):
        return "experts"
    if not _ROUTERS.isdisjoint(parts):
        return "router"
    return "attention" if is_in_attention(name) else "mlp"


def is_in_attention(name: str) -> bool:
    """Whether a module by its name is an attention, or a part of one."""
    if any(word in name for word in ("attn", "attention", "mixer")):
        return True
    parts = name.split(".")
    return "att" in parts or parts[-1] in ("q", "k", "v")


def find_unique_suffix(group: Group, others: list[Group]) -> str:
    """The shortest dotted suffix of a group's name that no module outside the same template tail
    shares.

    `others` are the modules that must not be hit as well; a suffix never starts inside a folded
    index.
    """
    parts = group.template.split(".")
    for size in range(1, len(parts) + 1):
        tail = ".".join(parts[-size:])
        if "*" in parts[-size] or tail.isdecimal():  # every layer of that number ends so
            continue
        if not any(_ends(o.template, tail) for o in others):
            return tail.replace("*", "0")
    return group.template


def _ends(name: str, tail: str) -> bool:
    return name == tail or name.endswith("." + tail)
