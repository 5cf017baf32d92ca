"""Writes a file in one step: it is replaced as a whole or left as it is."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile

BOM = b"\xef\xbb\xbf"


def encode_like(old: bytes, text: str) -> bytes:
    """The text in the old content's encoding: UTF-8, with its byte order mark if it had one."""
    return (BOM if old.startswith(BOM) else b"") + text.encode("utf-8")


def replace_file(path: str, old: bytes, new: bytes) -> None:
    """Put `new` in the place of `old`, through a temporary file in the same folder.

    The file keeps its mode, and a link stays a link. Raises OSError where the file cannot be
    written, or where it is no longer what was read.
    """
    target = os.path.realpath(path)
    descriptor, temporary = tempfile.mkstemp(
        prefix=f".{os.path.basename(target)}.", suffix=".tmp", dir=os.path.dirname(target)
    )
    try:
        with open(descriptor, "wb") as stream:
            stream.write(new)
        shutil.copymode(target, temporary)
        with open(target, "rb") as stream:
            if stream.read() != old:
                raise OSError("it was changed meanwhile")
        os.replace(temporary, target)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
