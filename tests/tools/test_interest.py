"""The quick look at the bytes misses no file that holds a setting."""

from __future__ import annotations

import pytest

from dev.tool_cases import ToolCase, read_cases
from loracheck.tools.core.lora_keywords import seems_to_set_lora

BY_KEYS = [case for case in read_cases() if not case.file.endswith((".py", ".sh"))]


@pytest.mark.parametrize("case", BY_KEYS, ids=lambda case: case.name)
def test_every_case_with_a_setting(case: ToolCase) -> None:
    assert seems_to_set_lora(case.text.encode())


@pytest.mark.parametrize(
    "text",
    [
        "nav:\n  - LoRA: lora.md\n  - PEFT: peft.md\nx: !!python/name:a.b\n",
        "command: {{ .Values.lora }}\n",
        "a lora: 1: 2\n",
        '{"input": "An exploration of flora in Colorado.\\nr = 5"}\n{"input": "rank: 3"}\n',
    ],
)
def test_a_broken_file_that_only_names_lora(text: str) -> None:
    assert not seems_to_set_lora(text.encode())
