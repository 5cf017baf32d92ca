"""The bundled checkpoints of diffusers: their facts, their look-up, and that they go together."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from bench.bundle.diffusers import read_facts
from bench.bundle.diffusers_types import list_classes
from loracheck.releases.installed_version import find_installed_version
from loracheck.trees.build_error import BuildError
from loracheck.trees.builder import build
from loracheck.trees.id_hints import suggest_id
from loracheck.trees.model_search import find_standing, search_models
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.diffusers_bundle import find_pipeline, has_module_name, load_index
from loracheck.trees.sources.request import Request, TreeOptions

ROWS = read_facts()
FLUX = "black-forest-labs/FLUX.1-dev"
WAN = "Wan-AI/Wan2.2-T2V-A14B-Diffusers"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
BLOCKS = {
    FLUX: {"transformer_blocks": 19, "single_transformer_blocks": 38},
    "black-forest-labs/FLUX.2-klein-4B": {"transformer_blocks": 5, "single_transformer_blocks": 20},
    "Qwen/Qwen-Image-Edit": {"transformer_blocks": 60},
    WAN: {"blocks": 40},
    "stabilityai/stable-diffusion-3.5-large": {"transformer_blocks": 38},
    "THUDM/CogVideoX-5b": {"transformer_blocks": 42},
}
# Linear layers and convolutions that a trainer's own log counts in the transformer blocks of the
# UNet, with its LoRA on everything there (kohya-ss/sd-scripts: "create LoRA for U-Net: 192").
COUNTED = {"CompVis/stable-diffusion-v1-4": 192, SDXL: 722}
needs_the_release = pytest.mark.skipif(
    find_installed_version("diffusers") != load_index().releases[0],
    reason="the installed diffusers is not the one of the bundle",
)


def test_every_row_says_what_and_whence() -> None:
    assert len(ROWS) > 100
    for name, row in ROWS.items():
        assert row["source"] and row["config"]["_class_name"], name
        assert "same" not in row or "same" not in ROWS[row["same"]] or row["same"] == name


def test_every_row_is_bundled_and_nothing_else_is() -> None:
    assert load_index().entries.keys() == ROWS.keys()
    for name, row in ROWS.items():
        found = find_pipeline(name)
        assert found is not None and found.config == row["config"], name
        assert found.tree.cls == row["config"]["_class_name"]
        assert found.tree.built_by == f"diffusers {load_index().releases[0]}"


@pytest.mark.parametrize("model", BLOCKS)
def test_blocks_are_the_checkpoints_own(model: str) -> None:
    found = resolve(Request(model))
    assert found.tree is not None
    for name, count in BLOCKS[model].items():
        node = found.tree.find(name)
        assert node is not None
        assert sum(len(child.indices) or 1 for child in node.children) == count


@pytest.mark.parametrize("model", COUNTED)
def test_a_unet_has_as_many_layers_as_a_trainer_counts(model: str) -> None:
    found = find_pipeline(model)
    assert found is not None
    inside = [m for m in found.tree.modules() if ".attentions." in m.name]
    layers = [m for m in inside if m.node.kind in ("Linear", "Conv2d")]
    assert len(layers) == COUNTED[model]


@needs_the_release
@pytest.mark.parametrize("model", sorted(ROWS)[::9])
def test_the_bundle_is_what_the_facts_give(model: str) -> None:
    found = find_pipeline(model)
    assert found is not None
    assert build(ROWS[model]["config"], library="diffusers") == found.tree


@needs_the_release
def test_every_class_is_bundled_or_has_no_defaults() -> None:
    bundled = {name.removeprefix("type:") for name in load_index(types=True).entries}
    classes = set(list_classes())
    assert bundled < classes and len(bundled) > 120
    name = sorted(classes - bundled)[0]
    with pytest.raises(BuildError):
        build({"_class_name": name}, library="diffusers")


@needs_the_release
@pytest.mark.parametrize("name", sorted(load_index(types=True).entries)[::32])
def test_a_class_with_its_defaults_is_what_diffusers_builds(name: str) -> None:
    found = resolve(Request(name))
    assert found.tree == build({"_class_name": name.removeprefix("type:")}, library="diffusers")
    assert (found.source or "").endswith("with the defaults of its class")


def test_a_class_is_found_by_its_name_alone() -> None:
    found = resolve(Request("type:FluxTransformer2DModel"))
    bundled = find_pipeline(FLUX)
    assert found.tree is not None and bundled is not None
    assert found.tree.cls == "FluxTransformer2DModel"
    guidance = "time_text_embed.guidance_embedder.linear_1"  # `guidance_embeds` is off by itself
    assert bundled.tree.find(guidance) is not None and found.tree.find(guidance) is None
    assert resolve(Request("type:NoSuchTransformer2DModel")).tree is None
    assert has_module_name("to_add_out") and not has_module_name("img_attn_qkv_lora")


@pytest.mark.parametrize(
    ("request_", "cls", "words"),
    [
        (Request(FLUX), "FluxTransformer2DModel", ", its transformer"),
        (Request(FLUX.lower()), "FluxTransformer2DModel", ", its transformer"),
        (Request(FLUX, part="transformer"), "FluxTransformer2DModel", ", its transformer"),
        (Request(FLUX, heads=("FluxTransformer2DModel",)), "FluxTransformer2DModel", "bundled"),
        (Request(FLUX, heads=("SequenceClassification",)), "FluxTransformer2DModel", "bundled"),
        (Request(FLUX, library="diffusers"), "FluxTransformer2DModel", "bundled"),
        (Request(WAN, part="transformer_2"), "WanTransformer3DModel", ", its transformer_2"),
        (Request(SDXL, part="unet"), "UNet2DConditionModel", ", its unet"),
    ],
)
def test_the_part_that_is_meant(request_: Request, cls: str, words: str) -> None:
    found = resolve(request_)
    assert found.tree is not None and found.tree.cls == cls
    assert words in (found.source or "")
    assert found.release is None


@pytest.mark.parametrize(
    "request_",
    [
        Request(FLUX, part="text_encoder"),
        Request(FLUX, part="transformer_2"),
        Request(SDXL, part="transformer"),
        Request(SDXL, heads=("CLIPTextModel",)),
        Request(FLUX, heads=("FluxControlNetModel",)),
        Request(FLUX, library="transformers"),
        Request("black-forest-labs/FLUX.1"),
    ],
)
def test_another_part_is_not_taken_for_it(request_: Request) -> None:
    found = resolve(request_)
    assert found.tree is None
    assert "is not bundled" in (found.reason or "")


@needs_the_release
def test_another_interpreter_builds_its_config(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORACHECK_CACHE", str(tmp_path))
    found = resolve(Request(SDXL), TreeOptions(python=sys.executable))
    assert found.tree is not None
    assert "built from its bundled config" in (found.source or "")
    bundled = find_pipeline(SDXL)
    assert bundled is not None and found.tree.root == bundled.tree.root


def test_they_are_listed_and_hinted_at() -> None:
    (row,) = search_models("flux.1-schnell")
    assert row.id == "black-forest-labs/FLUX.1-schnell" and find_standing(row) == "exact"
    assert FLUX in suggest_id("black-forest-lab/FLUX.1-dev")
