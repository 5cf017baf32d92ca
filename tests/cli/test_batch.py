"""Records in, rows out: by the function and by the command, the same on every machine."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import loracheck
from bench.many import write_files
from loracheck.api.batch import COLUMNS
from loracheck.cli import cli
from tests.peak_memory import ON_LINUX, measure_peak

ROOT = Path(__file__).parents[2]
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 8,
    "target_modules": ["q_proj", "v_prj"],
}
GOOD = {"id": 1, "text": json.dumps(CONFIG)}
YAML = {"id": 2, "path": "deep/train.yaml", "text": "lora_r: 8\nlora_alpha: 16\nbase_model: x/y\n"}
VALUES = st.none() | st.integers() | st.text(max_size=20) | st.binary(max_size=20)


def test_rows() -> None:
    good, yaml = loracheck.batch([GOOD, YAML])
    assert [tuple(row) for row in (good, yaml)] == [COLUMNS] * 2
    assert (good["id"], good["path"], good["reason"]) == (1, "adapter_config.json", None)
    assert "LC202" in [finding["code"] for finding in good["findings"]]
    (setting,) = good["settings"]
    assert setting["judged"] and setting["model"] == "Qwen/Qwen2.5-7B"
    assert (yaml["id"], yaml["path"]) == (2, "deep/train.yaml")


def test_columns_give_columns() -> None:
    records = [GOOD, {**GOOD, "id": 3, "text": "{"}]
    columns = {name: [record[name] for record in records] for name in ("id", "text")}
    rows = loracheck.batch(records)
    assert loracheck.batch(columns) == {name: [row[name] for row in rows] for name in COLUMNS}
    with pytest.raises(ValueError, match=r"shorter|longer|argument"):
        loracheck.batch({"id": [1, 2], "text": ["{}"]})


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (None, "a record is a mapping, and no NoneType"),
        ("x", "a record is a mapping, and no str"),
        ({}, "`text` is neither a text nor bytes"),
        ({"text": 8}, "`text` is neither a text nor bytes"),
        ({"text": "", "path": 8}, "`path` is no text"),
        ({"text": "x", "path": "a.docx"}, "stands for no known format"),
        ({"text": "{"}, ""),
        ({"text": b"\xff\xfe"}, "UTF-16"),
    ],
)
def test_a_record_that_cannot_be_read_is_a_row(record: Any, reason: str) -> None:
    bad, good = loracheck.batch([record, GOOD])
    assert reason in bad["reason"] and bad["findings"] == []
    assert good["reason"] is None


@given(st.lists(VALUES | st.dictionaries(st.sampled_from(["text", "path", "id"]), VALUES)))
def test_every_record_has_its_row(records: list[Any]) -> None:
    rows = loracheck.batch(records)
    assert len(rows) == len(records)
    for record, row in zip(records, rows, strict=True):
        assert tuple(row) == COLUMNS
        assert row["id"] == (record.get("id") if isinstance(record, dict) else None)


def test_nothing_of_the_machine_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder that a record names, no pin, lock file, settings or cache of where it runs."""
    local = {**CONFIG, "base_model_name_or_path": str(tmp_path)}
    records = [GOOD, {"text": json.dumps(local)}, {**GOOD, "path": f"{tmp_path}/x.json"}]
    before = loracheck.batch(records)
    (tmp_path / "config.json").write_text('{"model_type": "qwen2", "num_hidden_layers": 1}')
    (tmp_path / "requirements.txt").write_text("peft==0.10.0\ntransformers==4.51.3\n")
    (tmp_path / "loracheck.toml").write_text('ignore = ["ALL"]\n')
    (tmp_path / "loracheck.lock").write_text("damaged")
    monkeypatch.chdir(tmp_path)
    assert loracheck.batch(records) == before
    assert not before[1]["settings"][0]["judged"]


def test_it_goes_to_other_processes() -> None:
    code = "import pickle, sys; f, r = pickle.load(sys.stdin.buffer); print(repr(f(r)))"
    done = subprocess.run(
        [sys.executable, "-c", code], input=pickle.dumps((loracheck.batch, [GOOD, YAML])),
        capture_output=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert done.stdout.decode().strip() == repr(loracheck.batch([GOOD, YAML]))


def run(*arguments: str, text: str = "") -> Any:
    return CliRunner().invoke(cli, ["batch", *arguments], input=text)


def test_the_command_says_what_the_function_says(tmp_path: Path) -> None:
    lines = [json.dumps(GOOD), "", json.dumps({"id": 5, "config": CONFIG}), "no JSON", "[]"]
    (tmp_path / "in.jsonl").write_text("\n".join(lines * 40))
    for jobs in ("1", "2"):
        done = run(str(tmp_path / "in.jsonl"), str(tmp_path / "out.jsonl"), "-j", jobs)
        assert done.exit_code == 0, done.output
        rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
        again = {"id": 5, "text": json.dumps(CONFIG, indent=2)}
        expected = loracheck.batch([GOOD, again, "no JSON", []])
        assert rows == expected * 40
        assert "160 records" in done.stderr and "80 could not be read" in done.stderr
    piped = run("-", "-", text=json.dumps(GOOD))
    assert json.loads(piped.stdout) == loracheck.batch([GOOD])[0]


def test_rows_have_the_findings_of_check(tmp_path: Path) -> None:
    write_files(tmp_path, 60)
    paths = sorted(p for kind in ("json", "yaml") for p in (tmp_path / kind).iterdir())
    rows = loracheck.batch({"path": str(p), "text": p.read_text()} for p in paths)
    options = ["--isolated", "--format", "json", "--peft", loracheck_release("peft")]
    options += ["--transformers", loracheck_release("transformers")]
    report = json.loads(CliRunner().invoke(cli, ["check", *options, str(tmp_path)]).stdout)
    told = [(Path(f["path"]).name, f["code"], f["line"], f["message"]) for f in report["findings"]]
    found = [
        (Path(row["path"]).name, f["code"], f["line"], f["message"])
        for row in rows
        for f in row["findings"]
    ]
    assert found and sorted(found) == sorted(told)


def loracheck_release(package: str) -> str:
    from loracheck.releases.release_table import get_newest_release

    return get_newest_release(package)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["none.jsonl", "-"], "none.jsonl: cannot be read"),
        (["-", "none/out.jsonl"], "none/out.jsonl: cannot be written"),
        (["-", "-", "--select", "LC999"], "no rule is called 'LC999'"),
        (["-", "-", "--serve", "nobody"], "--serve"),
    ],
)
def test_usage(arguments: list[str], reason: str) -> None:
    done = run(*arguments, text=json.dumps(GOOD))
    assert done.exit_code == 2 and reason in done.stderr


@ON_LINUX
def test_memory_does_not_grow_with_the_records(tmp_path: Path) -> None:
    """Keys, names and models that no other record has would fill any cache without a bound."""
    peaks = []
    for count in (300, 2_000):
        source = tmp_path / f"{count}.jsonl"
        with source.open("w") as file:
            for n in range(count):
                own = {**CONFIG, "base_model_name_or_path": f"x{n}/y{n}", f"lora_key_{n}": n}
                file.write(json.dumps({"path": f"{n}/a.json", "text": json.dumps(own)}) + "\n")
        arguments = ["batch", "-j1", str(source), str(tmp_path / "out.jsonl")]
        done, peak = measure_peak(*arguments)
        assert done.returncode == 0, done.stderr
        peaks.append(peak)
    assert peaks[1] - peaks[0] < 2_500
