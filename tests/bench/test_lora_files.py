"""What loracheck says that diffusers reaches is what real diffusers reaches."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.oracle, pytest.mark.slow]
pytest.importorskip("torch")
pytest.importorskip("peft")
pytest.importorskip("diffusers")

from bench.lora_files.__main__ import compare, list_cases  # noqa: E402
from bench.lora_files.loaders import FILE, read_loaders  # noqa: E402

TITLES = (
    "flux2-klein kohya",
    "flux2-klein diffusers",
    "flux2-klein left-in",
    "flux lora-transformer",
    "wan-small comfyui",
    "sd15 kohya",
)


@pytest.mark.parametrize("title", TITLES)
def test_the_layers_are_the_same(title: str) -> None:
    case = next(case for case in list_cases() if case.title == title)
    real, told = compare(case)
    assert told.layers == real.layers
    assert (told.error is None) == (real.error is None), (told.error, real.error)


def test_the_table_of_loaders_is_that_of_the_installed_release() -> None:
    import json

    assert json.loads(FILE.read_text("utf-8"))["loaders"] == read_loaders()
