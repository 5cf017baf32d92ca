"""Every look at a file that a verdict may hang on is noted."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from loracheck.documents import dependencies
from loracheck.documents.dependencies import (
    exists,
    get_variable,
    is_file,
    list_names,
    note_chance,
    read_state,
    record_dependencies,
    remember,
)
from loracheck.documents.source import load

PACKAGE = Path(__file__).parents[2] / "loracheck"
JUDGES = ("config", "documents", "engines", "findings", "lora_files", "pipeline", "plan")
JUDGES += ("policies", "releases", "rules", "tools", "trees")
LOOKS = {"isfile", "isdir", "exists", "lexists", "islink", "getsize", "getmtime", "samefile"}
LOOKS |= {"stat", "lstat", "listdir", "scandir", "walk", "readlink", "iterdir", "glob", "rglob"}
LOOKS |= {"realpath", "access"}
OF_PATHLIB = {"is_file", "is_dir", "iterdir", "glob", "rglob", "read_text", "read_bytes"}
OTHERS = {
    "tools/core/parser_keys.py": "loracheck's own tables",
    "documents/dependencies.py": "notes what it looks at",
    "documents/source.py": "notes what it opens, then asks what was opened",
    "documents/repository.py": "whether a path that is noted leads out of the repository",
    "documents/replace_file.py": "writes",
    "releases/installed_version.py": "the import path, of which `cache_place` keeps the times",
    "releases/pins/find.py": "the real names of files that are noted",
    "rules/support/normal_setting.py": "noted in the line before",
    "trees/sources/tree_cache.py": "noted in the line before",
    "trees/sources/failure_cache.py": "loracheck's own code, and the order of its own folder",
    "pipeline/cache_place.py": "loracheck's own code, the import path, and its own folder",
    "pipeline/cached_check.py": "the size of the cache's own file",
    "pipeline/cache_file.py": "the order of its own folder",
    "pipeline/unrelated_files.py": "the files of a folder that is searched, anew in each run",
    "config/generate.py": "writes loracheck's own data",
    "engines/read.py": "loracheck's own data",
    "rules/__init__.py": "loracheck's own modules",
}
"""What else looks at files, and why the cache of results need not know."""


VARIABLES = {
    "documents/dependencies.py": "notes what it looks at",
    "pipeline/cache_place.py": "its list is part of the key of every result",
    "trees/sources/hub_files.py": "stands in that list",
    "trees/sources/tree_cache.py": "stands in that list",
}
"""What reads environment variables by itself, and why the cache of results knows of them."""


def looks(tree: ast.AST) -> Iterator[str]:
    """Names of functions of `os`, `os.path` and `pathlib` that look at files."""
    own = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("os")
        for name in node.names
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and (
            node.attr in OF_PATHLIB
            or (node.attr in LOOKS and ast.unparse(node.value) in ("os", "os.path"))
        ):
            yield node.attr
        elif isinstance(node, ast.Name) and node.id in LOOKS & own:
            yield node.id


def reads_environment(tree: ast.AST) -> bool:
    return any(
        isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv")
        for node in ast.walk(tree)
    )


def test_nothing_that_judges_looks_at_files_without_a_note() -> None:
    found, readers = set(), set()
    for room in JUDGES:
        for file in [*(PACKAGE / room).rglob("*.py"), PACKAGE / f"{room}.py"]:
            name = file.relative_to(PACKAGE).as_posix()
            if not file.exists() or name.startswith(("trees/skeleton/", "trees/live/")):
                continue
            tree = ast.parse(file.read_text("utf-8"))
            if any(looks(tree)):
                found.add(name)
            if reads_environment(tree):
                readers.add(name)
    assert found == OTHERS.keys()
    assert readers == VARIABLES.keys()


def test_a_variable_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_TREES", "a")
    with record_dependencies() as found:
        assert get_variable("SOME_TREES") == "a" and get_variable("NO_TREES") is None
    assert found.states == {("SOME_TREES", "$"): ("a",), ("NO_TREES", "$"): ()}
    monkeypatch.delenv("SOME_TREES")
    assert read_state("SOME_TREES", "$") == ()


def test_what_is_looked_at_is_noted(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    path, none = str(tmp_path / "a.json"), str(tmp_path / "none")
    with record_dependencies() as found:
        assert is_file(path) and not exists(none)
        assert list_names(str(tmp_path), "*.json") == ["a.json"]
        load(path)
    assert set(found.states) == {(path, ""), (none, ""), (str(tmp_path), "*.json")}
    assert found.states[none, ""] == () and found.lasting


def test_a_remembered_result_counts_as_its_looks(tmp_path: Path) -> None:
    calls = []

    @remember(2)
    def read(path: str) -> bool:
        calls.append(path)
        return is_file(path)

    @remember(2)
    def outer(path: str) -> bool:
        note_chance()
        return read(path)

    paths = [str(tmp_path / name) for name in "abc"]
    assert not outer(paths[0])
    for _ in range(2):
        with record_dependencies() as found:
            outer(paths[0])
        assert set(found.states) == {(paths[0], "")} and not found.lasting
    assert calls == paths[:1]
    for path in paths:
        read(path)
    read.cache_clear()
    read(paths[0])
    assert calls == [*paths, paths[0]]


def test_each_change_gives_another_state(tmp_path: Path) -> None:
    file, link = tmp_path / "a", tmp_path / "link"
    seen = [read_state(str(file))]
    file.write_text("one")
    seen.append(read_state(str(file)))
    file.write_text("other")
    seen.append(read_state(str(file)))
    os.chmod(file, 0o600)
    seen.append(read_state(str(file)))
    file.unlink()
    file.mkdir()
    seen.append(read_state(str(file)))
    link.symlink_to(tmp_path / "none")
    seen.append(read_state(str(link)))
    (tmp_path / "none").write_text("x")
    seen.append(read_state(str(link)))
    assert len(set(seen)) == len(seen) - 1  # a link to nothing is as nothing: both cannot be read
    assert read_state("a\0b") == ()


def test_the_names_of_a_folder_are_read_once_and_again_when_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run asks for the names beside each of a thousand files of one folder."""
    read: list[str] = []
    listdir = os.listdir

    def note_reading(path: str) -> list[str]:
        read.append(path)
        return listdir(path)

    monkeypatch.setattr(os, "listdir", note_reading)
    (tmp_path / "adapter_model.bin").touch()
    assert list_names(str(tmp_path), "adapter_model.*") == ["adapter_model.bin"]
    assert list_names(str(tmp_path), "adapter_model.*") == ["adapter_model.bin"]
    assert len(read) == 2, "a folder that was changed just now is not believed"
    monkeypatch.setattr(dependencies, "SETTLED_NS", -(10**12))
    for _ in range(3):
        assert list_names(str(tmp_path), "adapter_model.*") == ["adapter_model.bin"]
    assert len(read) == 3
    assert list_names(str(tmp_path), "adapter_c*") == []
    before = os.stat(tmp_path).st_mtime_ns
    while os.stat(tmp_path).st_mtime_ns == before:
        (tmp_path / "adapter_model.safetensors").unlink(missing_ok=True)
        (tmp_path / "adapter_model.safetensors").touch()
    both = ["adapter_model.bin", "adapter_model.safetensors"]
    assert list_names(str(tmp_path), "adapter_model.*") == both
    monkeypatch.chdir(tmp_path)
    assert list_names("", "adapter_model.*") == both
