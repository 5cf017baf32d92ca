"""Real files: a tool's own are known for what they are, and their settings are found."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from bench.peft_methods import APART
from loracheck.documents import FORMATS, read
from loracheck.tools import find_settings
from loracheck.tools.core.index import list_tools_with_files
from loracheck.tools.core.registry import detect_tool_of
from tests.shared import FOLDER, files, needs

TOOLS = sorted({*list_tools_with_files()} & {p.name for p in (FOLDER / "corpus").glob("*/")})


NOT_LORA = {
    # No adapter, another adapter or network, or rank 0: nothing is set up.
    "axolotl": 3,
    "kohya": 1,
    "ludwig": 2,
    "verl": 4,
}


@needs("corpus")
@pytest.mark.parametrize("name", TOOLS)
def test_every_file_of_a_tool_is_known_and_gives_a_setting(name: str) -> None:
    paths = files(f"corpus/{name}", *FORMATS)
    documents = [read(str(path)) for path in paths]
    found = [(document, find_settings(document)) for document in documents]
    assert [d.path for d in documents if detect_tool_of(d) != name] == []
    assert {one.tool_name for _, several in found for one in several} <= {name}
    assert sum(not several for _, several in found) == NOT_LORA.get(name, 0)


@needs("corpus")
@pytest.mark.parametrize("name", TOOLS)
def test_official_files_have_no_unknown_keys(name: str) -> None:
    for path in files(f"corpus/{name}", *FORMATS):
        for setting in find_settings(read(str(path))):
            assert not setting.unknown_keys, path


def chooses_targets(path: Path) -> bool:
    """Whether a file is LoRA's, or of another method that finds its modules by their names."""
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict) or "peft_type" not in content:
        return False
    peft = pytest.importorskip("peft")
    method = peft.mapping.PEFT_TYPE_TO_CONFIG_MAPPING[peft.PeftType(content["peft_type"])]
    names = {field.name for field in dataclasses.fields(method)}
    apart = content["peft_type"] in APART
    return method is peft.LoraConfig or ("target_modules" in names and not apart)


@needs("corpus")
def test_every_adapter_with_targets_gives_one_setting_and_no_other_file_any() -> None:
    found = {
        path: len(find_settings(read(str(path)))) for path in files("corpus/peft-adapter", ".json")
    }
    assert found == {path: int(chooses_targets(path)) for path in found}
    assert sum(found.values()) >= 30


@needs("corpus")
def test_every_field_of_a_real_adapter_has_its_own_place() -> None:
    for path in files("corpus/peft-adapter", ".json"):
        document = read(str(path))
        for setting in find_settings(document):
            for field, value in setting.fields.items():
                span = document.span(setting.place(field))
                lines = document.text.splitlines(keepends=True)[span.line - 1 : span.end_line]
                lines[-1] = lines[-1][: span.end_column - 1]
                assert json.loads("".join(lines)[span.column - 1 :]) == value


@needs("model_configs")
def test_a_models_own_config_is_no_setting() -> None:
    for path in files("model_configs", ".json"):
        if path.stat().st_size < 1_000_000:
            assert find_settings(read(str(path))) == [], path
