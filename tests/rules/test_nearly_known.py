"""LC241: names that real models have are no slips, and slips are."""

from __future__ import annotations

import pytest

from loracheck.rules.support.joined_names import split_joined_names
from loracheck.rules.support.name_typos import LINEAR_NAMES, is_near_miss
from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.sources import bundle

KINDS = ("Linear", "Conv1D", "Embedding", "Conv1d", "Conv2d")


def test_no_layer_of_any_bundled_model_type_is_a_slip() -> None:
    index = bundle.load_index(True)
    assert index is not None
    leaves = set()
    for name in index.entries:
        tree = bundle.find_tree(bundle.TYPE_PREFIX + name.removeprefix(bundle.TYPE_PREFIX))
        for group in group_modules(tree, Splitter()) if tree is not None else ():
            if group.node.kind in KINDS:
                leaves.add(group.template.rpartition(".")[2])
    assert len(leaves) > 300
    assert [leaf for leaf in leaves if split_joined_names(leaf)] == []
    wrong = {
        (leaf, known)
        for leaf in leaves - LINEAR_NAMES
        for known in LINEAR_NAMES
        if is_near_miss(leaf, known)
    }
    assert wrong == set()


@pytest.mark.parametrize(
    ("name", "meant"),
    [("kproj", "k_proj"), ("v_poj", "v_proj"), ("k_porj", "k_proj"), ("Q_proj", "q_proj"),
     ("gate_project", "gate_proj"), ("q-proj", "q_proj"), ("query_key_vlaue", "query_key_value")],
)  # fmt: skip
def test_a_slip_is_one(name: str, meant: str) -> None:
    assert is_near_miss(name, meant)


@pytest.mark.parametrize(
    ("name", "meant"), [("g_proj", "q_proj"), ("linear3", "linear2"), ("key", "wk"), ("fc1", "fc2")]
)
def test_another_name_is_none(name: str, meant: str) -> None:
    assert not is_near_miss(name, meant)
