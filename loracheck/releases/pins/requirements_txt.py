"""requirements*.txt and constraints*.txt, as pip reads them."""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .pin import Pin
from .requirement import NoReleaseError, find_package, parse_pip_requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

_COMMENT = re.compile(r"(?:^|\s)#.*")
_HASHES = re.compile(r"\s--[a-z-]+[= ].*")
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[\s=]+(\S+)")


def parse_pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of a requirements file; files that it includes are not opened."""
    for number, line in _iterate_logical_lines(text):
        bare = _HASHES.sub("", line).removeprefix("-e ").removeprefix("--editable ").strip()
        if not bare.startswith("-"):
            yield from parse_requirement_pin(bare, file, number)


def parse_requirement_pin(text: str, file: str, line: int) -> Iterator[Pin]:
    """The pin of one requirement of pip; nothing where it is of another package or names none."""
    package = find_package(text)
    if package is None:
        return
    try:
        requirement: str | None = parse_pip_requirement(text)
    except NoReleaseError:
        requirement = None
    if requirement != "":
        yield Pin(package, requirement, text, file, line)


def list_includes(text: str) -> list[str]:
    """The files that a requirements file includes, as written."""
    matches = (_INCLUDE.match(line.strip()) for _, line in _iterate_logical_lines(text))
    return [match[1] for match in matches if match]


def _iterate_logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The logical lines with the number of their first one; a backslash continues a line."""
    logical, start = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        start = start or number
        logical += _COMMENT.sub("", line)
        if logical.endswith("\\"):
            logical = logical[:-1]
            continue
        if logical.strip():
            yield start, logical.strip()
        logical, start = "", 0
    if logical.strip():
        yield start, logical.strip()
