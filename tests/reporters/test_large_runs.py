"""Reports of runs that are too large for memory: the same text, from a file and row by row."""

from __future__ import annotations

import errno
from collections import Counter
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.findings import Finding
from loracheck.pipeline import build_unreadable_result
from loracheck.reporters import FORMATS, find_result_lines, render
from loracheck.reporters.json_rows import Rows, format_json_lines
from loracheck.reporters.report import Report
from loracheck.reporters.result_store import ResultStore
from loracheck.reporters.sinks import format_json
from loracheck.reporters.summary import format_summary_lines
from loracheck.reporters.totals import count_results
from loracheck.results import FileResult

from .sample import DEAD, LINES, NOTE, SETTING, UNJUDGED
from .test_machine_formats import FINDING, examples

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
RESULTS = st.lists(
    st.builds(
        FileResult,
        st.just("a.json"),
        st.lists(FINDING | st.sampled_from([DEAD, NOTE]), max_size=3).map(tuple),
        st.lists(st.sampled_from([SETTING, UNJUDGED]), max_size=2).map(tuple),
        st.just(LINES),
        st.booleans(),
    ),
    max_size=9,
)


def with_rows(value: Any) -> Any:
    """The value with its outer lists as rows, and those in its outer dict."""
    if isinstance(value, dict):
        return {key: with_rows(item) for key, item in value.items()}
    return Rows(iter(map(with_rows, value))) if isinstance(value, list) else value


@given(VALUES)
def test_rows_are_written_as_lists_are(value: Any) -> None:
    text = format_json(value)
    assert "\n".join(format_json_lines(with_rows(value))) == text
    assert "\n".join(format_json_lines(value)) == text


@given(RESULTS, st.integers(1, 4))
def test_a_store_gives_what_was_put_in_again_and_again(
    results: list[FileResult], in_memory: int
) -> None:
    store = ResultStore(in_memory)
    for result in results:
        store.add(result)
    assert list(store) == results
    assert list(zip(store, store, strict=True)) == [(r, r) for r in results]
    store.close()
    assert list(store) == []


def test_a_full_disk_leaves_the_results_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    results = [FileResult(f"{number}.json", (DEAD,)) for number in range(20)]
    store = ResultStore(4)
    for result in results[:10]:
        store.add(result)

    def full(**_: object) -> IO[bytes]:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pickle.dump", lambda *_: full())
    for result in results[10:]:
        store.add(result)
    assert list(store) == results


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_from_a_store(name: str) -> None:
    whole = examples()
    results = [*whole.results, build_unreadable_result("x.json", "no such file", DEAD.span)]
    store = ResultStore(2)
    for result in results:
        store.add(result)
    own = Report(tuple(results), len(results))
    stored = Report(store, len(results), counted=count_results(results))
    assert render(stored, name) == render(own, name)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_printed_file_by_file_is_the_report(name: str) -> None:
    lines = find_result_lines(name)
    assert (lines is not None) == (name in ("concise", "github"))
    if lines is not None:
        report = examples()
        rows = [row for result in report.results for row in lines(result)]
        assert "\n".join([*rows, *format_summary_lines(report)]) == render(report, name)


@given(RESULTS)
def test_totals_are_the_sums(results: list[FileResult]) -> None:
    totals = count_results(results)
    found: list[Finding] = [finding for result in results for finding in result.findings]
    settings = [setting for result in results for setting in result.settings]
    assert totals.findings == len(found)
    assert totals.levels == Counter(finding.severity for finding in found)
    assert list(totals.rules) == list(dict.fromkeys((f.code, f.name) for f in found))
    assert (totals.files, totals.settings) == (len(results), len(settings))
    assert totals.unjudged == sum(not setting.judged for setting in settings)
    assert totals.unreadable == sum(result.unreadable for result in results)
    assert totals.clean == sum(not result.findings for result in results)
    assert totals.with_fix.total() == sum(finding.fix is not None for finding in found)
