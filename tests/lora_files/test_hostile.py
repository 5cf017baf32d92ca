"""Files that lie, are cut, are huge, or lead diffusers' converters astray: one clear finding."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from loracheck.lora_files import reach
from loracheck.lora_files.reach import convert_names
from loracheck.lora_files.read import read_lora_file
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.results import FileResult
from loracheck.rules import select_codes
from loracheck.trees.build_error import BuildError
from loracheck.trees.child import Limits

from ..weights import lora_bytes, lora_file

FLUX = "black-forest-labs/FLUX.1-dev"
WAN = "Wan-AI/Wan2.1-T2V-1.3B-Diffusers"
PAIR = """
{0}.lora_A.weight F16 [16, 1536]
{0}.lora_B.weight F16 [1536, 16]
"""


def check(path: Path, model: str | None = None, *serve: str) -> FileResult:
    return check_file(
        str(path), path.name, LintSettings(select_codes(("ALL",)), model, serve=serve)
    )


def write(folder: Path, data: bytes) -> Path:
    path = folder / "lora.safetensors"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (struct.pack("<Q", 1 << 40) + b"{}", "cut off"),
        (struct.pack("<Q", 4) + b"[[[[", "no JSON"),
        (struct.pack("<Q", 2) + b"[]", "no mapping"),
        (lora_file(PAIR.format("transformer.blocks.0.attn1.to_q"))[:-9], "cut off"),
        (b"\x80\x04.", "is a pickle"),
        (b"PK\x03\x04" + bytes(99), "zip archive"),
    ],
)
def test_a_damaged_file_is_one_finding_and_unreadable(
    data: bytes, reason: str, tmp_path: Path
) -> None:
    result = check(write(tmp_path, data))
    assert result.unreadable
    (finding,) = result.findings
    assert finding.code == "LC001" and reason in finding.message


@pytest.mark.parametrize("suffix", [".ckpt", ".pt", ".pth", ".bin", ".pkl"])
def test_a_pickle_is_named_and_not_read(suffix: str, tmp_path: Path) -> None:
    result = check(tmp_path / f"absent{suffix}")  # it need not even be there
    assert result.unreadable and "pickle" in result.findings[0].message


def test_thousands_of_tensors_are_read_and_not_converted(tmp_path: Path) -> None:
    rows: dict[str, object] = {}
    for number in range(11_000):
        stem = f"transformer.transformer_blocks.{number}.attn.to_q"
        for half in ("A", "B"):
            rows[f"{stem}.lora_{half}.weight"] = {
                "dtype": "F16",
                "shape": [0, 0],
                "data_offsets": [0, 0],
            }
    text = json.dumps(rows).encode()
    path = write(tmp_path, struct.pack("<Q", len(text)) + text)
    result = check(path, FLUX)
    assert not result.unreadable and len(result.findings) <= 3
    with pytest.raises(BuildError, match="over 20,000 tensors"):
        convert_names(read_lora_file(str(path)), ["FluxLoraLoaderMixin"])


def test_a_converter_that_raises_is_told_with_its_own_words(tmp_path: Path) -> None:
    path = write(tmp_path, lora_file(PAIR.format("diffusion_model.blocks.x.self_attn.q")))
    (finding,) = check(path, WAN, "diffusers").findings
    assert finding.code == "LC619" and "stops at this file: ValueError" in finding.message


def test_a_converter_without_an_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The converter counts up to the highest block."""
    monkeypatch.setattr(reach, "LIMITS", Limits(processor=6, wall=300))
    names = (f"diffusion_model.blocks.{number}.self_attn.q" for number in (0, 10**15))
    path = write(tmp_path, lora_file("".join(PAIR.format(name).lstrip() for name in names)))
    with pytest.raises(BuildError):
        convert_names(read_lora_file(str(path)), ["WanLoraLoaderMixin"])
    assert not check(path, WAN, "diffusers").unreadable


def test_control_characters_stay_out_of_the_report(tmp_path: Path) -> None:
    data = lora_bytes({"\x1b[31mtransformer.\x07x.lora_A.weight": ("F16", [4, 4])})
    result = check(write(tmp_path, data))
    assert {finding.code for finding in result.findings} == {"LC618"}


def test_alphas_that_are_no_numbers(tmp_path: Path) -> None:
    text = (
        "lora_unet_x.lora_down.weight F16 [4, 8]\n"
        "lora_unet_x.lora_up.weight F16 [8, 4]\n"
        "lora_unet_x.alpha F16 [] = nan\n"
    )
    (finding,) = check(write(tmp_path, lora_file(text))).findings
    assert finding.code == "LC618" and "nan" in finding.message
