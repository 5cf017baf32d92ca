"""Releases that are installed, read from the metadata on the import path; nothing is imported."""

from __future__ import annotations

import os
from functools import cache

from loracheck.interpreter import InterpreterError, interpreter


@cache
def installed(package: str, python: str | None = None) -> str | None:
    """Version of a package where this interpreter, or the one at the path `python`, would import it
    from; None where it is absent or the interpreter cannot be run.
    """
    try:
        path = interpreter(python).path
    except InterpreterError:
        return None
    for entry in path:
        try:
            names = os.listdir(entry)
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{package}-") and name.endswith(".dist-info"):
                return name[len(package) + 1 : -len(".dist-info")]
    return None
