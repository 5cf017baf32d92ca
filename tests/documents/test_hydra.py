"""Configurations that hydra composes of several files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.documents.hydra import MAX_CONFIGS, compose, list_compositions
from loracheck.documents.interpolations import Resolver
from loracheck.documents.model import OneOf, Unknown
from loracheck.tools import find_settings

CASES = json.loads(Path(__file__).with_name("composed.json").read_text("utf-8"))


def write(folder: Path, files: dict[str, str]) -> None:
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_the_values_are_those_that_hydra_composes(tmp_path: Path, case: dict[str, Any]) -> None:
    write(tmp_path, case["files"])
    assert compose(str(tmp_path / case["primary"])) == case["values"]


@pytest.mark.parametrize(
    "config",
    [
        "defaults: [config]\n",
        "defaults: [gone]\n",
        "defaults:\n  - model: ${name}\n",
        "defaults:\n  - model: ???\n",
        "defaults:\n  - {a: b, c: d}\n",
        "defaults:\n  - ../../outside\n",
        "defaults:\n  - model@_group_: qwen\n",
        "- 1\n",
    ],
)
def test_what_is_not_supported_gives_nothing(tmp_path: Path, config: str) -> None:
    write(tmp_path / "in", {"conf/config.yaml": config, "conf/model/qwen.yaml": "name: gpt2\n"})
    (tmp_path / "outside.yaml").write_text("name: gpt2\n")
    assert compose(str(tmp_path / "in" / "conf" / "config.yaml")) is None


def test_a_composition_has_a_bound(tmp_path: Path) -> None:
    names = [f"part{number}" for number in range(MAX_CONFIGS)]
    files = {f"{name}.yaml": "a: 1\n" for name in names}
    write(tmp_path, {**files, "config.yaml": f"defaults: {json.dumps(names[:20])}\n"})
    assert compose(str(tmp_path / "config.yaml")) == {"a": 1}
    write(tmp_path, {"config.yaml": f"defaults: {json.dumps(names)}\n"})
    assert compose(str(tmp_path / "config.yaml")) is None


def test_interpolations_have_a_bound() -> None:
    values: dict[str, Any] = {f"a{n}": f"${{a{n + 1}}}${{a{n + 1}}}" for n in range(64)}
    values |= {"a64": "x", "one": "${two}", "two": "${one}", "whole": "${block}", "block": {"b": 1}}
    found = Resolver(values).resolve_all()
    assert found["a60"] == "x" * 16
    assert isinstance(found["a0"], Unknown)
    assert isinstance(found["one"], Unknown)
    assert isinstance(found["whole"], Unknown)


def test_a_number_for_omegaconf_alone_is_not_known() -> None:
    found = Resolver({"rate": "2e-5", "name": "2e"}).resolve_all()
    assert isinstance(found["rate"], Unknown)
    assert found["name"] == "2e"


LORA = "r: 8\nlora_alpha: 16\ntarget_modules: [q_proj]\n"
PRIMARY = "defaults:\n  - model: qwen\n  - peft: lora\n"


def read_model(folder: Path, files: dict[str, str], name: str) -> object:
    write(folder, files)
    (setting,) = find_settings(read(str(folder / name)))
    assert setting.assumed is (setting.model is not None)
    return setting.model


def test_an_option_of_a_group_has_the_model_of_the_other_group(tmp_path: Path) -> None:
    files = {"conf/config.yaml": PRIMARY, "conf/model/qwen.yaml": "name: Qwen/Qwen2.5-7B\n"}
    files |= {"conf/peft/lora.yaml": LORA, "conf/peft/small.yaml": LORA}
    assert read_model(tmp_path, files, "conf/peft/lora.yaml") == "Qwen/Qwen2.5-7B"
    assert read_model(tmp_path, files, "conf/peft/small.yaml") == "Qwen/Qwen2.5-7B"


def test_two_configurations_with_a_group_give_one_of_two_models(tmp_path: Path) -> None:
    files = {"conf/config.yaml": PRIMARY, "conf/other.yaml": PRIMARY.replace("qwen", "gpt")}
    files |= {"conf/model/qwen.yaml": "name: Qwen/Qwen2.5-7B\n", "conf/peft/lora.yaml": LORA}
    files |= {"conf/model/gpt.yaml": "name: gpt2\n"}
    model = read_model(tmp_path, files, "conf/peft/lora.yaml")
    assert isinstance(model, OneOf)
    assert sorted(model.texts) == ["Qwen/Qwen2.5-7B", "gpt2"]


def test_no_model_is_taken_where_a_configuration_may_have_another(tmp_path: Path) -> None:
    files = {"conf/config.yaml": PRIMARY, "conf/other.yaml": "defaults: [{peft: lora}]\n"}
    files |= {"conf/model/qwen.yaml": "name: Qwen/Qwen2.5-7B\n", "conf/peft/lora.yaml": LORA}
    assert read_model(tmp_path, files, "conf/peft/lora.yaml") is None


def test_a_file_with_a_list_of_its_own_has_the_model_of_its_base(tmp_path: Path) -> None:
    files = {"lora.yaml": f"defaults: [base]\npeft:\n  {LORA.replace(chr(10), chr(10) + '  ')}\n"}
    files |= {"base.yaml": "model: {name: gpt2}\n"}
    assert read_model(tmp_path, files, "lora.yaml") == "gpt2"


def test_an_experiment_has_the_model_that_it_overrides(tmp_path: Path) -> None:
    text = f"# @package _global_\ndefaults:\n  - override /model: gpt\npeft: {{{LORA}}}\n"
    text = text.replace(LORA, "r: 8, lora_alpha: 16, target_modules: [c_attn]")
    files = {"conf/experiment/one.yaml": text, "conf/model/gpt.yaml": "name: gpt2\n"}
    assert read_model(tmp_path, files, "conf/experiment/one.yaml") == "gpt2"


def test_the_compositions_of_a_file_that_cannot_be_read_are_none(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "[", "b.json": "{}"})
    for name in ("a.yaml", "b.json", "gone.yaml"):
        assert list(list_compositions(str(tmp_path / name))) == []
