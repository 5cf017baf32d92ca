"""The one gate by which files of others are read: regular files only, within a limit, and no link
out of the repository. `decode` makes text of the bytes.
"""

from __future__ import annotations

import os
import stat

from loracheck.type_checking import TYPE_CHECKING

from .dependencies import note_look
from .lines import Lines
from .model import DocumentError, Span
from .repository import REASON, leaves_repository

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_BYTES = 2 * 1024 * 1024
"""Largest file that is read. The biggest LoRA config seen in the wild has 60 kB; what is bigger is
a tokenizer, a weight index or a data set.
"""

LFS = "version https://git-lfs.github.com/spec/"
"""First words of a git-LFS pointer (git-lfs, docs/spec.md)."""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def open_regular(path: str, *, anywhere: bool = False) -> BinaryIO:
    """A regular file, opened to be read. Raises DocumentError for anything else (a directory, a
    FIFO, a device, a file that the system makes up) and, unless it may lie `anywhere`, for a link
    that leaves the repository; OSError where the system refuses.

    `anywhere` is for what a config may name by any path at all: the folder of a model.
    """
    return open(_open_descriptor(path, anywhere)[0], "rb")


# O_NONBLOCK: opening a FIFO nobody writes to would wait for ever.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def _open_descriptor(path: str, anywhere: bool) -> tuple[int, int]:
    """An open descriptor of a regular file, and its size."""
    if not anywhere and leaves_repository(path):
        raise DocumentError(REASON)
    note_look(path)
    descriptor = os.open(path, _FLAGS)
    try:
        status = os.fstat(descriptor)
        _require_regular(path, status)
    except DocumentError:
        os.close(descriptor)
        raise
    return descriptor, status.st_size


def _require_regular(path: str, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise DocumentError("this is a directory, not a file")
    if not stat.S_ISREG(status.st_mode) or _is_made_up(path, status):
        raise DocumentError("this is not a regular file, so it is not read")


def _is_made_up(path: str, status: os.stat_result) -> bool:
    """Whether it is a file of /proc or /sys, which has no content until it is read. (The first are
    empty by their size; the second have a page's.)
    """
    return status.st_size in (0, 4096) and os.path.realpath(path).startswith(("/proc/", "/sys/"))


def load(path: str, limit: int = MAX_BYTES, *, anywhere: bool = False) -> bytes:
    """The bytes of a file that `open_regular` opens; its errors, and DocumentError for a file over
    `limit` bytes.
    """
    descriptor, size = _open_descriptor(path, anywhere)
    try:
        if size > limit:
            raise _build_size_error(size, limit)
        # As much as there is: a buffer of `limit` bytes costs more than the reading.
        data = os.read(descriptor, size + 1)
        if len(data) != size:  # it has grown meanwhile, or came in parts
            data = _read_on(descriptor, data, limit)
    finally:
        os.close(descriptor)
    if len(data) > limit:
        raise _build_size_error(len(data), limit)
    return data


def _read_on(descriptor: int, data: bytes, limit: int) -> bytes:
    """What was read, and what follows: all of it, or one byte over the limit."""
    while len(data) <= limit and (more := os.read(descriptor, limit + 1 - len(data))):
        data += more
    return data


def load_plain(path: str, limit: int = MAX_BYTES) -> bytes | None:
    """The bytes of a file as `load` gives them, at half the cost, where its name is no link; its
    folder has to be one that does not leave the repository. None where `load` has to look closer.
    """
    if not _NO_LINK:
        return None
    note_look(path)
    try:
        descriptor = os.open(path, _FLAGS | _NO_LINK)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        size = status.st_size
        if not stat.S_ISREG(status.st_mode) or size > limit or size in (0, 4096):
            return None
        data = os.read(descriptor, size + 1)
    finally:
        os.close(descriptor)
    return data if len(data) == size else None


_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


def decode(data: bytes | str, limit: int = MAX_BYTES) -> str:
    """The text of a file, without a byte order mark. Raises DocumentError for what is not UTF-8
    text, is over `limit` bytes, or is a git-LFS pointer.
    """
    if len(data) > limit:
        raise _build_size_error(len(data), limit)
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
        raise DocumentError(_explain_why_not_text(data, data[error.start]), span) from None


def _explain_why_not_text(data: bytes, byte: int) -> str:
    if data.startswith(_UTF16):
        return "this is UTF-16 text: save it as UTF-8"
    if b"\0" in data:
        return "binary data, not text"
    return f"byte 0x{byte:02x} is not UTF-8 text: save the file as UTF-8"


def _build_size_error(size: int, limit: int) -> DocumentError:
    most = limit // (1024 * 1024)
    return DocumentError(
        f"the file has {size / (1024 * 1024):.1f} MiB; more than {most} MiB is not read",
        Span(1, 1, 1, 1),
    )
