"""Reports into files, quiet and talkative runs, lists of paths, and what a run would do."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from loracheck import __version__
from loracheck.cli import cli
from loracheck.reporters import FORMATS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 8,
    "lora_alpha": 16,
    "target_modules": ["q_proj", "v_prj"],
}


def check(*arguments: str, text: str = "", **environment: str) -> Result:
    return CliRunner().invoke(cli, ["check", *arguments], input=text, env=environment)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    Path("a.json").write_text(json.dumps(CONFIG))
    Path("b.json").write_text(json.dumps({**CONFIG, "target_modules": ["q_proj", "v_proj"]}))
    return tmp_path


def test_one_run_reports_in_every_format() -> None:
    options = [word for name in FORMATS for word in ("--format", f"{name}=out.{name}")]
    done = check("a.json", *options)
    assert done.exit_code == 1
    assert done.stdout == check("a.json").stdout
    for name in FORMATS:
        alone = check("a.json", "--format", name)
        assert Path(f"out.{name}").read_text("utf-8") == alone.stdout


def test_the_report_goes_into_a_file() -> None:
    done = check("a.json", "--format", "concise", "--output-file", "out.txt")
    assert (done.exit_code, done.stdout) == (1, "")
    assert Path("out.txt").read_text() == check("a.json", "--format", "concise").stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--format", "full", "--format", "json"], "--format json=FILE"),
        (["--format", "jsn"], "'jsn' is not one of full, concise"),
        (["--format", "json="], "names no file"),
        (["-q", "-v"], "exclude each other"),
        (["--format", "json=none/x.json"], "none/x.json: cannot be written"),
        (["--output-file", "none/x.json"], "none/x.json: cannot be written"),
        (["--files-from", "none.txt"], "none.txt: cannot be read"),
    ],
)
def test_usage(arguments: list[str], reason: str) -> None:
    done = check("a.json", *arguments)
    assert done.exit_code == 2
    assert reason in done.stderr


def test_quiet_is_findings_alone() -> None:
    done = check("-q", "b.json")
    assert (done.exit_code, done.output) == (0, "")
    done = check("-q", "a.json", "--format", "concise")
    assert len(done.output.splitlines()) == 1
    assert done.output.startswith("a.json:1:")
    Path("c.yaml").write_text("a: 1\n")
    assert check("-q", "c.yaml").output == ""
    assert check("-q", "b.json", "--model", "no/such").stderr.startswith("error: ")
    assert check("-q", "nowhere.json").exit_code == 2


def test_a_talkative_run_says_how_each_setting_was_judged() -> None:
    done = check("-v", "b.json")
    assert done.stdout == check("b.json").stdout
    assert done.stderr.startswith("b.json:1: peft-adapter: Qwen/Qwen2.5-7B: bundled (")
    assert "56 modules, 2,523,136 trainable parameters" in done.stderr
    Path("inside").mkdir()
    Path("inside/b.json").write_text(Path("b.json").read_text())
    assert check("-v", "inside").stderr.startswith("inside/b.json:1: "), "as the findings say it"


@pytest.mark.parametrize("text", ["a.json\nb.json\n", "a.json\0b.json\0", "b.json\r\n\na.json"])
def test_paths_from_a_list(text: str) -> None:
    Path("list.txt").write_bytes(text.encode())
    from_file = check("--files-from", "list.txt")
    assert "in 2 files" in from_file.stdout
    assert check("--files-from", "-", text=text).stdout == from_file.stdout


def test_an_empty_list_is_nothing_to_check() -> None:
    done = check("--files-from", "-", text="")
    assert (done.exit_code, done.stdout) == (0, "No findings in 0 files, 0 LoRA settings.\n")


def test_files_and_settings_are_shown(folder: Path) -> None:
    Path("loracheck.toml").write_text(
        'exclude = ["b.json"]\nignore = ["LC2"]\nmodel = "x/y"\n[rules.LC302]\n"high" = 64\n'
    )
    assert check("--show-files", ".").stdout == "a.json\n"
    done = check("--show-settings", ".", "--peft", "0.17", "--serve", "vllm")
    assert done.exit_code == 0
    shown = tomllib.loads(done.stdout)
    assert "LC201" not in shown["select"] and "LC101" in shown["select"]
    assert (shown["model"], shown["peft"], shown["serve"]) == ("x/y", "0.17", ["vllm"])
    assert shown["settings-file"].endswith("loracheck.toml")
    assert shown["rules"] == {"LC302": {"high": 64}}


def test_options_come_from_the_environment() -> None:
    done = check(".", LORACHECK_FORMAT="concise", LORACHECK_SELECT="LC2", LORACHECK_FAIL_ON="error")
    assert done.exit_code == 0
    assert done.stdout.startswith("a.json:1:")
    assert check(".", LORACHECK_EXIT_ZERO="1").exit_code == 0


@pytest.mark.parametrize(
    ("specifier", "status", "reason"),
    [
        (f"=={__version__}", 0, ""),
        (">=0.0.1", 0, ""),
        (
            ">=99",
            2,
            f"loracheck.toml:1:1: this project is checked by loracheck >=99; this is {__version__}",
        ),
        ("new", 2, "`required-version` must be a version specifier"),
    ],
)
def test_a_project_names_the_loracheck_that_judges_it(
    specifier: str, status: int, reason: str
) -> None:
    Path("loracheck.toml").write_text(f'required-version = "{specifier}"\n')
    done = check("b.json")
    assert done.exit_code == status
    assert reason in done.stderr


def test_a_baseline_says_how_many_it_hides() -> None:
    check("a.json", "--write-baseline", "known.json")
    done = check("a.json", "--baseline", "known.json")
    first = "No new findings in 1 file, 1 LoRA setting. 1 known finding left out."
    assert done.stdout.splitlines()[0] == first


def test_many_findings_begin_with_an_overview() -> None:
    for number in range(9):
        Path(f"c{number}.json").write_text(Path("a.json").read_text())
    lines = check(".").stdout.splitlines()
    assert lines[0] == lines[-2]
    assert lines[1].startswith("LC202 target-entry-dead (10)")
    assert not check("a.json").stdout.startswith("1 ")
