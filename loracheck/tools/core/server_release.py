"""The release of a server that a file starts, where the file or its project pins one."""

from __future__ import annotations

import re

from loracheck.releases.pins.own import find_pins
from loracheck.releases.pins.pin import PACKAGES
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document

_EXACT = r"={2,3}\s*v?(\d+(?:\.\d+)*)"


def find_server_release(document: Document, engine: str) -> str | None:
    """The one release that every pin of the engine's package names; None where there is none, or
    it holds under a condition.
    """
    if engine not in PACKAGES:
        return None
    pins = find_pins(engine, document)
    matches = [re.fullmatch(_EXACT, pin.specifier or "") for pin in pins]
    versions = {match[1] if match else "" for match in matches}
    if len(versions) != 1 or any(pin.conditional for pin in pins):
        return None
    return versions.pop() or None
