"""A search of a folder: what it finds, in which order, and how much of it is in memory."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.options.find_files import SETTINGS, SKIPPED, SUFFIXES, find_files

NAMES = st.sampled_from(
    ["a", "a-b", "a.b", "a.json", "b", "B", ".x", "_", "env", "z.yaml", ".h.json", "c.py", "d.txt"]
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=12)


def make(folder: str, paths: list[list[str]]) -> None:
    """Empty files at the paths, as far as no other file is in the way."""
    for parts in paths:
        path = Path(folder, *parts)
        if not any(parent.is_file() for parent in path.parents) and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def walk(root: str) -> list[str]:
    """What a search should find, by os.walk."""
    found = []
    for folder, names, files in os.walk(root):
        names[:] = [n for n in names if n not in SKIPPED and not n.startswith(".")]
        found += [os.path.join(folder, file) for file in files]
    return sorted(f for f in found if f.endswith(SUFFIXES) and not f.endswith(SETTINGS))


@given(PATHS)
def test_files_come_in_the_order_of_their_paths(paths: list[list[str]]) -> None:
    with TemporaryDirectory() as folder:
        make(folder, paths)
        found = list(find_files((folder,)))
        assert [file.path for file in found] == walk(folder)
        assert [file.display_path for file in found] == [
            os.path.relpath(f.path, folder) for f in found
        ]
        assert [f.path for f in find_files((folder, folder))] == walk(folder)


def test_the_first_file_comes_before_the_last_folder_is_read(tmp_path: Path) -> None:
    make(str(tmp_path), [["a", "x.json"], ["b", "x.json"]])
    found = find_files((str(tmp_path),))
    assert next(found).display_path == os.path.join("a", "x.json")
    make(str(tmp_path), [["b", "late.json"]])
    assert [file.display_path for file in found] == [
        os.path.join("b", n) for n in ("late.json", "x.json")
    ]


def test_a_virtual_environment_is_not_searched_whatever_it_is_called(tmp_path: Path) -> None:
    make(str(tmp_path), [["my env", "lib", "a.json"], ["conf", "b.json"], ["my env", "c.json"]])
    (tmp_path / "my env" / "pyvenv.cfg").write_text("home = /usr/bin\n")
    assert [file.display_path for file in find_files((str(tmp_path),))] == [
        os.path.join("conf", "b.json")
    ]
    named = find_files((str(tmp_path / "my env"),))
    assert [file.display_path for file in named] == ["c.json", os.path.join("lib", "a.json")]


def test_folders_nested_deeper_than_python_recurses(tmp_path: Path) -> None:
    deep = tmp_path
    for _ in range(1_500):
        deep = deep / "a"
    folders = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(1_500):
            os.mkdir("a", dir_fd=folders)
            inner = os.open("a", os.O_RDONLY, dir_fd=folders)
            os.close(folders)
            folders = inner
        os.close(os.open("x.json", os.O_CREAT | os.O_WRONLY, dir_fd=folders))
        assert [file.path for file in find_files((str(tmp_path),))] == [str(deep / "x.json")]
        os.unlink("x.json", dir_fd=folders)
        for _ in range(1_500):  # pytest's own cleaning would recurse too deeply
            outer = os.open("..", os.O_RDONLY, dir_fd=folders)
            os.close(folders)
            folders = outer
            os.rmdir("a", dir_fd=folders)
    finally:
        os.close(folders)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may enter every folder")
def test_a_folder_that_cannot_be_entered_is_said(tmp_path: Path) -> None:
    make(str(tmp_path), [["a", "x.json"], ["b", "x.json"]])
    (tmp_path / "a").chmod(0)
    closed, other = find_files((str(tmp_path),))
    (tmp_path / "a").chmod(0o700)
    assert closed.reason == "cannot be searched: Permission denied" and closed.display_path == "a"
    assert other.reason is None


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    make(str(tmp_path), [["a", "x.json"]])
    (tmp_path / "b").symlink_to("a")
    (tmp_path / "c.json").symlink_to("c.json")
    found = list(find_files((str(tmp_path),)))
    assert [file.display_path for file in found] == [os.path.join("a", "x.json"), "c.json"]
