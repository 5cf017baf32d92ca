"""Fields, choices and defaults of the older releases, against what was read from their wheels."""

from __future__ import annotations

import json
from typing import Any

import pytest

from loracheck.config import field_table
from loracheck.config.check import check
from loracheck.config.schema import build_release_schema
from tests.shared import FOLDER, needs

RELEASES = field_table.load_release_table()["releases"]


def wheels() -> dict[str, Any]:
    path = FOLDER / "peft" / "lora_fields_by_version.json"
    return dict(json.loads(path.read_text())["versions"]) if path.exists() else {}


WHEELS = wheels()


def had(release: str) -> set[str]:
    names: set[str] = set()
    for name, row in RELEASES.items():
        names |= set(row["adds"])
        if name == release:
            return names
    raise KeyError(release)


@needs("peft")
@pytest.mark.parametrize("release", sorted(RELEASES))
class TestAgainstTheWheels:
    def wheel(self, release: str) -> dict[str, Any]:
        return dict(WHEELS[RELEASES[release]["patch"]])

    def test_fields(self, release: str) -> None:
        real = {field["name"] for field in self.wheel(release)["fields"]}
        assert had(release) == real == set(build_release_schema(release)["properties"])

    def test_defaults(self, release: str) -> None:
        properties = build_release_schema(release)["properties"]
        for field in self.wheel(release)["fields"]:
            real = field["default"]
            if isinstance(real, dict) and "__factory__" in real:
                real = {}
            assert properties[field["name"]]["default"] == real, field["name"]

    def test_sub_configs(self, release: str) -> None:
        real = {
            name: {field["name"] for field in sub["fields"]}
            for name, sub in self.wheel(release)["sub_configs"].items()
        }
        made = build_release_schema(release)["$defs"]
        assert {name: set(node["properties"]) for name, node in made.items()} == real

    def test_unknown_key(self, release: str) -> None:
        words = {"silently": "drops", "TypeError": "raises", "UserWarning": "warns"}
        real = self.wheel(release)["unknown_keys_in_adapter_config_json"]["behaviour"]
        assert RELEASES[release]["unknown_key"] == words[real.split()[0]]

    def test_choices(self, release: str) -> None:
        wheel = self.wheel(release)
        assert set(RELEASES[release]["task_type"]) == set(wheel["task_type"]["values"])
        words = {word.split()[0] for word in wheel["init_lora_weights"]["accepted"]}
        real = words - {"true", "false", "pissa_niter_<int>"}
        assert set(RELEASES[release]["init_lora_weights"]) == real

    def test_task_type_is_checked(self, release: str) -> None:
        found = check({"task_type": "OTHER"}, peft=release)
        raises = self.wheel(release)["task_type"]["validated_at_construction"]
        assert (found[0].effect == "raises") == raises


LOFTQ = {"loftq_bits": 4, "loftq_iter": 1}
CASES: list[tuple[str, dict[str, Any], bool, list[tuple[str, str]]]] = [
    ("0.13", {"exclude_modules": ["x"]}, False, [("field-too-new", "raises")]),
    ("0.13", {"exclude_modules": None}, True, [("field-too-new", "raises")]),
    ("0.5", {"use_dora": True}, True, [("field-too-new", "silent")]),
    ("0.5", {"use_dora": False}, True, []),
    ("0.17.1", {"lora_ga_config": {}}, True, []),
    ("0.17.1", {"kasa_config": {"beta": 1.0}}, True, [("field-too-new", "warns")]),
    ("0.13", {"init_lora_weights": "eva"}, False, [("init-lora-weights-too-new", "fails")]),
    ("0.18", {"init_lora_weights": "lora_ga"}, False, [("init-lora-weights-too-new", "fails")]),
    ("0.14", {"init_lora_weights": "pissa_niter_4"}, False, []),
    ("0.13", {"task_type": "OTHER"}, False, [("task-type-unknown", "silent")]),
    ("0.13", {"layers_pattern": "h"}, False, [("layers-pattern-without-layers", "silent")]),
    (
        "0.20",
        {"layers_pattern": "h", "layers_to_transform": 0},
        False,
        [("layers-pattern-without-layers", "raises")],
    ),
    ("0.21", {"layers_pattern": "h", "layers_to_transform": 0}, False, []),
    ("0.5", {"target_modules": "q", "layers_to_transform": 0}, False,
     [("layers-to-transform-with-regex", "silent")]),
    ("0.13", {"loftq_config": {"loftq_bits": 4}}, False, [("loftq-config-unused", "silent")]),
    ("0.12", {"enable_lora": None}, True, [("removed-enable-lora", "raises")]),
    ("0.3", {"enable_lora": None}, True, [("removed-enable-lora", "silent")]),
    ("0.15", {"bias": "foo_only"}, False, [("bias-unknown", "fails")]),
    (
        "0.9",
        {"use_dora": True, "init_lora_weights": "loftq", "loftq_config": LOFTQ},
        False,
        [("dora-with-loftq", "raises")],
    ),
    ("0.18", {"bias": "foo_only"}, False, [("bias-unknown", "silent")]),
]  # fmt: skip


@pytest.mark.parametrize(("release", "values", "saved", "wanted"), CASES, ids=repr)
def test_judged_by_the_release(
    release: str, values: dict[str, Any], saved: bool, wanted: list[tuple[str, str]]
) -> None:
    extra = {"peft_type": "LORA"} if saved else {}
    found = check({**values, **extra}, peft=release, saved=saved)
    assert [(issue.id, issue.effect) for issue in found] == wanted


def test_a_conflict_with_a_field_that_the_release_lacks_is_not_reported() -> None:
    found = check({"lora_bias": True, "use_dora": True}, peft="0.13")
    assert [issue.id for issue in found] == ["field-too-new"]


@pytest.mark.parametrize("version", ["x", "", "0", "1.x"])
def test_no_version(version: str) -> None:
    if version:
        with pytest.raises(ValueError, match="no PEFT version"):
            check({}, peft=version)
    else:
        assert check({}, peft=version) == []
