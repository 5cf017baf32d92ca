"""The data on engines is what `python -m bench.engine_facts` found in their sources: ranks, fields
that are read and refused, options of servers, lists of layers, models.

Where one fails, the release that was read last does something else than the data says: read the
file that the fact cites, and mend `loracheck/engines/data/`.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from bench.engine_facts.layer_lists import make_rows
from bench.engine_facts.store import FOLDER, add_facts, describe_changes, facts_at, read_store
from loracheck import engines
from loracheck.config.field_table import get_lora_fields
from loracheck.engines.read import load
from loracheck.rules.support.engine_field_traits import (
    CHANGES_BASE,
    TRAITS_OF_SWITCHES,
    TRAITS_OF_VALUES,
)

TRAITS = {
    **TRAITS_OF_SWITCHES,
    **TRAITS_OF_VALUES,
    "use_rslora": "rslora",
    "modules_to_save": "saved",
    "bias": "bias",
    "init_lora_weights": "init",
}
"""LoraConfig's field -> the word of the data."""

STOPS = {"refused", "limited"}


def store(engine: str) -> dict[str, Any]:
    return read_store(engine)


def read_releases(engine: str) -> list[str]:
    return list(read_store(engine)["releases"])


def effects(engine: str, release: str | None) -> dict[str, set[str]]:
    """Trait -> what the data says of it at a release."""
    found: dict[str, set[str]] = {}
    for fact in load(engine, release).facts:
        found.setdefault(fact.what, set()).add(fact.effect)
    return found


@pytest.mark.parametrize("engine", sorted(file.stem for file in FOLDER.glob("*.json")))
def test_every_store_is_of_an_engine_and_its_releases_rise(engine: str) -> None:
    found = store(engine)
    assert engine in engines.list_engine_names()
    for release in found["releases"]:
        assert facts_at(found, release)
    for rows in found["facts"].values():
        assert all(one[1] != other[1] for one, other in itertools.pairwise(rows))


@pytest.mark.parametrize("engine", ["vllm", "sglang"])
def test_every_release_of_the_data_that_the_script_can_read_was_read(engine: str) -> None:
    data = load(engine).version
    assert data == read_releases(engine)[-1]


@pytest.mark.parametrize("release", read_releases("vllm"))
def test_vllm_takes_these_ranks_and_options(release: str) -> None:
    found, ranks = facts_at(store("vllm"), release), load("vllm", release).ranks
    assert ranks is not None
    assert list(ranks.steps) == found["ranks"]
    assert found["default_rank"] in (None, ranks.default)
    flags = {
        flag.replace("-", "_")
        for fact in load("vllm", release).facts
        if fact.effect == "limited"
        for flag in re.findall(r"--([a-z-]*enable-[a-z-]+)", f"{fact.text} {fact.help}")
    }
    renamed = {"enable_lora_bias": "bias_enabled"}
    assert {renamed.get(flag, flag) for flag in flags} <= set(found["options"])
    assert ("enable_tower_connector_lora" in found["options"]) == any(
        "--enable-tower-connector-lora" in fact.text for fact in load("vllm", release).facts
    )


@pytest.mark.parametrize("release", read_releases("vllm"))
def test_vllm_refuses_and_reads_these_fields(release: str) -> None:
    found, said = facts_at(store("vllm"), release), effects("vllm", release)
    for field in found["refused"]:
        assert said.get(TRAITS[field], set()) & STOPS, field
    for field in ("rank_pattern", "alpha_pattern"):
        assert said[TRAITS[field]] == ({"taken"} if field in found["fields"] else {"wrong"})
    read = "use_rslora" in found["fields"]
    refused = "use_rslora" in found["refused"]
    assert said["rslora"] == {"refused" if refused else "taken" if read else "wrong"}
    for field in ("alora_invocation_tokens", "init_lora_weights"):
        assert said[TRAITS[field]] == ({"refused"} if field in found["refused"] else {"wrong"})
    for fact in load("vllm", release).facts:
        if fact.what == "saved":
            assert sorted(fact.unless) == found["saved"]


@pytest.mark.parametrize("release", read_releases("vllm"))
def test_vllm_has_these_layers(release: str) -> None:
    found, said = facts_at(store("vllm"), release), effects("vllm", release)
    assert ("base-embedding" in said) == (not found["base_embedding"])
    assert ("taken" in said.get("text-names", ())) or not found["text_names"]
    assert not found["expert_layers"] or "unsupported" not in said.get("experts", ())
    facts = [f for f in load("vllm", release).facts if f.what == "parameters"]
    taken = sorted(name for f in facts if f.effect == "taken" for name in f.only)
    assert taken == found["experts_in_one_tensor"]


