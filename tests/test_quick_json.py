"""`loracheck.quick_json` gives what `json` gives, and fails as it fails."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck import quick_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def outcome(loads: Any, text: str | bytes) -> Any:
    """The value as text (NaN is not itself), or the type and words of what is raised."""
    try:
        return repr(loads(text))
    except (ValueError, RecursionError) as error:
        return type(error), str(error)


@given(VALUES, st.sampled_from([None, 1]), st.booleans(), st.sampled_from(["", " ", "\n\t\r\n"]))
def test_reads_what_json_writes(value: Any, indent: int | None, ascii: bool, blank: str) -> None:
    text = blank + json.dumps(value, indent=indent, ensure_ascii=ascii) + blank
    assert outcome(quick_json.loads, text) == outcome(json.loads, text)


@given(st.text(alphabet='{}[]",:\\ \n01.e-truefalsnINy\ud800\ufeff\0'))
def test_refuses_what_json_refuses_in_its_words(text: str) -> None:
    assert outcome(quick_json.loads, text) == outcome(json.loads, text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32-be"])
@pytest.mark.parametrize("text", ['{"a": [1, "\u00e9"]}', "1", '{"a": }', "[1] 2", ""])
def test_reads_bytes(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert outcome(quick_json.loads, data) == outcome(json.loads, data)


@pytest.mark.parametrize("data", [b'"\xed\xa0\x80"', b'"\xff"', b"[" * 100_000])
def test_reads_bytes_that_are_no_utf8(data: bytes) -> None:
    assert outcome(quick_json.loads, data) == outcome(json.loads, data)


def test_asks_the_hooks() -> None:
    text = '{"a": 1, "a": NaN, "b": -12}'
    hooks: dict[str, Any] = {"object_pairs_hook": list, "parse_int": str, "parse_constant": str}
    assert quick_json.loads(text, **hooks) == json.loads(text, **hooks)


@given(VALUES)
def test_writes_as_json_does(value: Any) -> None:
    assert quick_json.dumps(value) == json.dumps(value)
    assert quick_json.dumps(value, indent=2) == json.dumps(value, indent=2)


def test_a_sound_text_needs_no_json() -> None:
    code = "from loracheck.quick_json import loads; loads('[1]'); print('json' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
