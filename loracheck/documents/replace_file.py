"""The one gate by which files are written: what is put at a path is there as a whole or not at
all, whatever a full disk or a crash comes between, and through no link out of the repository.
"""

from __future__ import annotations

import contextlib
import os
import stat

from loracheck.type_checking import TYPE_CHECKING

from .model import DocumentError
from .source import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable

BOM = b"\xef\xbb\xbf"


def encode_like(old: bytes, text: str) -> bytes:
    """The text in the old content's encoding: UTF-8, with its byte order mark if it had one."""
    return (BOM if old.startswith(BOM) else b"") + text.encode("utf-8")


def replace_file(path: str, content: bytes | Iterable[bytes]) -> None:
    """Put `content`, or its parts as they come, at the path. A link at the path is replaced, and
    not written through; a device that is named itself (/dev/stdout) is written to. Raises OSError
    where the file cannot be written.
    """
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        with open(path, "wb") as stream:
            stream.writelines(_list_parts(content))
        return
    with contextlib.suppress(FileNotFoundError):
        status = os.lstat(path)
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISLNK(status.st_mode)):
            raise OSError("it is there and no regular file")
    temporary = _write_beside(path, content)
    _put_in_place(temporary, path)


def write_new_file(path: str, content: bytes) -> None:
    """As `replace_file`, for a path where nothing is. Raises FileExistsError where something is."""
    if os.path.lexists(path):
        raise FileExistsError("it is there already")
    temporary = _write_beside(path, content)
    try:
        os.link(temporary, path)  # unlike a replacement this fails where a file is there by now
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        _put_in_place(temporary, path)
        return
    finally:
        _remove(temporary)


def edit_file(path: str, old: bytes, new: bytes) -> None:
    """Put `new` in the place of `old`. The file keeps its mode, and a link stays a link.

    Raises OSError where the file cannot be written, where it is no longer what was read, or where
    a link leaves the repository.
    """
    _require_content(path, old)  # before anything is written where a link may lead
    target = os.path.realpath(path)
    temporary = _write_beside(target, new)
    try:
        _require_content(path, old)
    except OSError:
        _remove(temporary)
        raise
    _put_in_place(temporary, target)


def _require_content(path: str, content: bytes) -> None:
    try:
        with open_regular(path) as stream:
            if stream.read(len(content) + 1) != content:
                raise OSError("it was changed meanwhile")
    except DocumentError as error:
        raise OSError(error.reason) from None


def _list_parts(content: bytes | Iterable[bytes]) -> Iterable[bytes]:
    return (content,) if isinstance(content, bytes) else content


def _write_beside(path: str, content: bytes | Iterable[bytes]) -> str:
    """Write to a temporary file of its own name in the path's folder, with the path's mode."""
    import tempfile  # here, as it loads shutil and the compressors, and most runs write nothing

    folder, name = os.path.split(os.path.abspath(path))
    start = name.encode("utf-8", "replace")[:60].decode("utf-8", "ignore")
    descriptor, temporary = tempfile.mkstemp(prefix=f".{start}.", suffix=".tmp", dir=folder)
    with contextlib.ExitStack() as undo:
        undo.callback(_remove, temporary)  # also after Ctrl-C
        with open(descriptor, "wb") as stream:
            stream.writelines(_list_parts(content))
        os.chmod(temporary, _get_mode(path))
        undo.pop_all()
    return temporary


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _put_in_place(temporary: str, path: str) -> None:
    try:
        os.replace(temporary, path)
    except OSError:
        _remove(temporary)
        raise


def _get_mode(path: str) -> int:
    """The mode of the old file, or the one that `open` would give a new file."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        if not stat.S_ISLNK(status.st_mode):
            return status.st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
