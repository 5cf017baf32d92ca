"""The dialects against what the tools themselves make of a file.

golden/<tool>.json holds files and the tool's own answers, written by `python -m bench.tools record`
where the tool is installed: the LoraConfig fields that differ from PEFT's defaults, null where no
LoRA is set up, or the sentence with which the file is refused.
"""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules
from loracheck.tools import find_settings
from loracheck.tools.core.setting import Setting

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
LINEAR = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]
"""All linear layers of the small Llama that the tools are shown, but its head."""

_BLOCKS = {
    "self_attn": ("q_proj", "k_proj", "v_proj", "o_proj"),
    "mlp": ("gate_proj", "up_proj", "down_proj"),
}
NAMES = [f"model.layers.{n}.{b}.{p}" for n in (0, 1) for b, ps in _BLOCKS.items() for p in ps]
NAMES.append("lm_head")
"""The same by their whole names, and the head."""

CODES = frozenset(rule.code for rule in list_all_rules())
ROWS = [
    pytest.param(row, id=f"{path.stem}-{number}")
    for path in GOLDEN
    for number, row in enumerate(json.loads(path.read_text("utf-8"))["cases"])
]


def normal(name: str, value: Any) -> Any:
    """A value in the form in which equal means the same to PEFT."""
    if name == "modules_to_save" and isinstance(value, list):
        # ms-swift's for a reward model; no model of transformers has it.
        value = [one for one in value if one != "v_head"]
    if name in ("modules_to_save", "target_parameters", "target_modules") and value == []:
        return None
    if name == "fan_in_fan_out":
        return bool(value)
    if isinstance(value, (list, tuple)):
        plain = [normal("", one) for one in value]
        return sorted(plain) if name in ("target_modules", "exclude_modules") else plain
    return value


def of(name: str, made: dict[str, Any]) -> Any:
    """The value that PEFT gets for a field."""
    return normal(name, made[name] if name in made else get_lora_fields()[name].default)


@pytest.mark.parametrize("row", [row for row in ROWS if "answer" in row.values[0]])
def test_the_same_config(row: dict[str, Any]) -> None:
    found = find_settings(read("a.yaml", yaml.safe_dump(row["file"])))
    if row["answer"] is None:
        assert found == []
    else:
        (setting,) = found
        compare(setting, row["answer"])


def compare(setting: Setting, wanted: dict[str, Any]) -> None:
    """Assert that a setting's fields are those of a tool's answer."""
    ours = dict(setting.fields)
    if setting.behaviour.lists_linear and ours["target_modules"] == "all-linear":
        ours["target_modules"] = LINEAR + [
            name for name in setting.behaviour.parts if name not in LINEAR
        ]
    if "exclude_modules" not in wanted and "exclude_modules" not in setting.places:
        ours.pop("exclude_modules", None)  # parts that the small model has not
    names = {*ours, *wanted} if not setting.own_lora and "modules" not in wanted else {*wanted}
    for name in names & get_lora_fields().keys():
        if name.endswith("_config"):
            # PEFT fills in the rest, and empties what the start does not use.
            ours_, theirs = ours.get(name) or {}, wanted.get(name) or {}
            assert ours_.items() <= theirs.items() or not theirs, name
        elif not isinstance(ours.get(name), Unknown):
            assert of(name, ours) == of(name, wanted), name


@pytest.mark.parametrize("row", [r for r in ROWS if "modules" in (r.values[0].get("answer") or {})])
def test_the_same_modules(row: dict[str, Any]) -> None:
    (setting,) = find_settings(read("a.yaml", yaml.safe_dump(row["file"])))
    target = setting.fields.get("target_modules")
    exclude = setting.fields.get("exclude_modules", "")
    assert isinstance(target, str)
    found = {
        name
        for name in NAMES
        if (target == "all-linear" or re.fullmatch(target, name))
        and not re.fullmatch(exclude, name)
    }
    wanted = set(row["answer"]["modules"])
    if target == "all-linear":  # PEFT's own leaves the head out
        found, wanted = found - {"lm_head"}, wanted - {"lm_head"}
    assert found == wanted


@pytest.mark.parametrize("row", [row for row in ROWS if "refused" in row.values[0]])
def test_a_refused_file_has_an_error(row: dict[str, Any]) -> None:
    text = yaml.safe_dump(row["file"]).encode()
    found = check_file("a.yaml", "a.yaml", LintSettings(CODES), text).findings
    assert [f.message for f in found if f.severity == "error"], row["refused"]


def test_every_tool_has_many() -> None:
    for path in GOLDEN:
        made = json.loads(path.read_text("utf-8"))
        assert sum(bool(row.get("answer")) for row in made["cases"]) >= 15, path.name
        assert made["version"], path.name


COMMANDS = {"ms-swift": "swift sft", "trl": "trl sft"}
"""Tools whose command line takes the same keys, through the same parser."""


def command_line(program: str, file: dict[str, Any]) -> str:
    """A file as a command, in two lines."""
    words = [program, "\\\n"]
    for key, value in file.items():
        words += [f"--{key}", *(shlex.quote(str(v)) for v in _several(value))]
    return " ".join(words)


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize(
    ("program", "row"),
    [
        pytest.param(COMMANDS[path.stem], row, id=f"{path.stem}-{number}")
        for path in GOLDEN
        for number, row in enumerate(json.loads(path.read_text("utf-8"))["cases"])
        if path.stem in COMMANDS and row.get("answer")
    ],
)
def test_the_same_config_from_a_command_line(program: str, row: dict[str, Any]) -> None:
    (setting,) = find_settings(read("a.sh", command_line(program, row["file"])))
    compare(setting, row["answer"])
