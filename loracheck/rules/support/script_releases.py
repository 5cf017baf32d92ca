"""What a script says of a library's release: the project's pins, or what it installs itself. In
come the document, the library and a release, out comes whether an older one certainly runs.
"""

from __future__ import annotations

import re

from loracheck.releases.choose import ASKED, INSTALLED
from loracheck.releases.pin_checks import is_pinned_below, is_pinned_within
from loracheck.releases.pins.own import find_own_pins
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.releases.choose import Choice


def is_older(document: Document, package: str, version: str) -> bool:
    """Whether only releases of `package` below `version` (`0.27.0`) fit the pins nearest to the
    file, or its text installs one (`!pip install trl==0.12`).
    """
    return is_pinned_below(package, document, version) or _installs_older(
        document.source, package, version
    )


def is_projects_release(document: Document, release: Choice, since: str) -> bool:
    """Whether the release of transformers that a file is judged by, `since` or newer, is the one
    that trains: the command line, `--python` or an exact pin says so. What is installed beside
    loracheck, or allowed by a range, need not be that.
    """
    environment = release.basis == INSTALLED and release.reason != INSTALLED
    exact = is_pinned_within("transformers", document, f">={since}")
    return release.basis == ASKED or environment or exact


def installs(document: Document, package: str) -> bool:
    """Whether the text installs `package` itself (`!pip install -U trl`), so that the project's
    pins say nothing of what it runs with.
    """
    line = rf"\bpip3?[ \t]+install\b[^\n]*(?<![\w./-]){re.escape(package)}(?![\w-])"
    return re.search(line, document.source) is not None


def pins_itself(document: Document, package: str) -> bool:
    """Whether the file says itself which releases of `package` it installs."""
    return any(pin.package == package for pin in find_own_pins(document))


def _installs_older(text: str, package: str, version: str) -> bool:
    match = re.search(rf"\b{re.escape(package)}\s*(?:==|<=?|~=)\s*(\d+(?:\.\d+)*)", text)
    return match is not None and _split(match[1]) < _split(version)


def _split(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
