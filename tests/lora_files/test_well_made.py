"""Nothing but notes is said of well-made LoRA files: what trainers' own code puts LoRA on, in the
layouts in which it is published, on the model that it was trained on.
"""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import pytest

from bench.lora_files.layouts import (
    KOHYA,
    LAYOUTS,
    TREE_LAYOUTS,
    Shapes,
    name_tensors,
    read_headers,
    tree_modules,
)
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from loracheck.trees.sources.diffusers_bundle import find_pipeline

from ..weights import lora_bytes, lora_file

SERVED = {
    "kohya": {
        "sd15": ("diffusers", "comfyui", "forge", "a1111"),
        "sdxl": ("diffusers", "comfyui", "forge", "a1111"),
        "flux": ("diffusers", "comfyui", "forge"),
        "sd3": ("comfyui", "forge"),
        "wan": ("diffusers", "comfyui"),
        "wan-i2v": ("diffusers", "comfyui"),
        "hunyuan-video": ("comfyui",),
        "chroma": ("comfyui",),
    },
    "comfyui": {
        "flux": ("comfyui", "forge"),
        "wan": ("diffusers", "comfyui"),
        "wan-small": ("diffusers", "comfyui"),
        "hunyuan-video": ("diffusers",),
        "qwen-image": ("diffusers", "comfyui"),
        "z-image": ("diffusers",),
        "flux2": ("diffusers",),
    },
    "diffusers": {
        "sd15": ("diffusers",),
        "flux": ("diffusers", "comfyui", "forge"),
        "sd3": ("diffusers", "comfyui"),
        "qwen-image": ("diffusers", "comfyui"),
        "wan": ("diffusers",),
        "z-image": ("diffusers",),
        "chroma": ("diffusers",),
        "flux2-klein": ("diffusers",),
    },
    "lora-transformer": {"flux": ("comfyui", "forge"), "sd3": ("comfyui",)},
    "diffusers-down": {"flux": ("diffusers",), "sdxl": ("diffusers",)},
    "peft": {"sd3": ("comfyui",)},
}
"""Layout -> name of the header -> the programs that take it."""

pytestmark = pytest.mark.oracle

CASES = [(layout, name) for layout, names in SERVED.items() for name in names]


def make_tensors(layout: str, name: str) -> Shapes:
    """The tensors of a case."""
    model, modules = read_headers()[name]
    if layout in LAYOUTS:
        return name_tensors(modules, LAYOUTS[layout] if layout != "kohya" else KOHYA)
    found = find_pipeline(model)
    assert found is not None
    part = "unet" if "UNet" in (found.tree.cls or "") else "transformer"
    return name_tensors(tree_modules(found.tree), TREE_LAYOUTS[layout], part)


@pytest.mark.parametrize(("layout", "name"), CASES, ids=lambda word: word)
def test_nothing_but_notes_is_said(layout: str, name: str, tmp_path: Path) -> None:
    tensors = make_tensors(layout, name)
    alphas = {key: 4.0 for key in tensors if key.endswith(".alpha")}
    path = tmp_path / "lora.safetensors"
    path.write_bytes(
        lora_bytes({key: ("F16", shape) for key, shape in tensors.items()}, None, alphas)
    )
    model = read_headers()[name][0]
    settings = LintSettings(select_codes(("ALL",)), model, serve=SERVED[layout][name])
    result = check_file(str(path), path.name, settings)
    loud = [(f.code, f.message) for f in result.findings if f.severity != "note"]
    assert loud == []
    assert result.settings[0].judged
    assert result.settings[0].trainable_parameters == sum(
        prod(shape) for key, shape in tensors.items() if key not in alphas
    )


def test_there_are_cases_of_many_layouts() -> None:
    assert len(CASES) >= 28 and len(SERVED) >= 6


def list_bfl_tensors() -> Shapes:
    """The names of BFL's control LoRAs (FLUX.1-Canny-dev-lora), with a rank of 2."""
    mlp = {"mlp.0": (12288, 3072), "mlp.2": (3072, 12288)}
    stream = {"attn.qkv": (9216, 3072), "attn.proj": (3072, 3072), "mod.lin": (18432, 3072), **mlp}
    double = {f"{side}_{n}": size for side in ("img", "txt") for n, size in stream.items()}
    single = {"linear1": (21504, 3072), "linear2": (3072, 15360), "modulation.lin": (9216, 3072)}
    layers = {
        **{f"double_blocks.{i}.{name}": size for i in range(19) for name, size in double.items()},
        **{f"single_blocks.{i}.{name}": size for i in range(38) for name, size in single.items()},
        "img_in": (3072, 128),
        "txt_in": (3072, 4096),
        "vector_in.in_layer": (3072, 768),
        "final_layer.linear": (64, 3072),
        "final_layer.adaLN_modulation.1": (6144, 3072),
        **{f"{part}.in_layer": (3072, 256) for part in ("time_in", "guidance_in")},
        **{f"{part}.out_layer": (3072, 3072) for part in ("time_in", "guidance_in", "vector_in")},
    }
    found: Shapes = {}
    for name, (outputs, inputs) in layers.items():
        found |= {f"{name}.lora_A.weight": [2, inputs], f"{name}.lora_B.weight": [outputs, 2]}
        found[f"{name}.lora_B.bias"] = [outputs]
    norms = [f"double_blocks.{i}.{side}_attn" for i in range(19) for side in ("img", "txt")]
    for norm in (*norms, *(f"single_blocks.{i}" for i in range(38))):
        found |= {f"{norm}.norm.{side}_norm.scale": [128] for side in ("query", "key")}
    return found


@pytest.mark.parametrize(
    ("model", "codes"),
    [
        ("black-forest-labs/FLUX.1-Canny-dev", set()),
        ("black-forest-labs/FLUX.2-dev", {"LC614"}),
    ],
)
def test_bfls_control_lora(model: str, codes: set[str], tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(lora_bytes({key: ("F16", at) for key, at in list_bfl_tensors().items()}))
    settings = LintSettings(select_codes(("ALL",)), model)
    found = check_file(str(path), path.name, settings).findings
    assert {one.code for one in found} == codes, found


PUBLISHED = json.loads((Path(__file__).parent / "right.json").read_text("utf-8"))
"""Headers as trainers and converters publish them, with what is said to load them."""


@pytest.mark.parametrize("header", PUBLISHED, ids=lambda header: header["title"])
def test_nothing_is_said_of_a_published_file(header: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "lora.safetensors"
    path.write_bytes(lora_file(header["text"]))
    settings = LintSettings(select_codes(("ALL",)), header["model"], serve=tuple(header["serve"]))
    found = check_file(str(path), path.name, settings).findings
    assert [(one.code, one.message) for one in found if one.severity != "note"] == []
