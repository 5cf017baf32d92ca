"""Folding loses nothing: names, order, classes and shapes come back, in every direction."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from loracheck.trees.fold import TreeFormatError, decode, encode, join_ranges
from loracheck.trees.model import ModuleTree

from .strategies import dumps, expand


def listing(tree: ModuleTree) -> list[tuple[str, str, list[Any]]]:
    return [
        (m.name, m.node.cls, [[p.name, list(p.shape)] for p in m.node.parameters])
        for m in tree.modules()
    ]


@given(dumps())
def test_a_folded_dump_expands_to_the_same_modules_in_the_same_order(dump: dict[str, Any]) -> None:
    assert listing(decode(dump)) == expand(dump)


@given(dumps())
def test_encode_and_decode_are_inverse(dump: dict[str, Any]) -> None:
    tree = decode(dump)
    stored = json.loads(json.dumps(encode(tree)))
    assert decode(stored) == tree
    assert json.loads(json.dumps(encode(decode(stored)))) == stored


@given(dumps())
def test_find_reaches_every_module_by_name_and_no_other(dump: dict[str, Any]) -> None:
    tree = decode(dump)
    for name, cls, _ in expand(dump):
        node = tree.find(name)
        assert node is not None
        assert node.cls == cls
    assert tree.find("no.such.module") is None


def test_equal_layers_become_one_child_with_ranges() -> None:
    layer = [0, [["weight", [2, 2]]], []]
    other = [0, [["weight", [4, 2]]], []]
    names = [["0", 0], ["1", 0], ["2", 1], ["3", 0], ["10", 0]]
    dump = {
        "format": 2,
        "classes": [["Linear", "Linear"]],
        "nodes": [layer, other, [0, [], names]],
        "root": 2,
    }
    children = decode(dump).root.children
    assert [(c.name, c.ranges) for c in children] == [
        (None, ((0, 1), (3, 3), (10, 10))),
        ("2", None),
    ]


@pytest.mark.parametrize("names", [["1", "0"], ["0", "x"], ["00", "1"], ["0", "1", "head"]])
def test_only_rising_integers_are_folded(names: list[str]) -> None:
    dump = {
        "format": 2,
        "classes": [["Linear", "Linear"]],
        "nodes": [[0, [], []], [0, [], [[name, 0] for name in names]]],
        "root": 1,
    }
    tree = decode(dump)
    assert [m.name for m in tree.modules()][1:] == names
    assert all(child.ranges is None for child in tree.root.children)


@pytest.mark.parametrize(
    "data", [{}, {"format": 99}, {"format": 2, "classes": [], "nodes": [[0]], "root": 0}, []]
)
def test_other_data_is_refused(data: Any) -> None:
    with pytest.raises(TreeFormatError):
        decode(data)


def _small(label: Any = "0", shape: Any = (4, 4), **facts: Any) -> dict[str, Any]:
    leaf = [0, [["weight", shape]], []]
    nodes = [leaf, [0, [], [[label, 0]]]]
    return {"format": 2, "classes": [["Linear", "Linear"]], "nodes": nodes, "root": 1, **facts}


def test_the_small_tree_is_one() -> None:
    assert decode(_small(cls="Some", ties=[["0.weight", "0.weight"]])).cls == "Some"
    assert len(list(decode(_small([[0, 3], [7, 7]])).modules())) == 6


@pytest.mark.parametrize(
    "data",
    [
        _small([[0, 10**12]]),
        _small([[3, 1]]),
        _small([[0, 3], [2, 5]]),
        _small([[-2, 1]]),
        _small([[0, "9"]]),
        _small(shape=["a"]),
        _small(shape=[-1]),
        _small(shape=[True]),
        _small(cls=[1]),
        _small(ties=[["0.weight"]]),
        _small(ties=0),
        _small(tied_words="yes"),
        _small(model_type={}),
        _small(classes=[[0, "Linear"]]),
        {**_small(), "nodes": [[0, [], []]] + [[0, [], [["a", i], ["b", i]]] for i in range(64)]},
    ],
)
def test_a_file_made_to_fill_the_memory_or_of_other_types_is_refused(data: Any) -> None:
    with pytest.raises(TreeFormatError):
        decode(data)


def test_ranges_are_inclusive_and_joined() -> None:
    assert join_ranges([0, 1, 2, 5, 7, 8]) == ((0, 2), (5, 5), (7, 8))
