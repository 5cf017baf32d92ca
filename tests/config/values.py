"""Values to draw: for every field good ones and broken ones, alone and together."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from loracheck.config import field_table

ERRORS = (
    ArithmeticError,
    AttributeError,
    ImportError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    re.error,
)
"""What PEFT and torch raise for a config that they do not like."""
NAN, INF = float("nan"), float("inf")
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    1,
    -1,
    4,
    7,
    0.5,
    2.0,
    -0.5,
    NAN,
    INF,
    "",
    "q",
    "4",
    "true",
    "none",
    [],
    ["q"],
    [""],
    [1],
    [0, 1],
    [True],
    [1.5],
    [None],
    [-1],
    ("q",),
    (0, 1),
    {"q"},
    {},
    {"q": 4},
    {"q": "4"},
    {"q": 4.0},
    {"q": True},
    {"q": 0},
    {"q": None},
    {4: 4},
    {"q": [1]},
    [[0, 1]],
    [[1, 0]],
    [["q"]],
]
"""Values of every type, for every field."""

GOOD: dict[str, list[Any]] = {
    "task_type": [None, "CAUSAL_LM", "SEQ_CLS", "SEQ_2_SEQ_LM", "causal_lm", "OTHER"],
    "peft_type": ["LORA", "lora", "ADALORA"],
    "r": [1, 4, 6],
    "lora_alpha": [8, 16.5, 0],
    "lora_dropout": [0.0, 0.1, 1.0, 1.5],
    "target_modules": [["q", "v"], "q", ".*q", "all-linear", ["all-linear"], None, []],
    "exclude_modules": [None, ["v"], ".*v"],
    "layers_to_transform": [None, 0, [0], [0, 1], [-1], []],
    "layers_pattern": [None, "layers", ["layers"]],
    "rank_pattern": [{}, {"q": 2}, {"q": 3}],
    "alpha_pattern": [{}, {"q": 2}],
    "bias": ["none", "all", "lora_only", "foo_only", "lora"],
    "use_rslora": [True, False],
    "use_dora": [True, False],
    "lora_bias": [True, False],
    "init_lora_weights": [
        True,
        False,
        "gaussian",
        "Gaussian",
        "loftq",
        "eva",
        "corda",
        "lora_ga",
        "pissa",
        "pissa_niter_4",
        "pissa_niter_x",
        "PiSSA",
        "olora",
        "orthogonal",
        "mica",
    ],
    "megatron_config": [None, {"a": 1}],
    "megatron_core": ["megatron.core", "os", None],
    "modules_to_save": [None, ["head"], "head"],
    "target_parameters": [None, ["layers.0.q.weight"], []],
    "trainable_token_indices": [None, [1, 2], {"emb": [1]}, [2, 2]],
    "alora_invocation_tokens": [None, [1], []],
    "layer_replication": [None, [[0, 1]]],
    "loftq_config": [{}, {"loftq_bits": 4, "loftq_iter": 1}, {"loftq_bits": 3}],
    "qalora_group_size": [16, 0],
}


def _sub_pool(config: str) -> st.SearchStrategy[dict[Any, Any]]:
    known = {
        name: st.sampled_from([field.default, *field.choices, *ODD])
        for name, field in field_table.get_sub_config_fields(config).items()
    }
    stray = {"foo": st.sampled_from([1, None])}
    return st.fixed_dictionaries({}, optional={**known, **stray})


def _pool(name: str) -> st.SearchStrategy[Any]:
    field = field_table.get_lora_fields()[name]
    pools: list[st.SearchStrategy[Any]] = [st.sampled_from([field.default, *GOOD.get(name, ())])]
    if field.config:
        pools += [st.just({}), _sub_pool(field.config), _sub_pool(field.config)]
    return st.one_of(*pools, *pools, st.sampled_from(ODD))


def configs(**fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Keyword arguments for LoraConfig, right and wrong; `fixed` are always there."""
    rest = {name: _pool(name) for name in field_table.get_lora_fields() if name not in fixed}
    few = st.lists(st.sampled_from(sorted(rest)), min_size=1, max_size=6, unique=True)
    return few.flatmap(
        lambda names: st.fixed_dictionaries({**{n: rest[n] for n in names}, **fixed})
    )