def test_an_initialisation_that_vllm_serves_changes_no_base_weights() -> None:
    served = facts_at(store("vllm"), read_releases("vllm")[-1])["inits"]
    assert served
    assert not [one for one in served if one.startswith(CHANGES_BASE)]


@pytest.mark.parametrize("release", read_releases("sglang"))
def test_sglang_refuses_and_reads_these_fields(release: str) -> None:
    found, said = facts_at(store("sglang"), release), effects("sglang", release)
    assert said["dora"] == ({"refused"} if "use_dora" in found["refused"] else {"wrong"})
    read = {name for name in TRAITS if name in found["fields"]} - {"use_dora"}
    assert not read, "a field that the data says is not read"
    counts = "lora_added_tokens_size" in found["refused"]
    assert ("added-tokens" in said) == (counts and found["added_tokens"] == "all")
    assert ("new-tokens" in said) == (counts and found["added_tokens"] == "new")
    ends = "ParallelLMHead" not in found["layers"]
    assert ("unsupported" in said.get("head", ())) == ends
    assert ("unsupported" in said.get("experts", ())) == (not found["expert_layers"])


def test_sglang_has_these_layers() -> None:
    found = {row.get("since"): row for row in make_rows(store("sglang"))}
    for release in read_releases("sglang"):
        general = [row for row in load("sglang", release).modules if not row.only]
        assert len(general) == 1
        row = [one for since, one in found.items() if since is None or _not_after(since, release)]
        assert general[0].leaves == frozenset(row[-1]["leaves"])
        assert general[0].own == tuple(row[-1].get("own", ()))


def _not_after(one: str, other: str) -> bool:
    from loracheck.engines.read import parse_engine_version

    return parse_engine_version(one) <= parse_engine_version(other)


def test_lmdeploy_takes_two_kinds_of_tensors_and_three_fields() -> None:
    said = effects("lmdeploy", None)
    for release in read_releases("lmdeploy"):
        found = facts_at(store("lmdeploy"), release)
        assert found == {
            "fields": ["lora_alpha", "r", "target_modules"],
            "tensors": ["lora_A", "lora_B", "weight"],
        }
    for what in ("dora", "saved", "tokens", "bias", "lora-bias", "embedding", "whole-tensor"):
        assert said[what] == {"refused"}
    assert said["rank-pattern"] == {"refused"}
    for what in ("rslora", "alpha-pattern", "init", "alora"):
        assert said[what] == {"wrong"}


def test_mlx_lm_reads_its_own_files_alone() -> None:
    for release in read_releases("mlx-lm"):
        found = facts_at(store("mlx-lm"), release)
        assert found["files"] == ["adapter_config.json", "adapters.safetensors"]
        assert not set(found["fields"]) & set(get_lora_fields())


def test_llama_cpp_has_names_for_the_layers_of_its_list() -> None:
    newest = read_releases("llama.cpp")[-1]
    found = facts_at(store("llama.cpp"), newest)["leaves"]
    for modules in load("llama.cpp").modules:
        assert {"qkv_proj", "gate_up_proj"} | set(found) >= modules.leaves


@pytest.mark.parametrize("release", read_releases("peft"))
def test_peft_has_these_fields_since_the_releases_that_loracheck_says(release: str) -> None:
    found = facts_at(store("peft"), release)["fields"]
    for name, row in get_lora_fields().items():
        if name in found:
            assert _not_after(row.since, release), name
        elif name in facts_at(store("peft"), read_releases("peft")[-1])["fields"]:
            assert not _not_after(row.since, release), name


def test_what_differs_between_two_releases_is_told() -> None:
    one = {"ranks": [8, 16], "refused": ["use_dora"], "default": 16}
    other = {"ranks": [8, 16, 32], "refused": [], "default": 16}
    kept = add_facts(add_facts({"releases": [], "facts": {}}, "0.9.0", one), "0.10.0", other)
    assert kept["releases"] == ["0.9.0", "0.10.0"]
    assert facts_at(kept, "0.9.0") == one
    assert facts_at(kept, "0.10.0") == other
    assert kept["facts"]["default"] == [["0.9.0", 16]]
    assert describe_changes(one, other) == ["ranks: new 32.", "refused: gone use_dora."]
    with pytest.raises(KeyError):
        facts_at(kept, "0.9.5")
