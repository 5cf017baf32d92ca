"""A new file, or another content of an old one, that is there as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile


def replace_file(path: str, content: bytes) -> None:
    """Put `content` at the path, through a temporary file of its own name in the same folder, so
    that a full disk or a crash leaves what was there. A link at the path is replaced, and not
    written through. Raises OSError where the file cannot be written.
    """
    folder, name = os.path.split(os.path.abspath(path))
    descriptor, temporary = tempfile.mkstemp(prefix=f".{name[:80]}.", suffix=".tmp", dir=folder)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.chmod(temporary, _mode(path))
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _mode(path: str) -> int:
    """The mode of the old file, or the one that `open` would give a new file."""
    try:
        return os.lstat(path).st_mode & 0o777 if not os.path.islink(path) else _new_mode()
    except OSError:
        return _new_mode()


def _new_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
