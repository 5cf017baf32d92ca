"""Whatever the bytes: a document or a DocumentError, soon, and settings from every document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.tools import find_settings as settings_of
from tests.examples import examples

from .strategies import mutated

NAMES = ["a.json", "adapter_config.json", "a.yaml", "a.py"]


def use(name: str, data: bytes) -> None:
    """Everything that a run does with a file before the rules."""
    try:
        document = read(name, data)
    except DocumentError as error:
        assert error.reason and error.span.line >= 1 and error.span.column >= 1
        return
    for problem in document.problems:
        assert problem.message
    for setting in settings_of(document):
        document.span(setting.path)
        for field in setting.fields:
            span = document.span(setting.place(field), key=True)
            assert (span.line, span.column) <= (span.end_line, span.end_column)


@pytest.mark.parametrize("name", NAMES)
@examples()
@given(data=st.binary(max_size=300))
def test_bytes(name: str, data: bytes) -> None:
    use(name, data)


@pytest.mark.parametrize("name", NAMES)
@examples()
@given(data=mutated())
def test_mutated_cases(name: str, data: bytes) -> None:
    use(name, data)
