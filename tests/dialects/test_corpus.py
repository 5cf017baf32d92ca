"""Real files: a tool's own are known for what they are, and give no setting that is not PEFT's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loracheck.dialects import settings
from loracheck.dialects.recognise import TABLE, tool
from loracheck.documents import read
from tests.shared import FOLDER, files, needs

TOOLS = sorted({name for name, _ in TABLE} & {p.name for p in (FOLDER / "corpus").glob("*/")})


@needs("corpus")
@pytest.mark.parametrize("name", TOOLS)
def test_a_tool_is_known_and_left_alone(name: str) -> None:
    paths = files(f"corpus/{name}", ".json", ".yaml", ".yml")
    documents = [read(str(path)) for path in paths]
    wrong = [d.path for d in documents if tool(d) != name or settings(d)]
    assert wrong == []


def is_lora(path: Path) -> bool:
    content = json.loads(path.read_bytes())
    return isinstance(content, dict) and content.get("peft_type") == "LORA"


@needs("corpus")
def test_every_lora_adapter_gives_one_setting_and_no_other_file_any() -> None:
    found = {path: len(settings(read(str(path)))) for path in files("corpus/peft-adapter", ".json")}
    assert found == {path: int(is_lora(path)) for path in found}
    assert sum(found.values()) >= 30


@needs("corpus")
def test_every_field_of_a_real_adapter_has_its_own_place() -> None:
    for path in files("corpus/peft-adapter", ".json"):
        document = read(str(path))
        for setting in settings(document):
            for field, value in setting.fields.items():
                span = document.span(setting.place(field))
                lines = document.text.splitlines(keepends=True)[span.line - 1 : span.end_line]
                lines[-1] = lines[-1][: span.end_column - 1]
                assert json.loads("".join(lines)[span.column - 1 :]) == value


@needs("model_configs")
def test_a_models_own_config_is_no_setting() -> None:
    for path in files("model_configs", ".json"):
        if path.stat().st_size < 1_000_000:
            assert settings(read(str(path))) == [], path
