"""Results out of the cache are those that a check would give, whatever was changed meanwhile."""

from __future__ import annotations

import json
import os
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loracheck.documents.dependencies import Dependencies
from loracheck.options.find_files import InputFile
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import cached_check, check_file, result_cache
from loracheck.pipeline.cached_check import CachedCheck
from loracheck.results import FileResult
from tests.examples import FACTOR
from tests.shared import FOLDER, needs

MEMOS = (
    "loracheck.trees.sources.lock",
    "loracheck.releases.pins.find",
    "loracheck.releases.choose",
    "loracheck.releases.installed_version",
    "loracheck.documents.repository",
    "loracheck.trees.sources.tree_cache",
)
LINT = resolve_settings(RunOptions(isolated=True), ()).for_path("")
LORA = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"]}


def begin_run() -> None:
    """What a process remembers of files is gone in the next one."""
    for name in MEMOS:
        for value in vars(sys.modules.get(name)).values() if name in sys.modules else ():
            if hasattr(value, "cache_clear"):
                value.cache_clear()


def adapter(model: str, **more: object) -> str:
    return json.dumps({**LORA, "base_model_name_or_path": model, **more})


def weights(rank: int) -> bytes:
    name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight"
    row = {"dtype": "F32", "shape": [rank, 3584], "data_offsets": [0, rank * 3584 * 4]}
    header = json.dumps({name: row}).encode()
    return struct.pack("<Q", len(header)) + header


FILES = {
    "a/adapter_config.json": adapter("./model"),
    "b/adapter_config.json": adapter("Qwen/Qwen2.5-7B", r=16),
    "b/lora.yaml": "model_name: Qwen/Qwen2.5-7B\nlora:\n  r: 8\n  target_modules: [no_such]\n",
    "c/adapter_config.json": adapter("someone/private"),
    "train.py": "from peft import LoraConfig, PeftModel\n"
    "from transformers import AutoModelForCausalLM\n"
    "model = AutoModelForCausalLM.from_pretrained('Qwen/Qwen2.5-7B')\n"
    "model = PeftModel.from_pretrained(model, 'b')\nconfig = LoraConfig(r=0, use_rslora=1)\n",
    "notes.md": "nothing",
}
CHANGES: dict[str, list[bytes | None]] = {
    "a/model/config.json": [None, b"{", b"{}", b'{"model_type": "no-such-type"}'],
    "b/adapter_model.safetensors": [None, weights(4), weights(16), b"\x00"],
    "b/adapter_model.bin": [None, b"x"],
    "a/adapter_model.safetensors": [None, weights(8), b"version https://git-lfs"],
    "requirements.txt": [None, b"peft==0.13.0\ntransformers==4.46.0\n", b"-r more.txt\n", b"\xff"],
    "more.txt": [None, b"peft==0.17.0\n", b"transformers==4.57.6\n"],
    "b/pyproject.toml": [None, b'[project]\ndependencies = ["peft==0.15.2"]\n', b"["],
    "loracheck.lock": [None, b"{}", b'{"version": 1, "models": {}}'],
    "b/loracheck.lock": [None, b"["],
    "hub/models--someone--private/refs/main": [None, b"abc"],
    "hub/models--someone--private/snapshots/abc/config.json": [None, b"{}", b"[]"],
    ".git/HEAD": [None, b"ref"],
    "b/.git/HEAD": [None, b"ref"],
    "b/lora.yaml": [FILES["b/lora.yaml"].encode(), b"lora: {r: 8, lora_alpha: 4}\n", b"lora: ["],
}
EDITS = st.sampled_from(sorted(CHANGES)).flatmap(
    lambda name: st.tuples(st.just(name), st.integers(0, len(CHANGES[name]) - 1))
)


