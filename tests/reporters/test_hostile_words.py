"""Words of a linted file, and its name, are shown and do nothing else: they move no cursor, begin
no line of a log, close no element, and are no second finding.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from loracheck.cli import cli
from loracheck.reporters import FORMATS

EVIL = (
    "x\x1b[31mred\x1b]0;title\x07\x9b2J\u202eleft\u2066\u2028"
    "\r\n::error file=a::pwned%0A\n##[error]pwned\n</script><b>]]>&\x7f"
)
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 8,
    f"lora_alph{EVIL}": 16,
    "target_modules": ["q_proj", EVIL],
    "modules_to_save": [EVIL],
    "rank_pattern": {EVIL: EVIL},
    "layers_pattern": EVIL,
    "bias": EVIL,
    "task_type": EVIL,
    "init_lora_weights": EVIL,
}
MOVES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
COMMAND = re.compile("^(::|##)", re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files with hostile words, one of them in its own name."""
    monkeypatch.chdir(tmp_path)
    files = {
        "known.json": CONFIG,
        "unknown.json": {**CONFIG, "base_model_name_or_path": f"nobody/{EVIL}"},
        "lora\x1b[2J,line=9::\n::error::pwned.json": CONFIG,
    }
    for name, config in files.items():
        Path(name).write_text(json.dumps(config), encoding="utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    found = CliRunner().invoke(cli, arguments)
    assert found.exit_code in (1, 2) or arguments[0] == "explain", found.output
    assert found.exception is None or isinstance(found.exception, SystemExit)
    return found


def test_markdown_has_no_mark_that_a_word_brought(folder: Path) -> None:
    text = run("check", "--isolated", "--format", "markdown", ".").stdout
    assert "pwned" in text and not MOVES.findall(text)
    head, *rows = [line for line in text.splitlines() if line.startswith("|")]
    cell = r" (?:<code>(?:[\w ,/-]|&#\d+;)*</code>)? "
    for row in rows:
        assert re.fullmatch(rf"\|(?:{cell}\|)+|\|(?: --- \|)+|\| Where .*", row), row
    assert head.startswith("| Setting")


@pytest.mark.parametrize("style", ["full", "concise", "agent", "github"])
def test_texts_move_nothing_and_command_nothing(style: str, folder: Path) -> None:
    text = run("check", "--isolated", "--format", style, ".").output
    assert "LC101" in text
    assert "pwned" in text
    assert not MOVES.findall(text)
    if style != "github":
        assert not COMMAND.findall(text)


def test_github_gets_one_command_a_finding(folder: Path) -> None:
    report = json.loads(run("check", "--isolated", "--format", "json", ".").stdout)
    lines = run("check", "--isolated", "--format", "github", ".").stdout.split("\n")
    commands = lines[: len(report["findings"])]
    assert all(re.match("::(error|warning|notice) file=[^,:]+,line=1,", x) for x in commands)
    assert not any(line.startswith("::") for line in lines[len(commands) :])  # the summary


@pytest.mark.parametrize(
    "style", sorted({*FORMATS} - {"full", "concise", "agent", "github", "junit", "markdown"})
)
def test_json_formats_are_json(style: str, folder: Path) -> None:
    json.loads(run("check", "--isolated", "--format", style, ".").stdout)


def test_junit_is_xml(folder: Path) -> None:
    root = ElementTree.fromstring(run("check", "--isolated", "--format", "junit", ".").stdout)
    known = {"testsuites", "testsuite", "testcase", "failure", "error", "system-out"}
    assert {element.tag for element in root.iter()} <= known


@pytest.mark.parametrize("arguments", [("explain", "known.json"), ("lock", "unknown.json")])
def test_other_commands(arguments: tuple[str, ...], folder: Path) -> None:
    text = run(*arguments).output
    assert "pwned" in text
    assert not MOVES.findall(text)
    assert not COMMAND.findall(text)
