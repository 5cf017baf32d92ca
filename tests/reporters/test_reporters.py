"""The whole text of each format, letter by letter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from loracheck.documents.model import Span
from loracheck.findings import Change, Edit, Fix
from loracheck.reporters import FORMATS, render
from loracheck.reporters.report import Report
from loracheck.reporters.text import count_columns, cut_excerpt
from loracheck.results import FileResult

from .sample import DEAD, report

SCHEMA = Path(__file__).parents[2] / "schemas" / "report.schema.json"

FULL = """\
warning[LC202] target-entry-dead: `q_proj` matches no module of Phi3ForCausalLM
 --> a.json:2:22
  |
2 |   "target_modules": ["q_proj", "o_proj"]}
  |                      ^^^^^^^^
  :: line 1: the rank
  = LoRA reaches 32 of 128 linear layers
  = help: in this model it is `qkv_proj`
  = more: loracheck explain LC202

note[LC003] model-not-resolved: not held against a model
 --> b.json:1:1
  |
1 | {}
  | ^
  = more: loracheck explain LC003

1 warning, 1 note in 2 files, 2 LoRA settings (1 without a module tree).
Judged by transformers 5.23.0 (installed) and PEFT 0.21.2 (pinned by requirements.txt:3)."""

CONCISE = """\
a.json:2:22: LC202 warning[target-entry-dead]: `q_proj` matches no module of Phi3ForCausalLM
b.json:1:1: LC003 note[model-not-resolved]: not held against a model
1 warning, 1 note in 2 files, 2 LoRA settings (1 without a module tree).
Judged by transformers 5.23.0 (installed) and PEFT 0.21.2 (pinned by requirements.txt:3)."""


def test_full() -> None:
    assert render(report(), "full") == FULL


def test_a_rule_s_page_is_named_once() -> None:
    twice = FileResult("c.json", (DEAD, DEAD))
    text = render(Report((twice,), 1), "full")
    assert text.count("more: loracheck explain LC202") == 1


def test_concise() -> None:
    assert render(report(), "concise") == CONCISE


AGENT = """\
a.json:2:22 warning LC202 `q_proj` matches no module of Phi3ForCausalLM; in this model it is \
`qkv_proj`; fix? 2:22-2:30 "\\"q_proj\\"" -> "\\"qkv_proj\\""
b.json:1:1 note LC003 not held against a model
1 warning, 1 note in 2 files, 2 LoRA settings (1 without a module tree)."""


def test_agent() -> None:
    found = report()
    fix = DEAD.fix._replace(changes=(Change("set", (0, "target_modules", 0), "qkv_proj"),))
    first = found.results[0]._replace(findings=(DEAD._replace(fix=fix),))
    text = render(found._replace(results=(first, found.results[1])), "agent")
    assert text.replace(" 1 can be fixed with --fix --unsafe-fixes.", "") == AGENT
    assert len(text) < len(render(found, "full"))


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_agent_s_edit_reads_back(before: str, after: str) -> None:
    """The line is one line whatever the edit holds, and gives the edit back."""
    lines = tuple(f"{before}X{after}".split("\n"))
    span = Span(1, len(lines[0]) + 1 if len(lines) > 1 else 1, len(lines), len(lines[-1]) + 1)
    fix = Fix("x", (Edit(span, after),), True, (Change("set", (0,), after),))
    result = FileResult("a.json", (DEAD._replace(fix=fix, help=None),), (), lines)
    first = render(Report((result,), 1), "agent").split("\n")[0]
    place, _, words = first.partition("; fix ")[2].partition(" ")
    decoder = json.JSONDecoder()
    old, end = decoder.raw_decode(words)
    new, _ = decoder.raw_decode(words[end + len(" -> ") :])
    assert place == f"1:{span.column}-{span.end_line}:{span.end_column}"
    whole = "\n".join(lines)
    start = span.column - 1
    assert (old, new) == (whole[start:], after)


def test_json_follows_its_schema_and_says_the_same() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    data = json.loads(render(report(), "json"))
    Draft202012Validator(schema).validate(data)
    assert data["summary"] == {"files": 2, "settings": 2, "errors": 0, "warnings": 1, "notes": 1}
    assert [f["code"] for f in data["findings"]] == ["LC202", "LC003"]
    assert data["findings"][0]["fix"]["edits"][0]["text"] == '"qkv_proj"'
    assert [s["judged"] for s in data["settings"]] == [True, False]


def test_colour_changes_nothing_but_the_colour() -> None:
    import re

    assert re.sub(r"\x1b\[[\d;]*m", "", render(report(colour=True), "full")) == FULL


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_run_has_a_report_too(name: str) -> None:
    assert render(Report((), 0), name)


@given(st.text(max_size=300), st.integers(0, 300), st.integers(1, 50))
def test_an_excerpt_is_bounded_and_harmless(line: str, start: int, width: int) -> None:
    text, first, wide = cut_excerpt(line, min(start, len(line)), width, 100)
    assert len(text) <= 100 * 4 + 2
    assert text.isprintable()
    assert first + wide <= count_columns(text) + 1


@pytest.mark.parametrize(
    ("safe", "unsafe", "words"),
    [
        (0, 0, "tree)."),
        (2, 0, "tree). 2 can be fixed with --fix."),
        (0, 1, "tree). 1 can be fixed with --fix --unsafe-fixes."),
        (1, 3, "tree). 1 can be fixed with --fix, 3 more with --unsafe-fixes."),
    ],
)
def test_the_summary_says_what_can_be_fixed(safe: int, unsafe: int, words: str) -> None:
    change = Change("set", (0,), "x")
    fixes = [Fix("x", (), number < safe, (change,)) for number in range(safe + unsafe)]
    found = FileResult("c.json", tuple(DEAD._replace(fix=fix) for fix in fixes))
    whole = report()._replace(results=(*report().results, found))
    assert render(whole, "concise").splitlines()[-2].endswith(words)
