"""The data files are whole: every fact has a source, every trait a rule, every bound a release."""

from __future__ import annotations

import itertools
import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from loracheck import engines, rules
from loracheck.engines.read import FOLDER, load, parse_engine_version
from loracheck.rules.support import engine_field_traits, engine_verdicts

TEXT = {"type": "string", "minLength": 2}
RELEASE = {"type": "string", "pattern": r"^\d+(\.\d+)+$"}
BOUNDS = {"since": RELEASE, "before": RELEASE}
FACT = {
    "type": "object",
    "additionalProperties": False,
    "required": ["what", "effect", "text", "source"],
    "properties": {
        "what": TEXT,
        "effect": {"enum": ["refused", "limited", "wrong", "ignored", "unsupported", "taken"]},
        **dict.fromkeys(("text", "help", "source"), TEXT),
        **{
            name: {"type": "array", "items": TEXT, "minItems": 1}
            for name in ("unless", "seen", "only", "but")
        },
        **BOUNDS,
    },
    "if": {"properties": {"effect": {"const": "taken"}}},
    "then": {"not": {"anyOf": [{"required": ["help"]}, {"required": ["unless"]}]}},
    "else": {"required": ["help"]},
}
RANKS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["default", "flag", "steps", "source"],
    "properties": {
        "default": {"type": "integer"},
        "flag": TEXT,
        "source": TEXT,
        "steps": {"type": "array", "items": {"type": "integer"}},
        **BOUNDS,
    },
}
STATUS = {"type": "array", "prefixItems": [RELEASE, {"type": "string"}], "minItems": 2}
MODULES = {
    "type": "object",
    "additionalProperties": False,
    "required": ["leaves", "source"],
    "properties": {
        **{
            name: {"type": "array", "items": TEXT, "minItems": 1}
            for name in ("leaves", "only", "own")
        },
        "source": TEXT,
        **BOUNDS,
    },
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "state", "facts"],
    "properties": {
        "title": TEXT,
        "state": TEXT,
        "aliases": {"type": "array", "items": TEXT},
        "releases": {"type": "array", "items": RELEASE, "minItems": 1},
        "models": TEXT,
        "architectures": {
            "type": "object",
            "additionalProperties": {"anyOf": [TEXT, {"type": "array", "items": STATUS}]},
        },
        "ranks": {"type": "array", "items": RANKS},
        "modules": {"type": "array", "items": MODULES},
        "facts": {"type": "array", "items": FACT, "minItems": 1},
    },
}
NAMES = engines.list_engine_names()


def data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(Path(FOLDER, f"{name}.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_file_has_the_form_that_the_reader_takes(name: str) -> None:
    jsonschema.validate(data(name), SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_bounds_are_in_order_and_releases_rise(name: str) -> None:
    found = data(name)
    releases = [parse_engine_version(r) for r in found.get("releases", [])]
    assert releases == sorted(set(releases))
    for row in (*found["facts"], *found.get("ranks", ()), *found.get("modules", ())):
        if "since" in row and "before" in row:
            assert parse_engine_version(row["since"]) < parse_engine_version(row["before"]), row


@pytest.mark.parametrize("name", NAMES)
def test_no_two_facts_about_one_trait_hold_at_once(name: str) -> None:
    for release in data(name).get("releases", [None]):
        facts = load(name, release).facts
        for one, other in itertools.combinations(facts, 2):
            assert one.what != other.what or speak_of_other_models(one, other), (release, one)


def speak_of_other_models(one: engines.Fact, other: engines.Fact) -> bool:
    """Whether no architecture is meant by both facts, as far as their patterns tell."""
    if one.only and other.only:
        return not any(fnmatchcase(a, b) or fnmatchcase(b, a) for a in one.only for b in other.only)
    narrow, wide = (one, other) if one.only else (other, one)
    return bool(narrow.only) and set(narrow.only) <= set(wide.but)


@pytest.mark.parametrize("name", NAMES)
def test_every_fact_is_told_by_exactly_one_rule(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for row in data(name)["facts"]:
        if row["effect"] == "taken":
            continue
        told = [
            code
            for code, whats, effects in asked(monkeypatch)
            if row["what"] in whats and (not effects or row["effect"] in effects)
        ]
        assert len(told) == 1, (row["what"], row["effect"], told)


def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """What each rule of the family asks for."""
    found = []

    def record(context: Any, traits: tuple[str, ...], effects: tuple[str, ...] = ()) -> list[Any]:
        found.append((rule.code, traits, effects))
        return []

    class Serving:
        serve = ("vllm",)

    monkeypatch.setattr(engine_verdicts, "find_engine_hits", record)
    for rule in rules.list_all_rules():
        if re.fullmatch(r"LC50\d", rule.code):
            list(rule.check(Serving()))  # type: ignore[arg-type]
    return found


def test_every_trait_that_a_config_can_have_is_known_to_some_engine() -> None:
    known = {row["what"] for name in NAMES for row in data(name)["facts"]}
    made = {
        *engine_field_traits.TRAITS_OF_SWITCHES.values(),
        *engine_field_traits.TRAITS_OF_VALUES.values(),
        "embedding",
        "head",
        "tower",
    }
    made |= {
        "saved",
        "bias",
        "init",
        "regex",
        "some-layers",
        "rslora",
        "rslora-experts",
        "base-embedding",
    }
    assert made <= known


def test_the_table_of_models_names_releases_that_were_read() -> None:
    table = data("vllm_models")
    assert table["releases"] == data("vllm")["releases"]
    statuses = {status.split()[0] for rows in table["architectures"].values() for _, status in rows}
    assert statuses == {"lora", "none", "absent", "?"}
    assert {r for rows in table["architectures"].values() for r, _ in rows} <= set(
        table["releases"]
    )
