"""uv.lock and poetry.lock: the exact releases of a resolved environment."""

from __future__ import annotations

import re

from loracheck.type_checking import TYPE_CHECKING

from .pin import Pin, find_package_by_name

if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = re.compile(
    r'^\[\[package\]\]\s*\nname = "([^"\n]+)"\nversion = "([^"\n]+)"', re.MULTILINE
)
"""Both tools write name and version first; megabytes are not read as TOML for two lines."""


def parse_pins(file: str, text: str) -> Iterator[Pin]:
    """The locked releases."""
    for match in _PACKAGE.finditer(text):
        package = find_package_by_name(match[1])
        if package is not None:
            line = text.count("\n", 0, match.start(2)) + 1
            yield Pin(package, f"=={match[2]}", f"{package} {match[2]}", file, line)
