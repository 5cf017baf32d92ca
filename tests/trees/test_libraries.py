"""Another library, or another source of trees, is an entry; files of before are still read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.releases import installed_version
from loracheck.trees import libraries
from loracheck.trees import resolve as resolving
from loracheck.trees.fold import TreeFormatError, decode, encode
from loracheck.trees.libraries import LIBRARIES, Library
from loracheck.trees.model import ModuleTree, Node
from loracheck.trees.resolve import SOURCES, resolve
from loracheck.trees.sources import tree_cache
from loracheck.trees.sources.bundle import find_tree
from loracheck.trees.sources.lock import LockKey, make_lock_key, render_lock
from loracheck.trees.sources.request import Request, ResolvedTree, TreeOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LAYERS = Node("layers.Blocks", None, (), ())
VERSIONS = st.from_regex(r"[0-9]{1,2}\.[0-9]{1,3}(\.[0-9])?", fullmatch=True)


@given(st.sampled_from(["transformers", "layers"]), st.none() | VERSIONS)
def test_the_stored_form_keeps_library_and_version(library: str, version: str | None) -> None:
    tree = ModuleTree(LAYERS, library=library, library_version=version)
    stored = json.loads(json.dumps(encode(tree)))
    assert decode(stored) == tree
    assert ("transformers" in stored) == (library == "transformers" and version is not None)


def test_a_tree_stored_before_there_were_libraries_is_read() -> None:
    tree = find_tree("Qwen/Qwen2.5-7B")
    assert tree is not None and tree.transformers is not None
    stored = encode(tree)
    assert stored["transformers"] == tree.library_version
    assert not {"library", "library_version"} & stored.keys()
    assert tree.built_by == f"transformers {tree.transformers}"


@pytest.mark.parametrize("library", [None, 1, ["transformers"]])
def test_a_library_that_is_no_name_is_refused(library: object) -> None:
    with pytest.raises(TreeFormatError):
        decode({**encode(ModuleTree(LAYERS)), "library": library})


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (LockKey("a/b"), "a/b"),
        (LockKey("a/b", "main"), "a/b|main"),
        (LockKey("a/b", None, ("CausalLM", "")), "a/b||CausalLM,"),
        (LockKey("a/b", None, (), 3), "a/b|||3"),
        (LockKey("a/b", library="layers"), "a/b||||layers"),
    ],
)
def test_a_lock_key_names_the_library_only_where_the_config_does(key: LockKey, text: str) -> None:
    assert key.format() == text


def test_a_locked_tree_of_another_library_is_found(tmp_path: Path) -> None:
    request = Request("team/blocks", beside=str(tmp_path), library="layers")
    tree = ModuleTree(LAYERS, library="layers", library_version="0.3")
    (tmp_path / "loracheck.lock").write_text(render_lock([(make_lock_key(request), tree)]))
    assert resolve(request) == ResolvedTree(tree, "loracheck.lock (layers 0.3)")
    assert resolve(request._replace(library=None)).tree is None


def test_cached_files_of_one_library_are_not_those_of_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LORACHECK_CACHE", str(tmp_path))
    own = tree_cache.compute_key({"model_type": "x"}, (), None, "transformers", "4.57.6")
    other = own._replace(library="layers")
    tree_cache.save_tree(own, ModuleTree(LAYERS, library_version="4.57.6"))
    tree_cache.save_tree(other, ModuleTree(LAYERS, library="layers", library_version="4.57.6"))
    names = sorted(path.name for path in (tmp_path / "trees").iterdir())
    assert names == [f"4.57.6-{own.request}.json", f"layers-4.57.6-{own.request}.json"]
    for key in (own, other):
        for found in (tree_cache.load_tree(key), tree_cache.find_tree("4.57", key)):
            assert found is not None and found.library == key.library
        assert tree_cache.find_tree("4.5", key) is None


def _knows(config: Mapping[str, Any]) -> bool:
    return "blocks" in config


def _build(
    config: Mapping[str, Any], heads: Sequence[str], num_labels: int | None, python: str | None
) -> ModuleTree:
    return ModuleTree(LAYERS, str(config["blocks"]), library="layers", library_version="0.3")


def test_another_library_is_an_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library("layers", "net/blocks.json", _knows, _build)
    monkeypatch.setattr(libraries, "LIBRARIES", (*LIBRARIES, library))
    monkeypatch.setenv("LORACHECK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "site" / "layers-0.3.dist-info").mkdir(parents=True)
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    monkeypatch.setattr(
        installed_version,
        "_collect_installed_versions",
        installed_version._collect_installed_versions.__wrapped__,
    )  # looks anew
    model = tmp_path / "model"
    (model / "net").mkdir(parents=True)
    (model / "net" / "blocks.json").write_text('{"blocks": "two"}')
    first, second = resolve(Request(str(model))), resolve(Request(str(model)))
    assert first.source == f"built from net/blocks.json of {model} (layers 0.3)"
    assert second.source == f"cache, from net/blocks.json of {model} (layers 0.3)"
    assert first.tree is not None and second.tree == first.tree
    assert first.tree.model_type == "two"
    assert first.tree.transformers is None


class Shelf:
    """A source that has one model."""

    def find(self, request: Request, options: TreeOptions) -> ResolvedTree | None:
        return ResolvedTree(ModuleTree(LAYERS), "the shelf") if request.model == "book" else None


def test_another_source_is_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "SOURCES", (*SOURCES, Shelf()))
    assert resolve(Request("book")).source == "the shelf"
    assert resolve(Request("no book")).tree is None
