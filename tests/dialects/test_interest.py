"""The quick look at the bytes misses no file that holds a setting."""

from __future__ import annotations

import pytest

from loracheck.dialects.interest import mentions_lora, seems_to_set_lora
from tests.shared import files, needs

from .test_cases import FOUND, NONE


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_every_case_with_a_setting(path: object) -> None:
    with open(str(path).removesuffix(".expected.json"), "rb") as file:
        assert mentions_lora(file.read())


def test_files_of_no_interest() -> None:
    names = {path.name for path in NONE if not mentions_lora(path.read_bytes())}
    assert {"random.yaml", "ci.yaml", "list.json", "not-parsed.py"} <= names


@needs("corpus")
def test_every_real_file() -> None:
    paths = files("corpus", ".json", ".yaml", ".yml", ".toml")
    missed = [path for path in paths if not mentions_lora(path.read_bytes())]
    assert [path for path in missed if "peft-adapter" not in path.parts] == []


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


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_a_broken_file_that_sets_lora(path: object) -> None:
    with open(str(path).removesuffix(".expected.json"), "rb") as file:
        data = file.read()
    assert seems_to_set_lora(data) or str(path).endswith((".py.expected.json", ".sh.expected.json"))
