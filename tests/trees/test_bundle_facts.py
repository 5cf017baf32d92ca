"""The facts file: its form, its numbers against published totals and against other configs, and
that the committed bundle is what it gives.
"""

from __future__ import annotations

import importlib.metadata
import sys
from typing import Any

import pytest

from bench.bundle import build
from bench.bundle_sources import from_facts, from_folder, read
from loracheck.trees.fold import decode
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources import bundle
from tests.shared import FOLDER, needs

ROWS = from_facts()
CONFIGS = FOLDER / "model_configs"
TOTALS = {name: row["parameters"] for name, row in ROWS.items() if "parameters" in row}
SAMPLE = (
    "microsoft/Phi-3-mini-4k-instruct",
    "google-t5/t5-base",
    "FacebookAI/roberta-large",
    "Qwen/Qwen3-30B-A3B",
    "openai/whisper-small",
)


def installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


needs_the_line = pytest.mark.skipif(
    installed("transformers") != "5.23.0", reason="the bundle is built by transformers 5.23.0"
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
        assert ("config" in row or "same" in row) != ("left_out" in row), name
        if "config" in row:
            assert row["config"]["model_type"], name


def test_a_same_row_names_a_config_of_its_own() -> None:
    for name, row in ROWS.items():
        of = row.get("same")
        assert of is None or "same" not in ROWS.get(of, {}), name
        assert of is None or of in ROWS or CONFIGS.is_dir() is False or folder_has(of), name


def folder_has(name: str) -> bool:
    return (CONFIGS / name.replace("/", "__") / "config.json").is_file()


@pytest.mark.parametrize("name", TOTALS)
def test_totals_are_the_published_ones(name: str) -> None:
    """On transformers 4, whose T5 leaves the output layer of T5 1.1 untied as published."""
    wanted = TOTALS[name]
    for head, count in ({"": wanted} if isinstance(wanted, int) else wanted).items():
        heads = (head,) if head else ()
        tree = bundle.find_tree(name, heads, transformers="4.57") or bundle.find_tree(name, heads)
        assert tree is not None
        assert total(tree) == count


@needs("model_configs")
@needs_the_line
def test_facts_and_whole_configs_give_equal_trees() -> None:
    """Also the other way round: a row that is there instead of the folder's config differs."""
    folder = from_folder(CONFIGS).configs
    both = {name: ROWS[name] for name in sorted(ROWS.keys() & folder.keys())}
    rows = {name: row["config"] for name, row in both.items() if "config" in row}
    assert len(rows) > 40
    facts, whole = (own_trees(configs) for configs in (rows, {n: folder[n] for n in rows}))
    for name, tree in facts.items():
        same = bare(tree) == bare(whole[name])
        assert same != ("instead" in ROWS[name]), name


def own_trees(configs: dict[str, Any]) -> dict[str, ModuleTree]:
    dumps = build(sys.executable, {"configs": configs, "heads": []})
    return {name: decode(heads[""]) for name, heads in dumps.items()}


def bare(tree: ModuleTree) -> ModuleTree:
    """Without what a facts row may leave out: the dtype, and how the weights are quantised."""
    return tree._replace(dtype="", extra=())


@needs("model_configs")
def test_edited_configs_are_not_bundled_under_the_checkpoints_name() -> None:
    sources = read(CONFIGS)
    assert any("truncated" in reason for reason in sources.left_out.values())
    for line in bundle.LINES:
        found = bundle.load_index(line)
        assert found and not found.entries.keys() & sources.left_out.keys()


@needs_the_line
def test_the_committed_bundle_is_current() -> None:
    built = build(sys.executable, {"configs": {name: ROWS[name]["config"] for name in SAMPLE}})
    for name, heads in built.items():
        for head, dump in heads.items():
            if ":" not in head:
                assert bundle.find_tree(name, (head,), transformers="5") == decode(dump), (
                    name,
                    head,
                )
