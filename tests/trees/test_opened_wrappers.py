"""Wrappers that a tool looks into count as linear layers of their inner layer's size."""

from __future__ import annotations

from loracheck.trees.model import Child, ModuleTree, Node, Parameter
from loracheck.trees.opened_wrappers import open_wrappers
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request


def _build(cls: str) -> ModuleTree:
    linear = Node("torch.nn.Linear", "Linear", (Parameter("weight", (6, 4)),), ())
    wrapper = Node(f"models.{cls}", None, (), (Child("linear", None, linear),))
    return ModuleTree(Node("models.Model", None, (), (Child("q_proj", None, wrapper),)))


def test_a_wrapper_is_a_linear_layer_of_the_inner_size() -> None:
    opened = open_wrappers(_build("ClippableLinear"), ("Clippable",)).root.children[0].node
    assert opened.kind == "Linear"
    assert (opened.attribute("in_features"), opened.attribute("out_features")) == (4, 6)
    assert not opened.parameters  # the weight is counted once, in the layer inside


def test_other_classes_and_tools_without_such_patches_keep_the_tree() -> None:
    tree = _build("OtherLinear")
    assert open_wrappers(tree, ("Clippable",)) is tree
    assert open_wrappers(tree, ()) is tree


def test_a_tree_is_opened_once() -> None:
    tree = resolve(Request("google/gemma-4-E4B-it")).tree
    assert tree is not None
    opened = open_wrappers(tree, ("Clippable",))
    assert opened is not tree
    assert open_wrappers(tree, ("Clippable",)) is opened
