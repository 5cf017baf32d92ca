"""`mlx_lm_names.json` against the layers that mlx-lm's own small models have."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from loracheck.rules.support.block_paths import find_dead_paths
from loracheck.tools.mlx_lm import NAMES
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request

PATHS = json.loads(Path(__file__).with_name("mlx_lm_paths.json").read_text())
KINDS = sorted(set(PATHS) & set(json.loads(Path(NAMES).read_text())))


def find_dead(kind: str, paths: list[str]) -> dict[str, list[str]]:
    tree = resolve(Request(f"type:{kind}")).tree
    context: Any = SimpleNamespace(
        tree=tree, setting=SimpleNamespace(behaviour=SimpleNamespace(own_names=NAMES))
    )
    return find_dead_paths(context, paths)


def test_most_models_are_compared() -> None:
    assert len(KINDS) > 50


@pytest.mark.parametrize("kind", KINDS)
def test_no_layer_that_mlx_has_is_called_dead(kind: str) -> None:
    assert find_dead(kind, PATHS[kind]) == {}


def test_a_name_of_neither_is_dead() -> None:
    assert list(find_dead("phi3", ["self_attn.q_proj", "self_attn.qkv_proj"])) == [
        "self_attn.q_proj"
    ]


def test_of_a_model_that_cannot_be_compared_nothing_is_dead() -> None:
    assert find_dead("vit", ["self_attn.q_proj"]) == {}
