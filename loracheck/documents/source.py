"""Reads a file's bytes and decodes them, with limits on what is read at all."""

from __future__ import annotations

import os
import stat

from .lines import Lines
from .model import DocumentError, Span

MAX_BYTES = 2 * 1024 * 1024
"""Largest file that is read. The biggest LoRA config seen in the wild has 60 kB; what is bigger is
a tokenizer, a weight index or a data set.
"""

LFS = "version https://git-lfs.github.com/spec/"
"""First words of a git-LFS pointer (git-lfs, docs/spec.md)."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def load(path: str, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a regular file. Raises DocumentError for anything else (a directory, a FIFO, a
    device) and for a file over `limit` bytes, OSError where the system refuses.
    """
    # O_NONBLOCK: opening a FIFO nobody writes to would wait for ever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    with open(descriptor, "rb") as file:
        told = os.fstat(descriptor)
        mode = told.st_mode
        if stat.S_ISDIR(mode):
            raise DocumentError("this is a directory, not a file")
        if not stat.S_ISREG(mode):
            raise DocumentError("this is not a regular file, so it is not read")
        # As much as there is: a buffer of `limit` bytes costs more than the reading. What has no
        # size (files of /proc) is read to the limit.
        data = file.read(min(told.st_size or limit, limit) + 1)
        size = max(os.fstat(descriptor).st_size, len(data))
    if len(data) > limit:
        raise _too_big(size, limit)
    return data


def decode(data: bytes | str, limit: int = MAX_BYTES) -> str:
    """The text of a file, without a byte order mark. Raises DocumentError for what is not UTF-8
    text, is over `limit` bytes, or is a git-LFS pointer.
    """
    if len(data) > limit:
        raise _too_big(len(data), limit)
    text = _decode(data) if isinstance(data, bytes) else data
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise DocumentError("binary data, not text", Lines(text).at(text.index("\0")))
    if text.startswith(LFS):
        raise DocumentError(
            "this is a git-LFS pointer, not the file itself: fetch it with `git lfs pull`",
            Lines(text).span(0, len(LFS)),
        )
    return text


def require_content(text: str) -> None:
    """Raises DocumentError where there is nothing but white space."""
    if not text or text.isspace():
        raise DocumentError("the file is empty")


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        span = Lines(before + "?").at(len(before))
        raise DocumentError(_why_not_text(data, data[error.start]), span) from None


def _why_not_text(data: bytes, byte: int) -> str:
    if data.startswith(_UTF16):
        return "this is UTF-16 text: save it as UTF-8"
    if b"\0" in data:
        return "binary data, not text"
    return f"byte 0x{byte:02x} is not UTF-8 text: save the file as UTF-8"


def _too_big(size: int, limit: int) -> DocumentError:
    most = limit // (1024 * 1024)
    return DocumentError(
        f"the file has {size / (1024 * 1024):.1f} MiB; more than {most} MiB is not read",
        Span(1, 1, 1, 1),
    )
