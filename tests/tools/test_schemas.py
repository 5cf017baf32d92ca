"""The schemas of the tools' files: current, valid, and content with every official file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from loracheck.cli import cli
from loracheck.documents import FORMATS, read
from loracheck.documents.model import Unknown
from loracheck.tools.core import schema as schemas
from loracheck.tools.core.index import list_tools_with_files
from tests.shared import files, needs

CASES = Path(__file__).parent / "cases"
REALLY_WRONG = re.compile(r"mlx-lm/.*'alpha' does not match")
"""mlx-lm reads no alpha: such a file stops with KeyError 'scale', or its alpha is lost."""


@pytest.mark.parametrize("name", list_tools_with_files())
def test_file_is_current(name: str) -> None:
    path = schemas.FOLDER / f"{name}.schema.json"
    assert path.read_text("utf-8") == schemas.render(name)


def test_no_file_is_left_over() -> None:
    made = {f"{name}.schema.json" for name in list_tools_with_files()}
    assert {path.name for path in schemas.FOLDER.iterdir()} == made


@pytest.mark.parametrize("name", list_tools_with_files())
def test_every_key_says_what_it_is(name: str) -> None:
    made = schemas.build_tool_schema(name)
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
@pytest.mark.parametrize("name", list_tools_with_files())
def test_official_files_are_valid(name: str) -> None:
    validator = Draft202012Validator(schemas.build_tool_schema(name))
    for path in files(f"corpus/{name}", *FORMATS):
        for root in read(str(path)).roots:
            faults = [e for e in validator.iter_errors(root) if not isinstance(e.instance, Unknown)]
            faults = [e for e in faults if not REALLY_WRONG.search(f"{path}: {e.message}")]
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
    made = schemas.build_tool_schema(name)
    assert not Draft202012Validator(made).is_valid(json.loads(json.dumps(yaml.safe_load(text))))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("axolotl", "lora_aplha: 16"),
        ("llamafactory", "lora_r: 8"),
        ("trl", "lora_dropot: 0.1"),
        ("oumi", "peft: {lora_r: 8, rank: 8}"),
        ("nemo-automodel", "peft: {dim: 8, aplha: 8}"),
        ("axolotl", "lora_r: 0"),
        ("llamafactory", "lora_dropout: 1.5"),
        ("oumi", "peft: {lora_bias: All}"),
    ],
)
def test_slips_are_refused(name: str, text: str) -> None:
    assert not Draft202012Validator(schemas.build_tool_schema(name)).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("axolotl", "{lora_r: '8', lora_alpha: '${LORA_ALPHA}', lora_mlp_kernel: true}"),
        ("axolotl", "{lora_target_modules: '${TARGETS}', peft_layers_to_transform: '${LAYERS}'}"),
        ("oumi", "{peft: {lora_r: '${model.rank}'}, lora_anything: 1}"),
        ("verl", "actor_rollout_ref: {model: {lora_rank: 0}}"),
        ("kohya", "{network_arguments: {network_dim: 8}}"),
    ],
)
def test_what_the_tool_takes_is_taken(name: str, text: str) -> None:
    Draft202012Validator(schemas.build_tool_schema(name)).validate(yaml.safe_load(text))


def test_the_command_prints_every_dialect() -> None:
    for name in list_tools_with_files():
        assert CliRunner().invoke(cli, ["schema", name]).output == schemas.render(name)
