"""`explain --format json`: held against its own schema, which is made from the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.explain import schema

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").iterdir())
SCHEMA = json.loads(schema.PATH.read_text(encoding="utf-8"))


def asked(*topics: str, status: int = 0) -> Any:
    result = CliRunner().invoke(cli, ["explain", "--format", "json", *topics])
    assert result.exit_code == status, result.output
    data = json.loads(result.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    return data


def test_the_schema_is_the_code_s() -> None:
    assert schema.render() == schema.PATH.read_text(encoding="utf-8")
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_refuses_what_is_missing() -> None:
    data = asked(str(EXAMPLES[0]))
    del data["settings"][0]["trainable"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(SCHEMA).validate(data)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example(path: Path) -> None:
    data = asked(str(path))
    assert data["kind"] == "settings"
    assert all(one["path"] == str(path) for one in data["settings"])


def test_the_numbers_are_those_of_the_text() -> None:
    path = next(path for path in EXAMPLES if path.name == "qwen2_clean.json")
    (one,) = asked(str(path))["settings"]
    assert (one["trainable"], one["total"]) == (40_370_176, 7_655_986_688)
    assert one["share"] == pytest.approx(0.005273, rel=1e-3)
    assert one["disk"]["parameters"] == one["trainable"]
    assert [part["name"] for part in one["components"]][:2] == ["attention", "mlp"]


@pytest.mark.parametrize(
    "model", ["Qwen/Qwen3-30B-A3B", "openai-community/gpt2", "google/vit-large-patch16-224"]
)
def test_a_model(model: str) -> None:
    assert asked(model)["model"]["model"] == model


def test_a_comparison(tmp_path: Path) -> None:
    clean = next(path for path in EXAMPLES if path.name == "qwen2_clean.json")
    data = json.loads(clean.read_text())
    other = tmp_path / "adapter_config.json"
    other.write_text(json.dumps({**data, "r": 8, "target_modules": ["q_proj"]}))
    found = asked(str(clean), str(other))["comparison"]
    assert not found["alike"]
    changes = {change["name"]: change for change in found["changes"]}
    assert changes["model.layers.*.self_attn.q_proj"]["second"]["ranks"] == [8]
    assert changes["model.layers.*.mlp.up_proj"]["second"]["adapted"] == 0


def test_a_file_without_lora(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    assert asked(str(path))["settings"] == []
