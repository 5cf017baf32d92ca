"""The data of programs that load LoRA files: whole, in order, and in the words of the traits."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from loracheck.engines import (
    UnknownEngineError,
    list_engine_names,
    list_lora_file_engines,
    parse_engine,
)
from loracheck.engines.read import LORA_FILES, load, parse_engine_version
from loracheck.lora_files.reach import _read_loaders
from loracheck.rules.support import lora_file_traits

from .test_data import SCHEMA, speak_of_other_models

NAMES = list_lora_file_engines()
SPOKEN = re.findall(
    r'"(keys-[\w{}.-]+|kind-[\w{}.-]+|adapter-name|base-model|alpha-metadata|mixed-ranks|alphas-differ)"',
    Path(lora_file_traits.__file__).read_text("utf-8"),
)
"""The words of the traits, those that are put together of parts among them."""


def data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(LORA_FILES, f"{name}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_file_has_the_form_that_the_reader_takes(name: str) -> None:
    jsonschema.validate(data(name), SCHEMA)
    releases = [parse_engine_version(release) for release in data(name).get("releases", [])]
    assert releases == sorted(set(releases))


@pytest.mark.parametrize("name", NAMES)
def test_no_two_facts_about_one_trait_hold_at_once(name: str) -> None:
    for release in data(name).get("releases", [None]):
        for one, other in itertools.combinations(load(name, release).facts, 2):
            assert one.what != other.what or speak_of_other_models(one, other), (release, one)


@pytest.mark.parametrize("name", NAMES)
def test_every_word_is_one_of_a_trait(name: str) -> None:
    patterns = [re.compile(re.sub(r"\{[^}]*\}", ".+", word)) for word in SPOKEN]
    words = {row["what"] for row in data(name)["facts"]}
    unknown = {word for word in words if not any(p.fullmatch(word) for p in patterns)}
    assert unknown == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_class_is_one_of_diffusers(name: str) -> None:
    named = {
        cls for row in data(name)["facts"] for cls in (*row.get("only", ()), *row.get("but", ()))
    }
    assert named <= {*_read_loaders(), "PixArtTransformer2DModel", "HunyuanDiT2DModel"}


def test_names_are_known_and_apart_from_the_servers() -> None:
    assert set(NAMES).isdisjoint(list_engine_names())
    assert parse_engine("ComfyUI==0.3.50").version == "0.3.50"
    assert parse_engine("automatic1111").loads_lora_files
    with pytest.raises(UnknownEngineError, match="for LoRA files a1111, comfyui"):
        parse_engine("invokeai")


@pytest.mark.parametrize(
    ("name", "right"), [("vlm", "vllm"), ("SGLangg", "sglang"), ("comfi", "comfyui")]
)
def test_a_slip_in_a_name_is_told_with_the_name_that_is_near(name: str, right: str) -> None:
    with pytest.raises(UnknownEngineError, match=f"did you mean '{right}'"):
        load(name)
