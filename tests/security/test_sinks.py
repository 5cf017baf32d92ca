"""Whatever a word holds, it leaves every sink as text: nothing moves a cursor, is a command of a CI
job's runner or breaks the format; a word that is clean passes unchanged.
"""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loracheck.documents.model import Span
from loracheck.explain.html.elements import build_element, serialize
from loracheck.findings import Finding
from loracheck.reporters import FORMATS, sinks
from loracheck.reporters import render as render_report
from loracheck.reporters.report import Report
from loracheck.results import FileResult

PIECES = (
    "\x1b]52;c;YQ==\x07", "\x9b2J", "\u202e", "\0", "\ud800", "\udcff", "\r\n::error::x", "::",
    "##[add-mask]x", "##vso[x]", "]]>", "</script>", "<b>", "&amp;", '"', "'", "\u2028", "\x7f",
    "\ufffe", "\U000e0001", "%0A", "[red]", "\t", "\x85", "é", "漢", "a", " ",
)  # fmt: skip
WORDS = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)
"""Words with every kind of sign that some reader takes for more than text, lone surrogates too."""

CLEAN = st.text(st.characters(categories=["L", "N"]) | st.sampled_from(" ._-/"), max_size=20)
COMMAND = re.compile(r"^\s*::|##\[|##vso\[", re.MULTILINE)
QUIET = settings(deadline=None, max_examples=150)


def has_control(text: str) -> bool:
    return any(not (char.isprintable() or char == "\n") for char in text)


@QUIET
@given(word=WORDS)
def test_lines_of_a_log(word: str) -> None:
    line = sinks.log_line(word)
    assert line.isprintable()
    assert not COMMAND.search(line)
    assert len(sinks.make_printable(word)) == len(word)
    assert not COMMAND.search(sinks.log_lines(word))
    assert not has_control(sinks.log_lines(word))


@QUIET
@given(word=CLEAN)
def test_clean_words_pass_unchanged(word: str) -> None:
    for sink in (sinks.log_line, sinks.make_printable, sinks.escape_workflow_data,
                 sinks.clean_page_text, sinks.escape_workflow_property,
                 sinks.escape_xml_text):  # fmt: skip
        assert sink(word) == word
    assert sinks.format_json(word) == f'"{word}"'
    assert sinks.format_xml_attribute("a", word) == f'a="{word}"'


@QUIET
@given(word=WORDS)
def test_workflow_commands_stay_one_line(word: str) -> None:
    for sink in (sinks.escape_workflow_data, sinks.escape_workflow_property):
        assert sink(word).isprintable()
    assert not re.search("[:,]", sinks.escape_workflow_property(word))


@QUIET
@given(word=WORDS)
def test_json_reads_back(word: str) -> None:
    text = sinks.format_json({word: [word]})
    assert not has_control(text)
    whole = re.sub("[\ud800-\udfff]", "\ufffd", word)
    assert json.loads(text.encode()) == {whole: [whole]}


@QUIET
@given(word=WORDS)
def test_xml_reads_back(word: str) -> None:
    text = f"<a {sinks.format_xml_attribute('b', word)}>{sinks.escape_xml_text(word)}</a>"
    assert not re.search("[^\t\n\x20-\x7e]", re.sub("[^\x00-\x9f]", "", text))
    assert not has_control(text.replace("\t", ""))
    root = ElementTree.fromstring(text.encode())
    whole = re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", word)
    assert root.text == (whole or None)
    assert root.get("b") == whole


@QUIET
@given(word=WORDS)
@pytest.mark.parametrize("html", [True, False], ids=["html", "svg"])
def test_pages_hold_one_element(html: bool, word: str) -> None:
    text = serialize(build_element("p", word, title=word), html=html)
    assert not has_control(text.replace("\t", ""))
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)

    Reader().feed(text)
    assert tags == ["p"]
    text.encode()


@pytest.mark.parametrize("name", sorted(FORMATS))
@QUIET
@given(word=WORDS)
def test_every_report(name: str, word: str) -> None:
    span = Span(1, 1, 1, 2)
    finding = Finding("LC101", "unknown-key", "error", f"a {word}", f"p/{word}", span)
    finding = finding._replace(help=word, notes=(word,))
    result = FileResult(f"p/{word}", (finding,), file=f"p/{word}")
    text = render_report(Report((result,), 1, False), name)
    text.encode()
    assert not has_control(text.replace("\t", "") if name == "junit" else text)
    if name == "github":
        assert text.count("\n::") == 0
    elif name == "junit":
        ElementTree.fromstring(text.encode())
    elif name in ("full", "concise", "agent", "markdown"):
        assert not COMMAND.search(text)
    else:
        json.loads(text)
