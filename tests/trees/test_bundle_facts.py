"""The facts file: its form, its numbers against published totals and against other configs, and
that the committed bundle is what it gives.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from bench.bundle.build import build_trees
from bench.bundle.pack import make_entry
from bench.bundle.sources import read_configs, read_rows
from loracheck.releases.installed_version import find_installed_version
from loracheck.trees.fold import decode
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources import bundle
from tests.examples import FACTOR
from tests.shared import FOLDER, needs

ROWS = read_rows()
CONFIGS = FOLDER / "model_configs"
TOTALS = {name: row["parameters"] for name, row in ROWS.items() if "parameters" in row}
SAMPLE = (
    "microsoft/Phi-3-mini-4k-instruct",
    "google-t5/t5-base",
    "FacebookAI/roberta-large",
    "Qwen/Qwen3-30B-A3B",
    "openai/whisper-small",
)


needs_a_known_release = pytest.mark.skipif(
    find_installed_version("transformers") not in bundle.load_index().releases,
    reason="the installed transformers is none of the bundled releases",
)


def total(tree: ModuleTree) -> int:
    """Elements of all parameters, shared ones once."""
    again = {name for name, _ in tree.ties}
    return sum(
        p.size
        for module in tree.modules()
        for p in module.node.parameters
        if f"{module.name}.{p.name}".removeprefix(".") not in again
    )


def test_every_row_says_what_and_whence() -> None:
    assert len(ROWS) > 300
    for name, row in ROWS.items():
        assert row["source"], name
        assert "config" in row or "same" in row, name
        if "config" in row:
            assert row["config"]["model_type"], name


def test_a_same_row_names_a_row_of_its_own() -> None:
    for name, row in ROWS.items():
        of = row.get("same")
        assert of is None or (of in ROWS and "same" not in ROWS[of]), name


def test_every_row_is_bundled_and_nothing_else_is() -> None:
    assert bundle.load_index().entries.keys() == ROWS.keys()
    for name, config in read_configs().items():
        found = bundle.find_model(name)
        assert found is not None and found.config == config, name


def test_totals_are_the_published_ones() -> None:
    """On transformers 4, whose T5 leaves the output layer of T5 1.1 untied as published."""
    wrong = []
    for name, wanted in TOTALS.items():
        for head, count in ({"": wanted} if isinstance(wanted, int) else wanted).items():
            heads = (head,) if head else ()
            tree = bundle.find_tree(name, heads, release="4.57.6") or bundle.find_tree(name, heads)
            found = None if tree is None else total(tree)
            if found != count:
                wrong.append((name, head, found, count))
    assert TOTALS and wrong == []


@needs("model_configs")
@needs_a_known_release
def test_facts_and_whole_configs_give_equal_trees() -> None:
    """Also the other way round: a row that is there instead of the folder's config differs. Every
    fourth model, and all in a long run.
    """
    folder = whole_configs()
    both = sorted(ROWS.keys() & folder.keys())
    assert len(both) > 100
    both = both if FACTOR > 1 else both[::4]
    facts, whole = (
        own_trees({name: found[name] for name in both}) for found in (read_configs(), folder)
    )
    for name, tree in facts.items():
        same = bare(tree) == bare(whole[name])
        assert same != ("instead" in ROWS[name]), name


def whole_configs() -> dict[str, Any]:
    """Hub id -> its whole config.json, of a folder of `owner__name/config.json` with an index."""
    notes = {
        row["file"]: row["notes"] or "" for row in json.loads((CONFIGS / "index.json").read_text())
    }
    edited = ("truncated", "edited", "text tower only")
    return {
        path.parent.name.replace("__", "/", 1): json.loads(path.read_text())
        for path in sorted(CONFIGS.glob("*/config.json"))
        if "@" not in path.parent.name
        and not any(
            word in notes.get(f"{path.parent.name}/config.json", edited[0]) for word in edited
        )
    }


def own_trees(wanted: dict[str, Any]) -> dict[str, ModuleTree]:
    answers = build_trees(sys.executable, wanted, heads=())
    return {name: decode(a.trees[""]) for name, a in answers.items() if a.trees}


def bare(tree: ModuleTree) -> ModuleTree:
    """Without what a facts row may leave out: the dtype, and how the weights are quantised."""
    return tree._replace(dtype="", extra=())


@needs_a_known_release
def test_the_committed_bundle_is_current() -> None:
    release = find_installed_version("transformers")
    assert release is not None
    for name, answer in build_trees(sys.executable, {n: read_configs()[n] for n in SAMPLE}).items():
        found = bundle.find_model(name)
        assert found is not None
        assert found.read_variant(found.find_variant(release)) == make_entry(answer.trees), (
            f"{name}; run: make release-transformers VERSION={release}"
        )
