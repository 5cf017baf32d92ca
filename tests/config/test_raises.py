"""What `check` calls "raises" is exactly what PEFT's LoraConfig refuses."""

from __future__ import annotations

import copy
import importlib.util
import re
import warnings
from importlib.machinery import ModuleSpec
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.config.check import Issue, check
from tests.examples import examples

from .values import ERRORS, configs

pytestmark = pytest.mark.oracle
LoraConfig = pytest.importorskip("peft").LoraConfig
_find_spec = importlib.util.find_spec

MEANING = (
    (r"Invalid task type", "task-type-.*"),
    (r"`layers_to_transform` cannot be used", "layers-to-transform-with-regex"),
    (r"`layers_pattern` cannot be used", "layers-pattern-with-regex"),
    (r"`layers_to_transform` must also be specified", "layers-pattern-without-layers"),
    (r"DoRA does not support megatron", "dora-with-megatron"),
    (r"`loftq_config` must be specified", "loftq-without-config|loftq-config-type"),
    (r"vars\(\) argument", "loftq-config-type"),
    (r"lora_bias=True is only supported", "lora-bias-with-init"),
    (r"lora_bias=True is not supported for DoRA", "lora-bias-with-dora"),
    (r"`target_parameters` must be a list", "target-parameters-type"),
    (r"must be a `\w+`, a dict, or None", ".*-config-type|use-bdlora-type"),
    (r"unexpected keyword argument|keywords must be strings", "unknown-(sub-)?field|removed-.*"),
    (r"Found overlapping modules", "bdlora-overlap"),
    (r"unhashable type|is not iterable", ".*-type|.*-unknown"),
    (r"not supported between", ".*-type"),
    (
        r"must be|should be|cannot be negative|Unsupported `init_type`",
        ".*-(range|type|not-finite|unknown)",
    ),
)
"""PEFT's words to the ids that say the same."""


@pytest.fixture(scope="module", autouse=True)
def scipy_is_there() -> Any:
    """PEFT only asks whether scipy is installed; that is no matter of the config."""

    def find_spec(name: str, package: str | None = None) -> Any:
        return ModuleSpec("scipy", None) if name == "scipy" else _find_spec(name, package)

    importlib.util.find_spec = find_spec
    yield
    importlib.util.find_spec = _find_spec


def refusal(values: dict[str, Any]) -> Exception | None:
    """What LoraConfig raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            LoraConfig(**copy.deepcopy(values))
        except ERRORS as error:
            return error
    return None


def raising(values: dict[str, Any]) -> list[Issue]:
    """The issues that say that LoraConfig refuses the values."""
    return [issue for issue in check(values) if issue.effect == "raises"]


def agree(values: dict[str, Any]) -> None:
    """Both refuse, for the same reason, or neither does."""
    error, issues = refusal(values), raising(values)
    assert bool(issues) == (error is not None), (values, error, issues)
    if error is not None:
        text = f"{type(error).__name__}: {error}"
        wanted = [ids for pattern, ids in MEANING if re.search(pattern, text)]
        assert wanted, text
        assert any(re.fullmatch("|".join(wanted), issue.id) for issue in issues), (text, issues)


CASES: list[dict[str, Any]] = [
    {"task_type": "QUESTION_ANSWERING"},
    {"task_type": "OTHER"},
    {"task_type": ["CAUSAL_LM"]},
    {"target_modules": ".*q", "layers_to_transform": [0]},
    {"target_modules": "all-linear", "layers_to_transform": []},
    {"target_modules": "", "layers_to_transform": 0},
    {"target_modules": ".*q", "layers_pattern": "layers", "layers_to_transform": 1},
    {"target_modules": ["q"], "layers_pattern": "layers"},
    {"target_modules": ["q"], "layers_pattern": "layers", "layers_to_transform": 0},
    {"target_modules": ["q"], "layers_pattern": []},
    {"use_dora": True, "megatron_config": {"a": 1}},
    {"use_dora": True, "megatron_config": {}},
    {"use_dora": "false", "megatron_config": {"a": 1}},
    {"init_lora_weights": "loftq"},
    {"init_lora_weights": "loftq", "loftq_config": None},
    {"init_lora_weights": "loftq", "loftq_config": [1]},
    {"init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 4}},
    {"lora_bias": True, "init_lora_weights": "gaussian"},
    {"lora_bias": True, "init_lora_weights": None},
    {"lora_bias": True, "init_lora_weights": 1},
    {"lora_bias": True, "init_lora_weights": False, "use_dora": True},
    {"target_parameters": "experts.gate_up_proj"},
    {"target_modules": [["q"]]},
    {"exclude_modules": [["q"]]},
    {"eva_config": True},
    {"use_bdlora": True},
    {"arrow_config": "x"},
    {"eva_config": {"foo": 1}},
    {"eva_config": {"rho": 0.5}},
    {"eva_config": {"rho": "2"}},
    {"eva_config": {"rho": None}},
    {"eva_config": {"tau": 1.01}},
    {"arrow_config": {"top_k": 0}},
    {"arrow_config": {"router_temperature": 0}},
    {"velora_config": {"num_groups": 0}},
    {"velora_config": {"scale": 0.0}},
    {"velora_config": {"init_type": "mean"}},
    {"velora_config": {"init_type": []}},
    {"kasa_config": {"beta": -1}},
    {"kasa_config": {"gamma": -1e-9}},
    {"monteclora_config": {"num_samples": 0}},
    {"monteclora_config": {"dirichlet_prior": 0}},
    {"monteclora_config": {"buffer_size": -3}},
    {"monteclora_config": {"foo": 1}},
    {"monteclora_config": {4: 4}},
    {"use_bdlora": {"target_modules_bd_a": ["q"], "target_modules_bd_b": ["q"]}},
    {"use_bdlora": {"target_modules_bd_a": "q_proj", "target_modules_bd_b": "o_proj"}},
    {"use_bdlora": {"target_modules_bd_a": 5}},
    {"unknown": 1},
    {"rank": 8},
    {"enable_lora": None},
    {"merge_weights": False},
    {"r": 0, "lora_alpha": "x", "bias": None, "init_lora_weights": "foo"},
]


@pytest.mark.parametrize("values", CASES, ids=repr)
def test_known_refusals(values: dict[str, Any]) -> None:
    agree(values)


@given(configs())
@examples(200)
def test_raises_exactly_where_peft_does(values: dict[str, Any]) -> None:
    agree(values)


@given(
    configs(
        init_lora_weights=st.sampled_from([True, "loftq", "eva", "corda", "gaussian", "lora_ga"]),
        target_modules=st.sampled_from([["q"], ".*q", None]),
        task_type=st.sampled_from([None, "CAUSAL_LM"]),
    )
)
@examples(150)
def test_raises_exactly_where_peft_does_on_near_misses(values: dict[str, Any]) -> None:
    agree(values)


def test_every_refusal_is_listed_at_once() -> None:
    values = {
        "task_type": "causal_lm",
        "target_modules": ".*q",
        "layers_to_transform": [0],
        "lora_bias": True,
        "use_dora": True,
        "init_lora_weights": "pissa",
        "eva_config": {"rho": 0.1, "tau": 2},
    }
    assert len(raising(values)) == 6
    assert refusal(values) is not None
