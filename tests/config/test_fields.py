"""The facts against the installed PEFT: no field missing, none invented, each as PEFT has it."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import pytest

from loracheck.config import field_table
from loracheck.config.check import check

pytestmark = pytest.mark.oracle
peft = pytest.importorskip("peft")
lora = pytest.importorskip("peft.tuners.lora.config")

CLASSES = ("LoraConfig", *field_table.list_sub_configs())


def known(name: str) -> dict[str, field_table.Field]:
    return dict(
        field_table.get_lora_fields()
        if name == "LoraConfig"
        else field_table.get_sub_config_fields(name)
    )


def real(name: str) -> dict[str, Any]:
    return {field.name: field for field in dataclasses.fields(getattr(lora, name))}


def plain(value: Any) -> Any:
    """A default as JSON has it."""
    return {} if isinstance(value, lora.LoraRuntimeConfig) else value


def normal(annotation: str) -> str:
    return (
        annotation.replace('"', "'")
        .replace(" ", "")
        .replace("\n", "")
        .replace(",]", "]")
        .strip("()")
    )


def test_forty_two_fields() -> None:
    assert len(field_table.get_lora_fields()) == 42


def test_no_sub_config_missing() -> None:
    found = {
        name
        for name, value in vars(lora).items()
        if dataclasses.is_dataclass(value) and value.__module__ == lora.__name__
    }
    assert found == set(CLASSES)


@pytest.mark.parametrize("name", CLASSES)
def test_same_fields(name: str) -> None:
    assert set(known(name)) == set(real(name))


@pytest.mark.parametrize("name", CLASSES)
def test_same_defaults(name: str) -> None:
    for field in real(name).values():
        made = field.default_factory
        default = field.default if made is dataclasses.MISSING else made()
        mine = known(name)[field.name].default
        assert (type(plain(default)), plain(default)) == (type(mine), mine), field.name


@pytest.mark.parametrize("name", CLASSES)
def test_same_annotations(name: str) -> None:
    for field in real(name).values():
        assert normal(str(field.type)) == normal(known(name)[field.name].peft), field.name


@pytest.mark.parametrize("name", CLASSES)
def test_same_init_flag(name: str) -> None:
    for field in real(name).values():
        assert field.init != known(name)[field.name].internal, field.name


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_is_explained(name: str) -> None:
    for field in known(name).values():
        assert 10 < len(field.help) < 400, field.name
        assert field.help.endswith("."), field.name
        assert field.source, field.name
        assert field.effect in ("raises", "fails", "warns", "silent")
        assert field.outcome, field.name


def test_inherited_fields() -> None:
    base = {field.name for field in dataclasses.fields(peft.PeftConfig)}
    assert {name for name, field in field_table.get_lora_fields().items() if field.base} == base


def test_task_types() -> None:
    assert set(field_table.get_lora_fields()["task_type"].choices) == {
        task.value for task in peft.TaskType
    }


def test_defaults_and_examples_are_clean() -> None:
    for field in field_table.get_lora_fields().values():
        assert check({field.name: field.default}) == [], field.name


@pytest.mark.parametrize("name", sorted(field_table.get_lora_fields()))
def test_examples_do_not_raise(name: str) -> None:
    for example in field_table.get_lora_fields()[name].examples:
        found = check({name: example})
        assert not [issue for issue in found if issue.kind in ("wrong-type", "bad-choice")], found


def test_a_saved_config_is_clean(tmp_path: Any) -> None:
    """What PEFT writes, its reader and `check` both take without a word."""
    import json

    config = lora.LoraConfig(
        r=16,
        target_modules=["q", "v"],
        task_type="CAUSAL_LM",
        init_lora_weights="eva",
        eva_config=lora.EvaConfig(rho=1.5),
        use_bdlora=lora.BdLoraConfig(target_modules_bd_a=["q"], target_modules_bd_b=["v"]),
    )
    config.save_pretrained(tmp_path)
    values = json.loads((tmp_path / "adapter_config.json").read_text())
    assert len(values) == 41
    assert check(values, saved=True) == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lora.LoraConfig.from_pretrained(tmp_path).r == 16
