"""What loracheck says of an adapter for a PEFT release is what that release does with it: adapters
that PEFT 0.12 to 0.21 saved, each loaded by each (`bench/oracle/release_pairs.py`).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from loracheck.engines import load
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import select_codes
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import find_tree
from loracheck.trees.sources.request import Request, ResolvedTree

from ..builds import REMEMBERED
from ..weights import head

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Finding

GOLDEN: dict[str, Any] = json.loads(
    Path(__file__).with_name("release_pairs.json").read_text("utf-8")
)
ROWS = "rows, and the model has others"
"""Words on an embedding of other rows: as it is, loading fails."""


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the config.json of each base model."""
    folder = tmp_path_factory.mktemp("bases")
    for name, config in GOLDEN["bases"].items():
        (folder / name).mkdir()
        (folder / name / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


@cache
def tree_of(folder: Path, base: str, line: str) -> ResolvedTree:
    """The base model's tree as transformers 4 or 5 builds it. Of version 4 another Mixtral stands
    in, whose modules have the same names.
    """
    if line == "4" and base == "mixtral":
        return ResolvedTree(find_tree("mistralai/Mixtral-8x7B-v0.1", release="4.57.6"), "bundle")
    return resolve(Request(str(folder / base)), REMEMBERED)


def adapters() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Releases that saved it, case, row."""
    for maker, cases in GOLDEN["made"].items():
        for case, row in cases.items():
            yield maker, case, row


def write_adapter(folder: Path, maker: str, row: dict[str, Any]) -> Path:
    """The adapter as its release saved it, without the numbers of its weights."""
    config = {**GOLDEN["made"][maker]["plain"]["config"], **row["config"]}
    file = folder / "adapter_config.json"
    file.write_text(json.dumps({**config, "base_model_name_or_path": row["base"]}), "utf-8")
    shapes: dict[str, list[int]] = GOLDEN["tensors"][row["tensors"]]
    header, size = head({name: ("F32", shape) for name, shape in shapes.items()})
    (folder / "adapter_model.safetensors").write_bytes(header + bytes(size))
    return file


def speak(file: Path, engine: str, resolved: ResolvedTree) -> list[Finding]:
    """The findings about one engine."""
    settings = LintSettings(select_codes(("LC5",)), serve=(engine,), find_tree=lambda _: resolved)
    return list(check_file(str(file), "a", settings).findings)


@pytest.mark.parametrize("loader", GOLDEN["loaded"])
def test_the_verdict_is_what_peft_does(loader: str, bases: Path, tmp_path: Path) -> None:
    release, _, line = loader.partition("-")
    wrong = []
    for maker, case, row in adapters():
        outcome = GOLDEN["loaded"][loader]["peft"][maker][case]
        if outcome.startswith("no base"):
            continue
        file = write_adapter(tmp_path, maker, row)
        found = speak(file, f"peft=={release}", tree_of(bases, row["base"], line[0]))
        if not fits(outcome, found):
            wrong.append((maker, case, outcome, [one.message for one in found]))
    assert not wrong


def fits(outcome: str, found: list[Finding]) -> bool:
    """Whether the findings say what loading came to."""
    if outcome == "same":
        return not found
    if outcome in ("base", "other"):
        return bool(found) and not any(one.severity == "error" for one in found)
    return any(one.severity == "error" or ROWS in one.message for one in found)


TRAITS = {
    **dict.fromkeys(("saved-head", "saved-ends", "saved-norm"), "saved"),
    **{case: case for case in ("dora", "rslora", "bias", "lora-bias", "tokens", "embedding")},
    **{case: case for case in ("head", "rank-pattern", "alpha-pattern", "replication", "regex")},
    "some-layers": "some-layers",
}
"""Case -> the word of the data on transformers."""
EFFECTS = {"same": "taken", "base": "ignored", "other": "wrong"}


@pytest.mark.parametrize("loader", GOLDEN["loaded"])
def test_the_data_on_load_adapter_is_what_it_does(loader: str) -> None:
    """Of each release with what the PEFT beside it saved itself."""
    facts = {
        fact.what: fact.effect for fact in load("transformers", loader.partition("-")[2]).facts
    }
    for case, outcome in GOLDEN["loaded"][loader]["transformers"][loader].items():
        if case in TRAITS:
            assert facts[TRAITS[case]] == EFFECTS[outcome], case


def test_the_table_has_every_kind_of_answer() -> None:
    told = {
        outcome.partition(":")[0]
        for loaders in GOLDEN["loaded"].values()
        for cases in loaders["peft"].values()
        for outcome in cases.values()
    }
    assert told >= {"same", "other", "TypeError", "RuntimeError", "ValueError"}
    assert len(GOLDEN["loaded"]) == len(GOLDEN["made"]) == 6
