"""Files as LyCORIS saves them, on the model that they were trained on and on another."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bench.lora_files.lycoris import FILE
from loracheck.findings import Finding
from loracheck.lora_files.naming import ModelNames, find_own_name
from loracheck.lora_files.reach import get_node_sides
from loracheck.lora_files.read import read_lora_file
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from loracheck.trees.sources.diffusers_bundle import find_pipeline

from ..weights import lora_bytes

FILES: dict[str, dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
SD15 = "stable-diffusion-v1-5/stable-diffusion-v1-5"
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
ALL = select_codes(("ALL",))

pytestmark = pytest.mark.oracle


def write(path: Path, title: str) -> Path:
    tensors = FILES[title]["tensors"]
    # OFT's alpha is its constraint, 0 by default.
    alphas = {} if "oft" in title else {name: 4.0 for name in tensors if name.endswith(".alpha")}
    file = path / "lora.safetensors"
    file.write_bytes(lora_bytes({name: ("F16", tensors[name]) for name in tensors}, None, alphas))
    return file


def check(file: Path, model: str, *serve: str) -> list[Finding]:
    result = check_file(str(file), file.name, LintSettings(ALL, model, serve=serve))
    return [finding for finding in result.findings if finding.severity != "note"]


@pytest.mark.parametrize("title", FILES)
def test_nothing_but_notes_is_said_on_its_own_model(title: str, tmp_path: Path) -> None:
    assert (
        check(
            write(tmp_path, title),
            FILES[title]["model"],
            "a1111" if "Flux" not in title else "forge",
        )
        == []
    )


@pytest.mark.parametrize("title", [title for title in FILES if title != "ia3"])
def test_another_model_is_told(title: str, tmp_path: Path) -> None:
    other = SDXL if FILES[title]["model"] == SD15 else SD15
    assert "LC614" in {finding.code for finding in check(write(tmp_path, title), other)}


@pytest.mark.parametrize("title", ["locon", "loha", "lokr", "glora", "diag-oft"])
def test_the_sides_are_those_of_the_layers(title: str, tmp_path: Path) -> None:
    found = find_pipeline(FILES[title]["model"])
    assert found is not None
    names = ModelNames(found.tree)
    modules = read_lora_file(str(write(tmp_path, title))).changed
    assert len(modules) >= 24
    for module in modules:
        node = found.tree.find(find_own_name(module, names) or "")
        assert node is not None
        for told, real in zip(module.sides, get_node_sides(node), strict=True):
            assert told == real or (told is None and title == "diag-oft")


def test_ranks_of_which_the_metadata_has_one_alpha(tmp_path: Path) -> None:
    tensors = {
        f"transformer.transformer_blocks.0.attn.{name}.lora_{matrix}.weight": (
            "F16",
            [rank, 3072] if matrix == "A" else [3072, rank],
        )
        for name, rank in (("to_q", 64), ("to_k", 16))
        for matrix in "AB"
    }
    told = json.dumps({"transformer.r": 16, "transformer.lora_alpha": 16})
    file = tmp_path / "lora.safetensors"
    file.write_bytes(lora_bytes(tensors, {"lora_adapter_metadata": told}))
    found = check(file, "black-forest-labs/FLUX.1-dev", "comfyui")
    assert [finding.code for finding in found] == ["LC620"]
    assert "in place of 1 and 0.25" in found[0].message


def test_a_file_of_a_model_that_a1111_does_not_have(tmp_path: Path) -> None:
    found = check(write(tmp_path, "lokr of Flux"), "black-forest-labs/FLUX.1-dev", "a1111")
    assert "Stable Diffusion 1, 2, XL and 3 alone" in found[0].message
    assert check(write(tmp_path, "locon"), SD15, "a1111==1.8.0") == []
