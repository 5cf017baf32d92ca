"""Writers: what is written for a tool is read back by its dialect to the same values."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.explain.write import WRITABLE_TOOLS, WriteRequest, write
from loracheck.tools import find_settings as settings_of
from loracheck.tools.trl import build_name_regex
from tests.examples import examples

NAMES = st.sampled_from(
    [
        "q_proj",
        "k_proj",
        "v_proj",
        "o_proj",
        "gate_proj",
        "c_attn",
        "attn.c_proj",
        "on",
        "w1",
        "0.fc",
    ]
)
LISTS = st.lists(NAMES, min_size=1, max_size=5, unique=True)
VALUES: dict[str, Any] = {
    "r": st.integers(1, 512),
    "lora_alpha": st.one_of(st.integers(1, 512), st.floats(0.5, 300)),
    "lora_dropout": st.floats(0, 0.99),
    "target_modules": st.one_of(
        LISTS, st.sampled_from(["all-linear", r".*\.layers\.\d+\.(q|v)_proj", r"model\.'x'.*"])
    ),
    "exclude_modules": st.one_of(st.none(), st.sampled_from([r"model\.visual\..*"]), LISTS),
    "modules_to_save": st.one_of(st.none(), LISTS),
    "use_rslora": st.booleans(),
    "use_dora": st.booleans(),
    "bias": st.sampled_from(["none", "all", "lora_only"]),
    "task_type": st.sampled_from(["CAUSAL_LM", "SEQ_CLS"]),
    "rank_pattern": st.dictionaries(NAMES, st.integers(1, 64), max_size=2),
    "init_lora_weights": st.sampled_from([True, False, "gaussian", "pissa", "olora"]),
    "layers_to_transform": st.one_of(st.none(), st.lists(st.integers(0, 40), min_size=1)),
    "trainable_token_indices": st.one_of(st.none(), st.lists(st.integers(0, 99), min_size=1)),
}
CONFIGS = st.fixed_dictionaries({}, optional=VALUES)
MODEL = "org/some-model_1.5"


def back(text: str, tool: str) -> Any:
    (setting,) = settings_of(read(WRITABLE_TOOLS[tool].file, text))
    return setting


@examples(60)
@pytest.mark.parametrize("tool", WRITABLE_TOOLS)
@given(values=CONFIGS)
def test_what_is_written_is_read_back(tool: str, values: dict[str, Any]) -> None:
    written = write(WriteRequest(values, MODEL), tool)
    setting = back(written.text, tool)
    assert setting.model == MODEL
    assert not setting.unknown_keys
    for name, field in get_lora_fields().items():
        if name in written.unwritten_fields or name in ("peft_type", "base_model_name_or_path"):
            continue
        wanted = values.get(name, field.default)
        found = setting.fields.get(name, field.default)
        if values.get(name) is None and name not in setting.places:
            continue  # what the tool adds by itself
        assert _same(name, wanted, found, tool), (name, wanted, found, written.text)


def _same(name: str, wanted: Any, found: Any, tool: str) -> bool:
    if isinstance(found, Unknown):
        # Unsloth makes the targets of what is no plain language model itself.
        return tool == "unsloth" and name == "target_modules"
    if wanted == found and type(wanted) is type(found):
        return True
    if tool == "trl" and name == "target_modules" and isinstance(wanted, list):
        return len(wanted) == 1 and found == build_name_regex(wanted[0])
    if tool == "axolotl" and name == "target_modules" and wanted is None:
        return bool(found == [])  # it passes an empty list where nothing is targeted
    if tool == "oumi" and name == "exclude_modules":
        parts = wanted if isinstance(wanted, list) else [wanted]
        return found == "|".join(f"({part})" for part in parts)
    return False


@given(names=st.lists(NAMES, min_size=1, max_size=1))
def test_a_lone_name_for_trl_matches_what_the_name_matches(names: list[str]) -> None:
    found = re.compile(build_name_regex(names[0]))
    for module in (names[0], f"model.layers.0.{names[0]}", f"model.x{names[0]}", f"{names[0]}.a"):
        wanted = module == names[0] or module.endswith(f".{names[0]}")
        assert bool(found.fullmatch(module)) is wanted


@pytest.mark.parametrize("tool", WRITABLE_TOOLS)
@pytest.mark.parametrize("bits", [None, "4bit", "8bit"])
def test_the_quantisation_is_read_back(tool: str, bits: str | None) -> None:
    values = {"r": 8, "target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}
    setting = back(write(WriteRequest(values, MODEL, quantization=bits), tool).text, tool)
    if tool not in ("peft-json", "ms-swift"):  # they have no key for it, or its dialect reads none
        assert setting.quantization == bits


@pytest.mark.parametrize("tool", WRITABLE_TOOLS)
def test_what_is_not_known_is_left_out_and_named(tool: str) -> None:
    values = {"r": Unknown("RANK"), "target_modules": ["q_proj", Unknown("x")]}
    written = write(WriteRequest(values, MODEL), tool)
    assert {"r", "target_modules"} <= set(written.unwritten_fields)
    assert "RANK" not in written.text


def test_reasons_become_comments() -> None:
    reasons = {"r": "why this rank", "target_modules": "every layer " * 20}
    request = WriteRequest(
        {"r": 8, "target_modules": ["a", "b"]}, MODEL, reasons=reasons, head="Top."
    )
    for tool, form in WRITABLE_TOOLS.items():
        text = write(request, tool).text
        assert ("# why this rank" in text) is form.comments
        assert max(map(len, text.splitlines())) <= 100


def test_a_field_without_a_key_is_named() -> None:
    values = {"r": 8, "exclude_modules": "a.*", "target_modules": ["q_proj", "v_proj"]}
    assert write(WriteRequest(values, MODEL), "trl").unwritten_fields == ("exclude_modules",)
    assert write(WriteRequest(values, MODEL), "oumi").unwritten_fields == ()
