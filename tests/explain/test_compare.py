"""Comparing impacts: what counts as a difference, and what does not."""

from __future__ import annotations

from typing import Any

import pytest

from loracheck.explain.compare.difference import Comparison, compare
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.text.comparison import render
from loracheck.explain.text.style import TextStyle

from .build import case_on, impact_of

MODEL = "Qwen/Qwen2.5-0.5B"
BASE: dict[str, Any] = {"target_modules": ["q_proj", "v_proj"], "r": 8, "lora_alpha": 16}


def against(**changed: Any) -> Comparison:
    return compare(impact_of(MODEL, **BASE), impact_of(MODEL, **{**BASE, **changed}))


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"target_modules": ["v_proj", "q_proj"]},
        {"target_modules": r".*(q|v)_proj"},
        {"rank_pattern": {"v_proj": 8}},
        {"layers_to_transform": list(range(24))},
        {"exclude_modules": ["lm_head"]},
        {"base_model_name_or_path": MODEL, "revision": None},
    ],
    ids=str,
)
def test_another_text_of_the_same_effect_is_alike(changed: dict[str, Any]) -> None:
    found = against(**changed)
    assert found.alike
    assert found.changes == ()


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"r": 4}, "q_proj v_proj"),
        ({"lora_alpha": 32}, "q_proj v_proj"),
        ({"rank_pattern": {"v_proj": 2}}, "v_proj"),
        ({"target_modules": ["q_proj"]}, "v_proj"),
        ({"layers_to_transform": [0, 1]}, "q_proj v_proj"),
        ({"modules_to_save": ["lm_head"]}, "lm_head"),
        ({"modules_to_save": ["norm"]}, "input_layernorm norm post_attention_layernorm"),
    ],
    ids=str,
)
def test_what_differs_is_named(changed: dict[str, Any], names: str) -> None:
    found = against(**changed)
    assert not found.alike
    assert sorted(change.name.rpartition(".")[2] for change in found.changes) == names.split()


def test_layers_are_told() -> None:
    (first, _) = against(layers_to_transform=[0, 3]).changes
    assert first.second is not None
    assert first.second.layers == (0, 3)
    assert first.second.adapted == 2


def test_fields_that_show_in_no_count_are_told() -> None:
    found = against(lora_dropout=0.1, init_lora_weights="pissa")
    assert not found.alike
    assert found.changes == ()
    assert [(one.field, one.first, one.second) for one in found.fields] == [
        ("lora_dropout", 0.0, 0.1),
        ("init_lora_weights", True, "pissa"),
    ]


def test_a_refusal_is_never_alike() -> None:
    same = compare(*(impact_of(MODEL, target_modules=["nothing"]) for _ in range(2)))
    assert same.first.refusal
    assert not same.alike


def test_totals_are_the_impacts_own() -> None:
    found = against(r=16)
    assert found.first.trainable is not None
    assert found.second.trainable == 2 * found.first.trainable
    assert found.second.memory is not None
    assert found.first.memory is not None
    assert found.second.memory - found.first.memory == 16 * found.first.trainable


def test_nothing_is_said_of_modules_that_are_not_known() -> None:
    """Neither "the same modules" nor 0: the configs are compared by their fields."""
    cases = [case_on(None, **BASE), case_on(None, **{**BASE, "r": 16})]
    found = compare(*map(assess_setting, cases))
    assert not found.judged
    assert not found.alike
    assert (found.first.targeted, found.second.linear_layers) == (None, None)
    assert [(one.field, one.first, one.second) for one in found.fields] == [("r", 8, 16)]
    text = render(found, TextStyle())
    assert "Which modules differ is not known" in text
    assert "same modules" not in text
