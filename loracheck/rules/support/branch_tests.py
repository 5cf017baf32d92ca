"""The tests by which a script chooses between two calls. In come a document and the calls, out
comes whether one of the tests has certain words.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use

_TEST = compile_when_used(r"(?:if|elif|match|case|while|with|for|except)\b(.*)")
_ARGUMENTS = compile_when_used(r"\b\w*(?:args|arguments|config|cfg)\.")


def chooses_by(document: Document, one: Use, other: Use, words: str) -> bool:
    """Whether a test around one of two calls has one of the words (an expression), or the tests
    cannot be read: in a notebook, whose text is JSON.
    """
    if document.format != "python":
        return True
    tests = [test for use in (one, other) for test in _list_tests(document.text, use.place.start)]
    return any(re.search(words, _ARGUMENTS.sub("", test)) for test in tests)


def _list_tests(text: str, place: int) -> list[str]:
    """The tests of the statements around a place, and of those whose other branch it stands in."""
    lines = text[:place].splitlines()
    column = _measure(lines[-1]) if lines else 0
    tests = []
    for line in reversed(lines[:-1]):
        stripped, indent = line.strip(), _measure(line)
        if not stripped or stripped.startswith(("#", ")", "]", "}")) or indent >= column:
            continue
        found = _TEST.match(stripped)
        tests += [found[1]] if found is not None else []
        column = indent + 1 if stripped.startswith(("else", "elif")) else indent
        if stripped.startswith(("def ", "class ", "async ")):
            break
    return tests


def _measure(line: str) -> int:
    return len(line) - len(line.lstrip())
