"""The quick look at the bytes misses no file that holds a setting."""

from __future__ import annotations

import pytest

from loracheck.tools.core.lora_keywords import seems_to_set_lora

from .test_cases import FOUND

BY_KEYS = [path for path in FOUND if path.name.split(".")[-3] not in ("py", "sh")]


@pytest.mark.parametrize("path", BY_KEYS, ids=lambda path: path.name)
def test_every_case_with_a_setting(path: object) -> None:
    with open(str(path).removesuffix(".expected.json"), "rb") as file:
        assert seems_to_set_lora(file.read())


@pytest.mark.parametrize(
    "text",
    [
        "nav:\n  - LoRA: lora.md\n  - PEFT: peft.md\nx: !!python/name:a.b\n",
        "command: {{ .Values.lora }}\n",
        "a lora: 1: 2\n",
    ],
)
def test_a_broken_file_that_only_names_lora(text: str) -> None:
    assert not seems_to_set_lora(text.encode())
