"""The position of a key in a TOML text. It serves messages: where the key itself is not found, the
closest table above it is given.
"""

from __future__ import annotations

import re

_PART = r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[\w-]+)"
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\[?\s*({_KEY})\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(rf"\s*({_KEY})\s*=")
_EACH = re.compile(_PART)


def find_key_position(text: str, path: tuple[str, ...]) -> tuple[int, int]:
    """Line and column, from 1, of the key at `path`, or of the closest table above it."""
    table: tuple[str, ...] = ()
    best, depth = (1, 1), 0
    for number, line in enumerate(text.split("\n"), 1):
        header, entry = _HEADER.match(line), _ENTRY.match(line)
        position = header or entry
        if position is None:
            continue
        name = _split_key(position[1])
        if header:
            table = name
        else:
            name = table + name
        shared = _count_shared_parts(name, path)
        if shared > depth and shared == min(len(name), len(path)):
            best, depth = (number, position.start(1) + 1), shared
    return best


def _count_shared_parts(name: tuple[str, ...], path: tuple[str, ...]) -> int:
    count = 0
    for one, other in zip(name, path, strict=False):
        if one != other:
            break
        count += 1
    return count


def _split_key(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in _EACH.findall(key))
