"""What the pins of a file, or of its project, say of a library whose releases differ in one
behaviour. In come the library, the script's document and a range of releases, out comes whether the
pins decide.
"""

from __future__ import annotations

import re
from functools import cache

from loracheck.type_checking import TYPE_CHECKING

from .pins.own import find_pins

if TYPE_CHECKING:
    from packaging.version import Version

    from loracheck.documents.model import Document

_EXACT = r"={2,3}\s*(\d+(?:\.\d+)*)"


def is_pinned_within(package: str, document: Document, specifier: str) -> bool:
    """Whether the pin that decides for a file names one release, whatever the run, and that lies in
    the range (`>=0.20,<0.23.1`).
    """
    from packaging.specifiers import SpecifierSet

    pins = find_pins(package, document)
    matches = [re.fullmatch(_EXACT, pin.specifier or "") for pin in pins]
    versions = [match[1] for match in matches if match]
    if any(pin.conditional for pin in pins):
        return False
    return bool(versions) and all(SpecifierSet(specifier).contains(one) for one in versions)


def is_pinned_below(package: str, document: Document, version: str) -> bool:
    """Whether the pins that decide for a file allow no release from `version` on."""
    specifiers = [pin.specifier for pin in find_pins(package, document)]
    return any(_excludes(one, version) for one in specifiers if one)


@cache
def _excludes(specifier: str, version: str) -> bool:
    """Whether a range has no release from `version` on."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version

    first = Version(version)
    exact = re.fullmatch(_EXACT, specifier)
    if exact:
        return Version(exact[1]) < first
    try:
        allowed = SpecifierSet(specifier)
    except InvalidSpecifier:
        return False
    later = (one for one in _list_candidate_releases() if one >= first)
    return not any(map(allowed.contains, later))


@cache
def _list_candidate_releases() -> tuple[Version, ...]:
    """Releases that there are or may be, to hold a range against."""
    from packaging.version import Version

    spans = ((range(2), range(60)), (range(2, 6), range(20)))
    return (
        *(
            Version(f"{major}.{minor}.{patch}")
            for majors, minors in spans
            for major in majors
            for minor in minors
            for patch in range(5)
        ),
        Version("9999"),
    )
