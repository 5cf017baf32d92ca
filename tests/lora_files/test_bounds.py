"""What a LoRA file's names can ask of diffusers' converters is bounded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loracheck.lora_files import reach
from loracheck.lora_files.read import read_lora_file
from loracheck.trees.build_error import BuildError
from tests.weights import safetensors


@pytest.fixture(autouse=True)
def no_file_was_late() -> Iterator[None]:
    reach._Late.files = 0
    yield
    reach._Late.files = 0


def convert(folder: Path, layer: str) -> object:
    path = folder / "x.safetensors"
    sides = {"lora_down": [4, 4], "lora_up": [12, 4]}
    path.write_bytes(
        safetensors({f"{layer}.{side}.weight": ("F32", shape) for side, shape in sides.items()})
    )
    return reach.convert_names(read_lora_file(str(path)), ["FluxLoraLoaderMixin"])


@pytest.mark.parametrize(
    "number", ["9" * 5000, "999999999", "1_000_000_000", "00999999", "\uff19" * 6, "2001"]
)
def test_a_number_that_a_converter_would_count_to(tmp_path: Path, number: str) -> None:
    """diffusers 0.42.1 `_convert_kohya_flux_lora_to_diffusers` goes through all blocks up to the
    highest number.
    """
    for layer in (f"diffusion_model.double_blocks.{number}.img_attn.qkv",
                  f"lora_unet_double_blocks_{number.replace('_', '')}_img_attn_qkv"):  # fmt: skip
        with pytest.raises(BuildError) as caught:
            convert(tmp_path, layer)
        assert caught.value.kind == "too-large"


def test_files_that_take_too_long_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def ask(*arguments: object) -> None:
        asked.append(arguments)
        raise BuildError("out-of-time", "too slow")

    monkeypatch.setattr(reach, "ask", ask)
    for _ in range(reach.MOST_LATE + 2):
        with pytest.raises(BuildError):
            convert(tmp_path, "lora_unet_double_blocks_0_img_attn_qkv")
    assert len(asked) == reach.MOST_LATE
