"""Parquet in and out, and runs that go on where they were stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from click.testing import CliRunner, Result

import loracheck
from loracheck.cli import batch_files, cli

CONFIG = {"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8}
ROOT = Path(__file__).parents[2]
MIB = 1 << 20


def records(count: int) -> list[dict[str, Any]]:
    """One in seven cannot be read, one in five has a finding."""
    made = []
    for number in range(count):
        names = ["q_proj", "no_such"] if number % 5 == 0 else ["q_proj"]
        text = json.dumps({**CONFIG, "target_modules": names}) if number % 7 else "{"
        made.append({"id": number, "path": "adapter_config.json", "text": text})
    return made


def run(*words: object) -> Result:
    return CliRunner().invoke(cli, ["batch", *map(str, words)])


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_a_run_goes_on_where_it_was_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_files, "PART", 10)
    monkeypatch.setattr(batch_files, "CHUNK", 4)
    source, target = write_lines(tmp_path / "in.jsonl", records(45)), tmp_path / "out.jsonl"
    write, calls = batch_files.Parts.write, []

    def stop(self: batch_files.Parts, rows: Any) -> None:
        calls.append(1)
        if len(calls) == 8:
            raise KeyboardInterrupt
        write(self, rows)

    monkeypatch.setattr(batch_files.Parts, "write", stop)
    assert run(source, target, "-j1").exit_code == 130
    assert not target.exists() and len(list((tmp_path / "out.jsonl.parts").glob("part-*"))) == 2
    monkeypatch.setattr(batch_files.Parts, "write", write)
    done = run(source, target, "-j1")
    assert "going on behind the first 20 records" in done.stderr
    assert "25 records" in done.stderr and done.exit_code == 0
    assert read_lines(target) == loracheck.batch(records(45))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.jsonl", "out.jsonl"]


STEPS = ("mkdir", "replace", "unlink", "rmdir")


def test_wherever_a_run_is_stopped_the_next_one_ends_it(tmp_path: Path) -> None:
    """Stopped before each change of a folder, in turn; what is left is what a kill leaves."""
    rows = loracheck.batch(records(13))
    source = write_lines(tmp_path / "in.jsonl", records(13))
    for last in range(30):
        target, left = tmp_path / f"out{last}.jsonl", last

        def stop(step: Any, *paths: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return step(*paths, **more)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(batch_files, "PART", 4)
            patch.setattr(batch_files, "CHUNK", 2)
            with pytest.MonkeyPatch.context() as steps:
                for name in STEPS:
                    steps.setattr(os, name, partial(stop, getattr(os, name)))
                is_done = run(source, target, "-j1").exit_code == 0
            assert run(source, target, "-j1").exit_code == 0
        assert read_lines(target) == rows and not Path(f"{target}.parts").exists()
        if is_done:
            break
    else:
        raise AssertionError("the run never ended")
    assert last > 10


def test_parts_of_another_run_are_not_used(tmp_path: Path) -> None:
    source, target = write_lines(tmp_path / "in.jsonl", records(12)), tmp_path / "out.jsonl"
    batch_files.Parts(str(target), "another run").write([b"no\n"] * batch_files.PART)
    assert run(source, target).exit_code == 0
    assert read_lines(target) == loracheck.batch(records(12))


def test_a_folder_that_is_none_of_ours_is_left_alone(tmp_path: Path) -> None:
    source, own = write_lines(tmp_path / "in.jsonl", records(2)), tmp_path / "out.jsonl.parts"
    own.mkdir()
    (own / "thesis.txt").write_text("dear")
    done = run(source, tmp_path / "out.jsonl")
    assert done.exit_code == 2 and "move it away" in done.stderr
    assert (own / "thesis.txt").read_text() == "dear"


def test_a_killed_run_leaves_no_broken_target(tmp_path: Path) -> None:
    source, target = write_lines(tmp_path / "in.jsonl", records(3000)), tmp_path / "out.jsonl"
    command = [sys.executable, "-m", "loracheck", "batch", "-j1", str(source), str(target)]
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    while not (tmp_path / "out.jsonl.parts" / "run.json").exists():
        sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not target.exists() or len(read_lines(target)) == 3000


def test_without_pyarrow_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    done = run(write_lines(tmp_path / "in.jsonl", records(1)), tmp_path / "out.parquet")
    assert done.exit_code == 2 and "pip install 'loracheck[parquet]'" in done.stderr


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_parquet_in_and_out(tmp_path: Path, jobs: str) -> None:
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    from loracheck.api.arrow import arrow_schema

    source, target = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(pa.Table.from_pylist(records(150)), source)
    assert run(source, target, "-j", jobs).exit_code == 0
    table = pq.read_table(target)
    assert table.schema == arrow_schema(pa.int64())
    assert table.to_pylist() == loracheck.batch(records(150))
    assert run(source, tmp_path / "out.jsonl", "-j", jobs).exit_code == 0
    assert read_lines(tmp_path / "out.jsonl") == table.to_pylist()


def test_parquet_of_lines_has_ids_of_one_type(tmp_path: Path) -> None:
    pq = pytest.importorskip("pyarrow.parquet")
    rows = [{"id": 1, "text": "{"}, {"id": "b", "text": "{"}, {"text": "{"}]
    source, target = write_lines(tmp_path / "in.jsonl", rows), tmp_path / "out.parquet"
    assert run(source, target).exit_code == 0
    assert pq.read_table(target).column("id").to_pylist() == ["1", "b", None]


@pytest.mark.parametrize("content", [b"", b"no Parquet", b"PAR1" * 20])
def test_what_is_no_parquet_is_said(tmp_path: Path, content: bytes) -> None:
    pytest.importorskip("pyarrow")
    (tmp_path / "in.parquet").write_bytes(content)
    done = run(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert done.exit_code == 2 and "cannot be read" in done.stderr
    assert run(tmp_path / "in.parquet", "-").exit_code == 2


def test_tables_and_record_batches(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from loracheck.api.arrow import arrow_schema, check_batches, check_table

    table = pa.Table.from_pylist([{**row, "text": row["text"].encode()} for row in records(20)])
    rows = loracheck.batch(records(20))
    assert check_table(table).to_pylist() == rows
    empty = check_table(table.slice(0, 0))
    assert len(empty) == 0 and empty.schema == arrow_schema(pa.int64())
    batches = list(check_batches(iter(table.to_batches(7)), serve="vllm"))
    assert pa.Table.from_batches(batches).num_rows == 20
    assert all(batch.schema == arrow_schema(pa.int64()) for batch in batches)


def test_a_small_run_on_ray_says_what_the_function_says() -> None:
    ray = pytest.importorskip("ray")
    pa = pytest.importorskip("pyarrow")
    from loracheck.api.arrow import check_table

    ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
    try:
        data = ray.data.from_arrow(pa.Table.from_pylist(records(40)))
        found = data.map_batches(check_table, batch_format="pyarrow", batch_size=16).take_all()
    finally:
        ray.shutdown()
    assert sorted(found, key=lambda row: row["id"]) == loracheck.batch(records(40))


def test_a_text_of_many_rows_is_in_memory_once(tmp_path: Path) -> None:
    """A file of some hundred bytes that unpacks to ten gigabytes."""
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 5000, pa.int32()), pa.array(["x" * MIB]))
    parquet.write_table(pa.table({"text": texts}), tmp_path / "a.parquet", compression="zstd")
    assert (tmp_path / "a.parquet").stat().st_size < 10_000
    with (tmp_path / "a.parquet").open("rb") as stream:
        rows = [row for chunk in batch_files.read_chunks(stream, True, 0) for row in chunk]
    assert len(rows) == 5000
    assert len({id(row["text"]) for row in rows}) < 20


def test_a_chunk_of_long_lines_is_short(tmp_path: Path) -> None:
    line = json.dumps({"text": "x" * MIB}).encode() + b"\n"
    with (tmp_path / "a.jsonl").open("wb+") as stream:
        stream.writelines([line] * 20)
        stream.seek(0)
        chunks = list(batch_files.read_chunks(stream, False, 0))
    assert sum(map(len, chunks)) == 20
    assert max(map(len, chunks)) <= batch_files.CHUNK_BYTES // MIB + 1
