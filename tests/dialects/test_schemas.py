"""The schemas of the tools' files: current, valid, and content with every official file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from loracheck.dialects import schema as schemas
from loracheck.documents import FORMATS, read
from loracheck.documents.model import Unknown
from tests.shared import files, needs

CASES = Path(__file__).parent / "cases"


@pytest.mark.parametrize("name", schemas.names())
def test_file_is_current(name: str) -> None:
    path = schemas.FOLDER / f"{name}.schema.json"
    assert path.read_text("utf-8") == schemas.render(name)


def test_no_file_is_left_over() -> None:
    made = {f"{name}.schema.json" for name in schemas.names()}
    assert {path.name for path in schemas.FOLDER.iterdir()} == made


@pytest.mark.parametrize("name", schemas.names())
def test_every_key_says_what_it_is(name: str) -> None:
    made = schemas.schema(name)
    Draft202012Validator.check_schema(made)
    for key, node in _keys(made):
        assert node["title"] == key
        assert node["description"].endswith("."), key
        if "default" in node:
            assert Draft202012Validator(node).is_valid(node["default"]), key


def _keys(node: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for key, inner in node.get("properties", {}).items():
        found += [(key, inner)] if "description" in inner else _keys(inner)
    return found + (_keys(node["items"]) if "properties" in node.get("items", {}) else [])


@needs("corpus")
@pytest.mark.parametrize("name", schemas.names())
def test_official_files_are_valid(name: str) -> None:
    validator = Draft202012Validator(schemas.schema(name))
    for path in files(f"corpus/{name}", *FORMATS):
        for root in read(str(path)).roots:
            faults = [e for e in validator.iter_errors(root) if not isinstance(e.instance, Unknown)]
            assert [(list(e.path), e.message) for e in faults] == [], path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("trl", "lora_r: [8]"),
        ("axolotl", "lora_alpha: {a: 1}"),
        ("llamafactory", "lora_rank: '8'"),
        ("oumi", "peft: {lora_target_modules: all-linear}"),
        ("ludwig", "adapter: {r: 1.5}"),
        ("ai-toolkit", "config: {process: [{network: {linear: [4]}}]}"),
        ("verl", "actor_rollout_ref: {model: {lora: {rank: x}}}"),
    ],
)
def test_wrong_types_are_refused(name: str, text: str) -> None:
    made = schemas.schema(name)
    assert not Draft202012Validator(made).is_valid(json.loads(json.dumps(yaml.safe_load(text))))
