"""What `check` calls "fails" makes PEFT fail on a model; what it calls milder runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from loracheck.config import field_table
from loracheck.config.check import check
from tests.examples import examples

from .values import GOOD, ODD, configs

pytestmark = pytest.mark.oracle
pytest.importorskip("peft")
tiny = pytest.importorskip("tests.config.tiny")

BASE: dict[str, Any] = {"r": 4, "target_modules": ["q", "v"]}
HIT: dict[str, list[dict[str, Any]]] = {
    "r-type": [{"r": v} for v in (8.0, "8", None, True, [8])],
    "r-range": [{"r": 0}, {"r": -4}],
    "lora-alpha-type": [{"lora_alpha": "16"}, {"lora_alpha": None}],
    "lora-dropout-type": [{"lora_dropout": "0.1"}, {"lora_dropout": None}],
    "lora-dropout-range": [{"lora_dropout": 1.5}],
    "lora-dropout-not-finite": [{"lora_dropout": float("inf")}],
    "bias-unknown": [{"bias": "lora"}, {"bias": "None"}],
    "bias-type": [{"bias": None}, {"bias": True}],
    "init-lora-weights-unknown": [
        {"init_lora_weights": v}
        for v in ("foo", "PiSSA", "true", "pissa_foo", "pissa_niter_x", "EVA", "Orthogonal")
    ],
    "init-lora-weights-type": [{"init_lora_weights": 1}, {"init_lora_weights": ["eva"]}],
    "rank-pattern-type": [{"rank_pattern": v} for v in (None, [], {"q": "4"}, {"q": 4.0})],
    "rank-pattern-range": [{"rank_pattern": {"q": 0}}],
    "alpha-pattern-type": [{"alpha_pattern": v} for v in (None, {"q": "4"}, {"q": None})],
    "target-modules-type": [{"target_modules": v} for v in (True, 1, [1], ["q", None])],
    "no-targets": [{"target_modules": v} for v in ("", [], ())],
    "list-in-quotes": [{"target_modules": v} for v in ("[q,v]", "q, v", "[qv]")],
    "all-linear-in-list": [{"target_modules": ["all-linear"]}],
    "invalid-regex": [
        {"target_modules": "("},
        {"exclude_modules": "["},
        {"rank_pattern": {"(": 2}},
        {"alpha_pattern": {"q)": 2}},
        {"modules_to_save": ["head("]},
    ],
    "modules-to-save-type": [
        {"modules_to_save": 1},
        {"modules_to_save": [1]},
        {"modules_to_save": "head", "task_type": "SEQ_CLS"},
        {"modules_to_save": "", "task_type": "TOKEN_CLS"},
    ],
    "modules-to-save-not-a-list": [{"modules_to_save": ("head",), "task_type": "SEQ_CLS"}],
    "modules-to-save-empty-name": [{"modules_to_save": ["", "head"]}],
    "layers-to-transform-range": [{"layers_to_transform": -1}, {"layers_to_transform": [-1]}],
    "layers-to-transform-type": [{"layers_to_transform": v} for v in ("0", ["0"], 1.0)],
    "orthogonal-odd-rank": [
        {"init_lora_weights": "orthogonal", "r": 3},
        {"init_lora_weights": "orthogonal", "rank_pattern": {"q": 3}},
    ],
    "variants-together": [
        {"use_dora": True, "kasa_config": {}},
        {"use_dora": True, "init_lora_weights": "mica"},
        {"velora_config": {}, "monteclora_config": {}},
        {"alora_invocation_tokens": [1], "use_dora": True},
    ],
    "bdlora-no-modules": [{"use_bdlora": {}}],
    "bdlora-blocks": [{"use_bdlora": {"target_modules_bd_a": ["q", "v"], "nblocks": 3}}],
    "nblocks-range": [{"use_bdlora": {"target_modules_bd_a": ["q", "v"], "nblocks": 0}}],
    "arrow-by-hand": [{"arrow_config": {}}],
    "megatron-core-prefix": [{"megatron_config": {"a": 1}, "megatron_core": "os"}],
    "monteclora-config-type": [{"monteclora_config": True}],
    "num-groups-type": [{"velora_config": {"num_groups": 2.0}}],
    "num-samples-type": [{"monteclora_config": {"num_samples": 2.0}}],
    "buffer-size-type": [{"monteclora_config": {"buffer_size": 1.5}}],
    "layer-replication-type": [{"layer_replication": [0, 1]}, {"layer_replication": [[0, 1, 2]]}],
    "runtime-config-type": [{"runtime_config": None}],
    "runtime-config-mapping": [{"runtime_config": {"ephemeral_gpu_offload": True}}],
    "tokens-empty": [{"trainable_token_indices": []}, {"trainable_token_indices": {"emb": []}}],
    "trainable-token-indices-range": [{"trainable_token_indices": [-1]}],
    "trainable-token-indices-type": [
        {"trainable_token_indices": v} for v in ((1, 2), 1, ["1"], {"emb": (1,)}, [1.5])
    ],
    "tokens-and-modules-to-save": [
        {"trainable_token_indices": {"emb": [1]}, "modules_to_save": ["emb"]}
    ],
    "tokens-and-target-modules": [
        {"trainable_token_indices": {"emb": [1]}, "target_modules": ["emb"]}
    ],
    **{
        f"parameters-with-{name.replace('_', '-')}": [
            {"target_modules": [], "target_parameters": ["0.q.weight"], name: value}
        ]
        for name, value in {
            "lora_dropout": 0.1,
            "fan_in_fan_out": True,
            "lora_bias": True,
            "use_dora": True,
            "velora_config": {},
            "kasa_config": {},
            "monteclora_config": {},
            "alora_invocation_tokens": [1],
            "init_lora_weights": "mica",
            "use_bdlora": {"match_strict": False},
        }.items()
    },
}
"""Issue id -> configs that PEFT takes and then fails with."""

FINE: list[dict[str, Any]] = [
    {"lora_alpha": 16.5},
    {"init_lora_weights": "OLoRA"},
    {"init_lora_weights": "pissa_niter_4"},
    {"target_modules": ("q", "v")},
    {"layers_to_transform": (0,)},
    {"use_dora": 1},
    {"use_rslora": None},
    {"loftq_config": None},
]
"""What PEFT takes as it is meant, whatever its annotations say."""
SILENT: list[dict[str, Any]] = [
    {"lora_alpha": True},
    {"lora_alpha": 0},
    {"lora_alpha": float("nan")},
    {"lora_dropout": -0.1},
    {"lora_dropout": 1.0},
    {"use_rslora": "false"},
    {"use_dora": "no"},
    {"init_lora_weights": None},
    {"init_lora_weights": "MICA"},
    {"bias": "foo_only"},
    {"exclude_modules": False},
    {"target_modules": {"q": 1}},
    {"target_modules": ["q", "all-linear"]},
    {"layers_to_transform": [0, -1]},
    {"layers_to_transform": [0, "1"]},
    {"layers_to_transform": []},
    {"modules_to_save": "head"},
    {"target_parameters": [1]},
    {"megatron_config": False},
    {"megatron_core": "os"},
    {"loftq_config": 5},
    {"loftq_config": {"loftq_bits": 3}},
    {"corda_config": {"corda_method": "xyz"}},
    {"lora_ga_config": {"direction": "bogus"}},
    {"eva_config": {"foo": 1}},
    {"kasa_config": {"beta": float("nan")}},
    {"qalora_group_size": 0},
    {"alora_invocation_tokens": "x"},
    {"trainable_token_indices": {}},
    {"trainable_token_indices": [3, 3]},
    {"peft_type": "ADALORA"},
    {"layer_replication": [[0, 2], [1, 1]]},
    {"velora_config": {"num_groups": True}},
]
"""Wrong, and PEFT runs all the same."""


@pytest.mark.parametrize(
    ("name", "values"), [(n, v) for n, many in HIT.items() for v in many], ids=repr
)
def test_fails_on_the_model(name: str, values: dict[str, Any]) -> None:
    values = {**BASE, **values}
    effects = {issue.id: issue.effect for issue in check(values)}
    assert effects.get(name) == "fails", effects
    assert tiny.wrap_and_run(values) is not None


@pytest.mark.parametrize("values", FINE, ids=repr)
def test_nothing_is_said_of_what_works(values: dict[str, Any]) -> None:
    assert check({**BASE, **values}) == []
    assert tiny.wrap_and_run({**BASE, **values}) is None


@pytest.mark.parametrize("values", SILENT, ids=repr)
def test_passes_on_the_model(values: dict[str, Any]) -> None:
    values = {**BASE, **values}
    effects = {issue.id: issue.effect for issue in check(values)}
    assert effects and not set(effects.values()) & {"raises", "fails"}, effects
    assert tiny.wrap_and_run(values) is None


@given(configs(r=st.just(4), target_modules=st.just(["q", "v"])))
@examples(200, allow=list(HealthCheck))
def test_what_fails_fails_and_what_passes_runs(values: dict[str, Any]) -> None:
    found = check(values)
    effects = {issue.effect for issue in found}
    assume("raises" not in effects)
    assume(values.get("init_lora_weights") not in ("loftq", "corda"))
    error = tiny.wrap_and_run(values)
    failing = [issue.id for issue in found if issue.effect == "fails"]
    if any(not name.startswith(WHEN_MATCHED) for name in failing):
        assert error is not None, (values, found)
    elif error is not None and not failing:
        assert any(word in str(error) for word in DEPENDS), (values, error, found)


WHEN_MATCHED = ("parameters-with-", "rank-pattern-", "alpha-pattern-", "nblocks-")
"""Ids whose message says that it takes a match; drawn names need not match."""


DEPENDS = (
    "No module named 'megatron'",
    "not found in the base model",
    "No modules were targeted",
    "All modules were excluded",
    "smaller than min(in_features",
    "modules_to_save cannot be applied",
    "trainable_token_indices cannot be applied",
    "out of bounds",
    "not divisible by",
    "element 0 of tensors",
    "matches neither A nor B",
    "matches both A and B",
    "Expected Llama, Bert or Falcon",
    "is a child of",
    "index ",
    "already marked",
    "wraps an unknown layer type",
    "is not a valid target",
    "ModulesToSaveWrapper",
    "Please specify `target_modules`",
    "object has no attribute 'ephemeral_gpu_offload'",
)
"""Errors that depend on the model's modules or the machine: not the schema's to know."""


@pytest.mark.parametrize("name", sorted(field_table.get_lora_fields()))
def test_every_odd_value_of_a_field(name: str) -> None:
    for value in [*GOOD.get(name, ()), *ODD]:
        values = {**BASE, name: value}
        effects = {issue.effect for issue in check(values)}
        if "raises" in effects or (name == "init_lora_weights" and value in ("loftq", "corda")):
            continue
        error = tiny.wrap_and_run(values)
        if "fails" in effects:
            assert error is not None, (values, check(values))
        elif error is not None:
            assert any(word in str(error) for word in DEPENDS), (values, error, check(values))
