"""Mistakes of public reports of 2025 and 2026: files of our own wording, and what is found.

cases/*.md has a report a heading, with its thread. A fenced block is a file, named behind its
language; `weights` describes the adapter_model.safetensors beside the file before it. A line "With
`--serve vllm`:" gives options. `finds:` is a finding's code and severity, `says:` a part of its
text, of its help too.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

import pytest

from loracheck.findings import Finding
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.releases import choose
from loracheck.releases.peft import choose_peft_release
from loracheck.rules import list_all_rules
from loracheck.trees.sources.request import TreeOptions

from ..weights import describe

FOLDER = Path(__file__).parent / "cases"
CODES = frozenset(rule.code for rule in list_all_rules())
PART = re.compile(
    r"^```(?P<language>\w+) ?(?P<name>\S*)\n(?P<text>.*?)^```$"
    r"|^With `(?P<options>[^`]+)`:$|^(?P<key>finds|says): (?P<value>[^\n]+)$",
    re.DOTALL | re.MULTILINE,
)


class Report(NamedTuple):
    """One report."""

    title: str
    files: tuple[tuple[str, str], ...]
    weights: tuple[tuple[str, str], ...]
    """Folders, and what their weights hold."""
    options: dict[str, str]
    finds: tuple[str, ...]
    says: tuple[str, ...]


def read(path: Path) -> list[Report]:
    parts = re.split(r"^## (.+)\n", path.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return [_report(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)]


def _report(title: str, text: str) -> Report:
    files: list[tuple[str, str]] = []
    weights: list[tuple[str, str]] = []
    options: dict[str, str] = {}
    told: dict[str, list[str]] = {"finds": [], "says": []}
    for match in PART.finditer(text):
        if match["options"]:
            options = dict(re.findall(r"--(\w+) (\S+)", match["options"]))
        elif match["key"]:
            told[match["key"]].append(match["value"])
        elif match["language"] == "weights":
            weights.append((str(Path(files[-1][0]).parent), match["text"]))
        else:
            files.append((match["name"], match["text"]))
    return Report(
        title, tuple(files), tuple(weights), options, tuple(told["finds"]), tuple(told["says"])
    )


REPORTS = [report for path in sorted(FOLDER.glob("*.md")) for report in read(path)]


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.title)
def test_the_cause_is_found_and_a_mend_told(report: Report, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # a repository, whose pins hold for the folders in it
    for name, text in report.files:
        (path := tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for folder, lines in report.weights:
        describe(tmp_path / folder, lines)
    trees = TreeOptions(transformers=report.options.get("transformers"))
    serve = tuple(filter(None, [report.options.get("serve")]))
    settings = LintSettings(CODES, serve=serve, trees=trees)
    found: list[Finding] = []
    choose.choose.cache_clear()
    with patch.object(choose, "find_installed_version", lambda *_: None):
        for path in (tmp_path / name for name, _ in report.files if not name.endswith(".txt")):
            peft = choose_peft_release(str(path.parent), report.options.get("peft"), None).to_follow
            found += check_file(str(path), path.name, settings._replace(peft=peft)).findings
    choose.choose.cache_clear()
    assert report.finds and report.says
    told = {f"{one.code} {one.severity}" for one in found}
    assert set(report.finds) <= told, told
    codes = {one.split()[0] for one in report.finds}
    text = "\n".join(f"{f.message}\n{f.help}" for f in found if f.code in codes)
    assert all(said in text for said in report.says), text


def test_every_report_names_its_thread() -> None:
    assert all(re.match(r"[\w.-]+/[\w.-]+ \d+: ", one.title) for one in REPORTS)
    assert len({one.title for one in REPORTS}) == len(REPORTS)
