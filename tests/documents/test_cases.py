"""Documents as data. A file in cases/good with a .expected.json beside it: the roots, the text and
first line and column of the values and keys listed, the problems. A file in cases/bad with a
.expected.txt: the place and the sentence of its DocumentError.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Span, Unknown

CASES = Path(__file__).parent / "cases"
GOOD = sorted((CASES / "good").glob("*.expected.json"))
BAD = sorted((CASES / "bad").glob("*.expected.txt"))


def plain(value: Any) -> Any:
    """A value as JSON can hold it."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): plain(v) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, Unknown):
        return {"unknown": value.text}
    finite = isinstance(value, float) and math.isfinite(value)
    return value if finite or isinstance(value, (str, int, type(None))) else repr(value)


def excerpt(text: str, span: Span) -> list[Any]:
    """The text of a span with its line and column."""
    lines = Lines(text)
    start = lines.offset(span.line, span.column)
    return [text[start : lines.offset(span.end_line, span.end_column)], span.line, span.column]


@pytest.mark.parametrize("expected", GOOD, ids=lambda path: path.name.split(".expected")[0])
def test_values_and_places(expected: Path) -> None:
    document = read(str(expected).removesuffix(".expected.json"))
    wanted = json.loads(expected.read_text("utf-8"))
    assert plain(document.roots) == wanted["roots"]
    for path, *place in wanted.get("values", []):
        assert excerpt(document.text, document.span(tuple(path))) == place, path
    for path, *place in wanted.get("keys", []):
        assert excerpt(document.text, document.span(tuple(path), key=True)) == place, path
    found = [[p.kind, *excerpt(document.text, p.span)] for p in document.problems]
    assert found == wanted.get("problems", [])


@pytest.mark.parametrize("expected", BAD, ids=lambda path: path.name.split(".expected")[0])
def test_faults(expected: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read(str(expected).removesuffix(".expected.txt"))
    error = caught.value
    said = f"{error.span.line}:{error.span.column} {error.reason}"
    # The sentence names the Python that reads: the cases were written with 3.11.
    said = re.sub(r"valid Python 3\.\d+", "valid Python 3.11", said)
    assert said == expected.read_text("utf-8").strip()