def edit(folder: Path, name: str, content: bytes | None) -> None:
    path = folder / name
    if content is None:
        path.unlink(missing_ok=True)
        if path.parent.name == ".git":
            shutil.rmtree(path.parent, ignore_errors=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def inputs(folder: Path) -> list[InputFile]:
    names = sorted(n for n in FILES if not n.endswith(".md"))
    return [InputFile(str(folder / name), name, from_search=True) for name in names]


@pytest.fixture
def place(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Path]:
    """Makes the files anew; the cache lies elsewhere, and times tell after a hundredth second."""
    cache = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(cached_check, "find_results_folder", lambda: str(cache))
    monkeypatch.setattr(result_cache, "SETTLED_NS", 10_000_000)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "work" / "hub"))
    folder = tmp_path / "work"

    def make() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        for name, text in FILES.items():
            edit(folder, name, text.encode())
        return folder

    return make


def run(files: list[InputFile]) -> tuple[list[Any], list[Any], int]:
    """The results with the cache and without it, and how many came out of it."""
    sleep(0.02)
    begin_run()
    cached = CachedCheck()
    got = [cached(file, LINT, skip_unrelated=True) for file in files]
    used = sum(len(cache._used) for cache in cached._caches.values() if cache)
    cached.save()
    begin_run()
    plain = [check_file(file.path, file.display_path, LINT, skip_unrelated=True) for file in files]
    return got, plain, used


@settings(
    max_examples=max(1, round(8 * FACTOR)),
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # `place` makes all anew
)
@given(edits=st.lists(st.lists(EDITS, min_size=1, max_size=3), min_size=1, max_size=4))
def test_changes_of_neighbours_are_seen(
    place: Callable[[], Path], edits: list[list[tuple[str, int]]]
) -> None:
    folder = place()
    files = inputs(folder)
    got, plain, _ = run(files)
    assert got == plain
    for step in edits:
        for name, number in step:
            edit(folder, name, CHANGES[name][number])
        got, plain, _ = run(files)
        assert got == plain


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_each_change_of_a_neighbour_is_seen(place: Callable[[], Path], name: str) -> None:
    folder = place()
    files = inputs(folder)
    run(files)
    for content in (*CHANGES[name], *reversed(CHANGES[name])):
        edit(folder, name, content)
        got, plain, _ = run(files)
        assert got == plain
        got, plain, used = run(files)
        assert got == plain and used >= len(files) - 2  # what cannot be read is read again


def test_a_second_run_takes_every_result(place: Callable[[], Path]) -> None:
    files = inputs(place())
    assert run(files)[2] == 0
    got, plain, used = run(files)
    assert used == len(files) and got == plain and any(result.findings for result in got)


