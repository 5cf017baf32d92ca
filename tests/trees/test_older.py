"""Releases of transformers that are older than all bundled ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.trees.model_ids import DamagedTableError
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import load_index
from loracheck.trees.sources.older import load_older_releases
from loracheck.trees.sources.request import Request, TreeOptions

SHIPPED = TreeOptions(local=False, lock=False)


def test_the_table_speaks_of_the_oldest_bundled_release() -> None:
    assert load_older_releases().release == load_index().releases[-1]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"as": "4.49.0"}', '{"as": 1, "since": 2}'])
def test_a_damaged_table_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "older.json").write_text(text)
    with pytest.raises(DamagedTableError, match="older releases is damaged"):
        load_older_releases(str(tmp_path / "older.json"))


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("meta-llama/Llama-2-7b-hf", "4.31.0"),
        ("meta-llama/Llama-2-7b-hf", "4.45"),
        ("Qwen/Qwen2.5-7B", "4.45.2"),
        ("unsloth/llama-2-7b-bnb-4bit", "4.37.1"),
    ],
)
def test_a_class_that_had_its_layers_already_is_judged(model: str, version: str) -> None:
    found = resolve(Request(model), SHIPPED._replace(transformers=version))
    assert found.tree is not None
    note = f"transformers {version} builds {found.tree.cls} with the layers of 4.49.0"
    assert found.notes == (note,)


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("meta-llama/Llama-2-7b-hf", "4.28.1"),  # before the oldest that was tried
        ("Qwen/Qwen2.5-7B", "4.36.2"),  # which has no Qwen2
        ("google/gemma-2-9b", "4.45.2"),  # its layers changed
        ("Qwen/Qwen3-8B", "4.45.2"),  # newer than all of these
    ],
)
def test_another_class_is_not(model: str, version: str) -> None:
    found = resolve(Request(model), SHIPPED._replace(transformers=version))
    assert found.tree is None
    assert found.reason is not None
    assert f"transformers {version}" in found.reason
