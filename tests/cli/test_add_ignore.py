"""`--add-ignore REASON`: comments that suppress, in files whose values stay what they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from loracheck.cli import cli
from loracheck.documents import read
from loracheck.documents.model import DocumentError, Span
from loracheck.findings import Finding
from loracheck.fixes.ignore_comments import add_comments
from loracheck.fixes.verify import is_same_value
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules
from tests.examples import examples

ROOT = Path(__file__).parents[2]
EVERY = LintSettings(frozenset(rule.code for rule in list_all_rules()))
MARK = "# loracheck: ignore[LC202] two models share it"
LISTS = "    - q_proj\n    - query_key_value\n"
YAML = f"model_name: Qwen/Qwen2.5-7B\nlora:\n  r: 8\n  lora_alpha: 16\n  target_modules:\n{LISTS}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def add(*arguments: str, reason: str = "two models share it") -> Result:
    command = ["check", "--isolated", "--add-ignore", reason, *arguments]
    return CliRunner().invoke(cli, command, catch_exceptions=False)


def write(name: str, text: str) -> Path:
    Path(name).write_bytes(text.encode("utf-8"))
    return Path(name)


def test_a_comment_behind_the_line(folder: Path) -> None:
    file = write("a.yaml", YAML)
    done = add("a.yaml")
    assert (done.exit_code, done.stderr) == (0, "Wrote 1 comment in 1 file.\n")
    assert file.read_text() == YAML.replace("_value\n", f"_value  {MARK}\n")
    again = add("a.yaml")
    assert "Wrote 0 comments in 0 files." in again.stderr
    assert file.read_text().count("loracheck") == 1


def test_line_breaks_a_byte_order_mark_and_the_mode_stay(folder: Path) -> None:
    file = write("a.yaml", "\ufeff" + YAML.replace("\n", "\r\n"))
    file.chmod(0o640)
    assert add("a.yaml").exit_code == 0
    text = file.read_bytes()
    assert text.startswith(b"\xef\xbb\xbfmodel") and text.count(b"\n") == text.count(b"\r\n") == 7
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(os.listdir()) == ["a.yaml"]


def test_a_command_over_several_lines_gets_one_comment_above_it(folder: Path) -> None:
    lines = ["export A=1", "trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft \\"]
    lines += [
        "  --lora_r 0 \\",
        "  --lora_target_modules q_proj nonsense \\",
        "  --bf16",
        "",
    ]
    file = write("run.sh", "\n".join(lines))
    done = add("run.sh", "--fail-on", "note")
    assert done.exit_code == 0, done.output
    text = file.read_text().split("\n")
    assert text[1].startswith("# loracheck: ignore[LC") and text[2:] == lines[1:]
    assert sum("loracheck" in line for line in text) == 1


def test_what_can_hold_no_comment_is_said(folder: Path) -> None:
    text = '{"peft_type": "LORA", "r": 0, "target_modules": ["q_proj"]}'
    file = write("a.json", text)
    done = add("a.json", "--select", "LC1")
    assert done.exit_code == 1 and file.read_text() == text
    assert "a.json: 1 finding left" in done.stderr and "per-file-ignores" in done.stderr


def test_notes_are_left_alone_unless_they_fail(folder: Path) -> None:
    write("a.yaml", YAML.replace("    - query_key_value\n", "").replace("r: 8", "r: 512"))
    assert "Wrote 0 comments" in add("a.yaml", "--select", "LC302", "--fail-on", "error").stderr
    assert "Wrote 1 comment in" in add("a.yaml", "--select", "LC302", "--fail-on", "note").stderr


REASONS = ["", " ", "a\nb", "x" * 201, "# loracheck: ignore[LC1]", "\x1b[1m"]


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_a_line_of_text(reason: str, folder: Path) -> None:
    file = write("a.yaml", YAML)
    assert add("a.yaml", reason=reason).exit_code == 2
    assert file.read_text() == YAML


def test_options_that_do_not_go_together(folder: Path) -> None:
    for other in ("--fix", "--diff", "--write-baseline=b.json", "-"):
        assert add(other).exit_code == 2, other


def test_a_link_out_of_the_repository_is_not_written_through(folder: Path) -> None:
    (folder / "inside" / ".git").mkdir(parents=True)
    outside = write("outside.yaml", YAML)
    Path("inside/a.yaml").symlink_to("../outside.yaml")
    assert add("inside/a.yaml").exit_code == 2
    assert outside.read_text() == YAML


CASES = sorted(
    path
    for path in (ROOT / "tests" / "fixes" / "cases").rglob("*")
    if path.suffix in (".yaml", ".py", ".toml", ".sh")
)


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_case_keeps_its_values_and_loses_its_findings(path: Path) -> None:
    document = read(str(path))
    found = [f for f in check_file(str(path), path.name, EVERY).findings if f.code != "LC004"]
    added = add_comments(document, found, "reason", lambda text: read(str(path), text))
    after = read(str(path), added.text)
    assert is_same_value(document.roots, after.roots)
    left = check_file(str(path), path.name, EVERY, added.text).findings
    assert len(left) < len(found) or not found


WORDS = st.sampled_from(
    ["a", "# b", "'c", '"', "|", ">", "- ", "x: ", "\\", '"""', "\n", "  ", "[", "]"]
)
FILES = st.sampled_from(["a.yaml", "a.py", "a.toml", "a.sh"])


@given(text=st.lists(WORDS, max_size=30).map("".join), name=FILES, line=st.integers(1, 12))
@examples(300, allow=[HealthCheck.filter_too_much])
def test_no_text_loses_a_value(text: str, name: str, line: int) -> None:
    try:
        document = read(name, text)
    except DocumentError:
        return
    line = min(line, text.count("\n") + 1)
    finding = Finding("LC302", "x", "error", "x", name, Span(line, 1, line, 1))
    added = add_comments(document, [finding], "why", lambda other: read(name, other))
    assert is_same_value(document.roots, read(name, added.text).roots)
    assert added.comments == added.text.count("# loracheck: ignore[LC302] why") <= 1
