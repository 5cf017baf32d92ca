"""JSON files that stand beside a config (a model's config, a weight index, a lock file): read from
a regular file of a bounded size and nesting, so that a hostile one is an error and nothing else.
"""

from __future__ import annotations

import re

import loracheck.quick_json as json
from loracheck.type_checking import TYPE_CHECKING

from .model import DocumentError
from .source import load

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

MiB = 1024 * 1024
MAX_CONFIG = 4 * MiB
"""Largest config.json that is read. The biggest published ones have some 100 kB (long label
tables); 4 MiB leaves room.
"""
MAX_INDEX = 32 * MiB
"""Largest weight index or lock file that is read: an index of 100,000 tensors has some 10 MB."""
MAX_DEPTH = 64
"""Deepest nesting that is read: configs of several towers have 4 to 6 levels."""


class JsonFileError(ValueError):
    """The file is not JSON that can be used; the message is one clear sentence."""


def load_json(path: str, limit: int = MAX_CONFIG, *, anywhere: bool = False) -> Any:
    """The value of a JSON file of at most `limit` bytes; `anywhere` as
    `open_regular` has it.

    Raises OSError where the system refuses, JsonFileError for what is no regular file, too large,
    no JSON, or nested deeper than MAX_DEPTH.
    """
    try:
        data = load(path, limit, anywhere=anywhere)
    except DocumentError as error:
        raise JsonFileError(error.reason) from None
    except ValueError as error:  # a path that no file can have
        raise JsonFileError(str(error)) from None
    try:
        value = json.loads(data)
    except RecursionError:
        raise JsonFileError(f"it is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError as error:
        raise JsonFileError(_explain(data, error)) from None
    if _is_deep(value):
        raise JsonFileError(f"it is nested deeper than {MAX_DEPTH} levels")
    return value


def _explain(data: bytes, error: ValueError) -> str:
    """Why the bytes of a file are no JSON, with the place."""
    if not data.strip():
        return "it is empty"
    conflict = re.search(rb"^<{7} ", data, re.MULTILINE)
    if conflict is not None:
        line = data.count(b"\n", 0, conflict.start()) + 1
        return f"a merge conflict is left in it, at line {line}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not JSON: it is no text of UTF-8"
    from json import JSONDecodeError

    if isinstance(error, JSONDecodeError):
        reason = error.msg[:1].lower() + error.msg[1:]
        return f"it is not JSON: line {error.lineno}, column {error.colno}: {reason}"
    return f"it is not JSON: {error}"


def _is_deep(value: Value) -> bool:
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, (dict, list))
        ]
        if not level:
            return False
    return True
