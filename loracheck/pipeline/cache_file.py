"""A file of the cache: lines of JSON with a digest of them at the end, so that one that is damaged
is as if it were not there. Processes that run at once write whole files, and the last one stays.
"""

from __future__ import annotations

import os

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

MAX_BYTES = 64 << 20
"""Longest file of the cache that is read; lines that would make a longer one are not written."""
MOST_FILES = 200
"""Files of the cache; the oldest go first."""


def create_digest() -> Any:
    """A digest that nobody can find a second text for; not of OpenSSL, which takes long to load."""
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    return blake2b(digest_size=20)


def compute_digest(data: bytes) -> str:
    """The digest of some bytes, in hexadecimal."""
    digest = create_digest()
    digest.update(data)
    return str(digest.hexdigest())


def read_lines(path: str) -> list[bytes]:
    """The lines of a file as `write_lines` left it; none where it is not there or not whole."""
    from loracheck.documents.model import DocumentError
    from loracheck.documents.source import load

    try:
        body, _, mark = load(path, MAX_BYTES + 100, anywhere=True).rpartition(b"\n")
    except (OSError, DocumentError):
        return []
    return body.split(b"\n") if mark == compute_digest(body + b"\n").encode() else []


def write_lines(path: str, lines: Iterable[str]) -> None:
    """Write a file, and remove the oldest ones where there are many; a folder that cannot be
    written is no error.
    """
    from loracheck.documents.replace_file import replace_file

    try:
        folder = os.path.dirname(path)
        others = [os.path.join(folder, name) for name in os.listdir(folder)]
        for old in sorted(others, key=os.path.getmtime)[: max(0, len(others) - MOST_FILES)]:
            os.unlink(old)
        replace_file(path, _end_with_digest(lines))
    except OSError:
        return


def _end_with_digest(lines: Iterable[str]) -> Iterator[bytes]:
    check, size = create_digest(), 0
    for text in lines:
        line = f"{text}\n".encode()
        size += len(line)
        if size > MAX_BYTES:
            break
        check.update(line)
        yield line
    yield check.hexdigest().encode()
