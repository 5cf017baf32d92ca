"""What earlier runs saw to be unrelated is not read again, whatever else happened meanwhile."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from time import sleep

import pytest

from loracheck.options.find_files import find_files
from loracheck.pipeline import cached_check, unrelated_files
from loracheck.pipeline.cached_check import CachedCheck
from loracheck.pipeline.relevance import Search

PLAIN = "services: {web: {image: nginx, port: 80}}\n"
LORA = "adapter: lora\nlora_r: 8\nlora_target_modules: [q_proj]\n"
assert len(PLAIN) < len(LORA)
PADDED = PLAIN.rstrip() + " " * (len(LORA) - len(PLAIN)) + "\n"


@pytest.fixture
def folder(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A repository of which one file of seven sets LoRA up; times tell after a hundredth second."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(cached_check, "find_results_folder", lambda: str(cache))
    monkeypatch.setattr(unrelated_files, "SETTLED_NS", 10_000_000)
    for name in ("a/one.yaml", "a/two.yaml", "a/three.json", "b/one.yaml", "b/c/one.yml", "z.toml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(PADDED if name.endswith("ml") else "{}")
    (tmp_path / "a" / "train.yaml").write_text(LORA)
    return tmp_path


def look(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], set[str]]:
    """The unrelated files by a new run, and the files that it read."""
    sleep(0.02)
    read: list[str] = []
    whole = Search.find_related

    def find_related(search: Search, paths: Iterable[str]) -> set[str]:
        read.extend(os.path.relpath(path, folder) for path in paths)
        return whole(search, paths)

    with monkeypatch.context() as patch:
        patch.setattr(Search, "find_related", find_related)
        cached, files = CachedCheck(), list(find_files((str(folder),)))
        related = cached.find_related(files)
        found = {file.display_path for file in files if file.path not in related}
        cached.save()
    return found, set(read)


ALL = {"a/one.yaml", "a/two.yaml", "a/three.json", "b/one.yaml", "b/c/one.yml", "z.toml"}


def test_only_what_sets_lora_up_is_read_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert look(folder, monkeypatch) == (ALL, {*ALL, "a/train.yaml"})
    for _ in range(2):
        assert look(folder, monkeypatch) == (ALL, {"a/train.yaml"})


def write_with_old_times(folder: Path) -> None:
    status = (folder / "b" / "one.yaml").stat()
    (folder / "b" / "one.yaml").write_text(LORA)
    os.utime(folder / "b" / "one.yaml", ns=(status.st_atime_ns, status.st_mtime_ns))


def move_over(folder: Path) -> None:
    (folder / "b" / "new").write_text(LORA)
    (folder / "b" / "new").replace(folder / "b" / "one.yaml")


def swap_folders(folder: Path) -> None:
    (folder / "b").rename(folder / "old")
    (folder / "b").mkdir()
    (folder / "b" / "one.yaml").write_text(LORA)
    shutil.rmtree(folder / "old")


def link_to(folder: Path) -> None:
    (folder / "b" / "one.yaml").unlink()
    (folder / "b" / "one.yaml").symlink_to(folder / "a" / "train.yaml")


CHANGES = [write_with_old_times, move_over, swap_folders, link_to]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_seen(
    change: Callable[[Path], None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(folder, monkeypatch)
    change(folder)
    for _ in range(2):
        found, read = look(folder, monkeypatch)
        assert "b/one.yaml" in read - found
    assert not read & {"a/one.yaml", "z.toml"}


def test_a_change_just_before_the_look_is_not_believed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unrelated_files, "SETTLED_NS", 10**12)
    look(folder, monkeypatch)
    assert look(folder, monkeypatch) == (ALL, {*ALL, "a/train.yaml"})


@pytest.mark.parametrize("damage", [b"", b"[", b"\xff", b'["/", 3]\n', b"null\n" * 9])
def test_a_damaged_file_is_as_none(
    damage: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(folder, monkeypatch)
    (kept,) = Path(cached_check.find_results_folder() or "").iterdir()
    good = kept.read_bytes()
    for content in (damage, good[:-30], good.replace(b"one.yaml", b"two.yaml", 1)):
        kept.write_bytes(content)
        assert look(folder, monkeypatch) == (ALL, {*ALL, "a/train.yaml"})
        assert kept.read_bytes() == good


def test_the_number_of_names_is_bounded(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unrelated_files, "MOST_NAMES", 2)
    look(folder, monkeypatch)
    found, read = look(folder, monkeypatch)
    assert found == ALL and len(read) == 5
