"""Tables of original layouts, held against the numbers of modules that sd-scripts prints as it
makes a network ("create LoRA for FLUX all blocks: 304 modules", kohya-ss/sd-scripts issue 2236).
"""

from __future__ import annotations

import re

import pytest

from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.layouts import LAYOUTS, list_names, load_layout
from loracheck.trees.sources.diffusers_bundle import find_pipeline


def count(name: str, blocks: str) -> int:
    groups = group_modules(load_layout(name), Splitter())
    inside = (g for g in groups if g.node.kind == "Linear" and re.match(blocks, g.name))
    return sum(group.count for group in inside)


@pytest.mark.parametrize(
    ("name", "blocks", "printed"),
    [
        ("flux", r"(double|single)_blocks\.", 304),
        ("flux", r"single_blocks\.", 114),
        ("sd3", r"joint_blocks\.\d+\.(context_block|x_block)\.(?!attn2)", 377),
    ],
)
def test_as_many_layers_as_the_log_says(name: str, blocks: str, printed: int) -> None:
    assert count(name, blocks) == printed


UNETS = {
    "stable-diffusion-v1-5/stable-diffusion-v1-5": 192,
    "stabilityai/stable-diffusion-xl-base-1.0": 722,
}
"""Checkpoint -> modules of its Transformer2DModel (hollowstrawberry/kohya-colab issue 306)."""


@pytest.mark.parametrize(("model", "printed"), UNETS.items())
def test_a_unet_has_as_many_layers_in_its_transformers(model: str, printed: int) -> None:
    found = find_pipeline(model)
    assert found is not None
    groups = group_modules(found.tree, Splitter())
    inside = [g for g in groups if ".attentions." in g.name and g.node.kind in ("Linear", "Conv2d")]
    assert sum(group.count for group in inside) == printed


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_tree_has_every_name_of_its_table(name: str) -> None:
    wanted = [full for row in LAYOUTS[name].rows for full in list_names(row)]
    tree = load_layout(name)
    assert len(set(wanted)) == len(wanted)
    assert all(tree.find(full) is not None for full in wanted)
    linear = (g for g in group_modules(tree, Splitter()) if g.node.kind == "Linear")
    assert sum(group.count for group in linear) == len(wanted)


@pytest.mark.parametrize(
    ("name", "model", "more"),
    [
        ("flux2", "black-forest-labs/FLUX.2-dev", ""),
        ("z-image", "Tongyi-MAI/Z-Image", "siglip_"),
        ("qwen-image", "Qwen/Qwen-Image", ""),
    ],
)
def test_models_that_kept_their_names_have_those_of_diffusers(
    name: str, model: str, more: str
) -> None:
    pipeline = find_pipeline(model)
    assert pipeline is not None
    theirs = {one.name for one in pipeline.tree.modules() if one.node.kind == "Linear"}
    ours = {one.name for one in load_layout(name).modules() if one.node.kind == "Linear"}
    assert {one for one in ours if not (more and one.startswith(more))} == theirs