def test_a_change_of_the_file_or_the_settings_is_seen(place: Callable[[], Path]) -> None:
    folder = place()
    files = inputs(folder)
    run(files)
    edit(folder, "b/adapter_config.json", adapter("Qwen/Qwen2.5-7B", r=0).encode())
    got, plain, used = run(files)
    assert got == plain and used == len(files) - 2  # train.py loads it
    begin_run()
    other = LINT._replace(codes=frozenset({"LC102"}))
    cached = CachedCheck()
    for file in files:
        assert cached(file, other, skip_unrelated=True) == check_file(
            file.path, file.display_path, other, skip_unrelated=True
        )


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[2, []]\n[]\n" + b"0" * 40])
def test_a_damaged_file_is_made_anew_in_silence(
    place: Callable[[], Path], damage: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    files = inputs(place())
    run(files)
    folder = Path(cached_check.find_results_folder() or "")
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for content in (damage, whole[:-10], whole.replace(b"error", b"notes")):
        file.write_bytes(content)
        got, plain, used = run(files)
        assert got == plain and (used == 0 or content == whole)
        assert run(files)[2] == len(files)
    assert capfd.readouterr() == ("", "")


def test_what_was_changed_just_now_is_not_kept(
    place: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = place()
    edit(folder, "requirements.txt", b"peft==0.15.2\n")
    monkeypatch.setattr(result_cache, "SETTLED_NS", 10**12)
    files = inputs(folder)
    run(files)
    assert run(files)[2] == len(files) - 1  # train.py alone is judged by it


def test_the_number_of_results_is_bounded(
    place: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result_cache, "MOST_RESULTS", 2)
    files = inputs(place())
    run(files)
    assert run(files)[2] == 2


def test_what_a_run_keeps_in_memory_is_bounded(tmp_path: Path) -> None:
    content = json.dumps({**LORA, "filler": "x" * 100}).encode()
    cache = result_cache.ResultCache(str(tmp_path / "cache.json"))
    for number in range(20_000):
        path = f"{tmp_path}/{number}.json"
        found = Dependencies()
        found.states[path, "names"] = tuple("n" * 20 for _ in range(150))
        cache.add(path, content, "mark", FileResult(path, (), file=path), found)
    kept = cache.take_new()
    size = sum(map(len, {text for row in kept for text in row}))
    assert 1_000 < len(kept) < 20_000 and size < result_cache.MAX_NEW + 10_000


@needs("corpus")
def test_results_of_real_files_come_back_as_they_were(place: Callable[[], Path]) -> None:
    place()
    paths = sorted(p for p in (FOLDER / "corpus").rglob("*") if p.is_file() and p.suffix != ".md")[
        ::40
    ]
    files = [InputFile(str(path), path.name, from_search=True) for path in paths]
    got, plain, _ = run(files)
    assert got == plain
    got, plain, used = run(files)
    assert got == plain and used


def test_a_folder_that_others_may_have_filled_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loracheck.pipeline.cache_place import find_results_folder

    repository, elsewhere = tmp_path / "repository", tmp_path / "elsewhere"
    (repository / ".git").mkdir(parents=True)
    (repository / "sub").mkdir()
    monkeypatch.chdir(repository / "sub")
    monkeypatch.setenv("LORACHECK_CACHE", str(repository / ".cache"))
    assert find_results_folder() is None
    elsewhere.mkdir()
    monkeypatch.setenv("LORACHECK_CACHE", str(elsewhere))
    assert find_results_folder() == str(elsewhere / "results")
    (elsewhere / "results").chmod(0o777)
    assert find_results_folder() is None
    (elsewhere / "results").rmdir()
    (repository / "planted").mkdir()
    (elsewhere / "results").symlink_to(repository / "planted")
    assert find_results_folder() is None
    monkeypatch.setenv("LORACHECK_CACHE", str(tmp_path / "file"))
    (tmp_path / "file").write_text("")
    assert find_results_folder() is None


def test_what_hangs_on_more_than_files_is_not_kept() -> None:
    from loracheck.pipeline.cache_place import can_keep

    assert can_keep(LINT)
    assert not can_keep(LINT._replace(trees=LINT.trees._replace(online=True)))
    assert not can_keep(LINT._replace(trees=LINT.trees._replace(python="python3")))


def test_runs_in_processes_and_without_the_cache_say_the_same(tmp_path: Path) -> None:
    import subprocess

    folder = tmp_path / "work"
    for number in range(70):
        text = adapter("Qwen/Qwen2.5-7B", r=0 if number % 9 == 0 else number)
        edit(folder, f"{number:02}/adapter_config.json", text.encode())
    sleep(result_cache.SETTLED_NS / 1e9 + 0.1)
    told = []
    for more in (["-j2"], ["-j1"], ["-j2"], ["--no-cache"]):
        told.append(
            subprocess.run(
                [sys.executable, "-m", "loracheck", "check", "--format", "json", *more, "work"],
                cwd=tmp_path, capture_output=True, text=True, check=False,
                env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]),
                     "LORACHECK_CACHE": str(tmp_path.parent / "cache-of-runs")},
            )
        )  # fmt: skip
    assert told[0].returncode == 1 and {one.stdout for one in told} == {told[0].stdout}
