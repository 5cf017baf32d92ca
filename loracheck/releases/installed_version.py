"""Releases that are installed, read from the metadata on the import path; nothing is imported."""

from __future__ import annotations

import os
from functools import cache

from loracheck.interpreter import InterpreterError, find_interpreter


def find_installed_version(package: str, python: str | None = None) -> str | None:
    """Version of a package where this interpreter, or the one at the path `python`, would import it
    from; None where it is absent or the interpreter cannot be run.
    """
    return _collect_installed_versions(python).get(package)


@cache
def _collect_installed_versions(python: str | None) -> dict[str, str]:
    """The distributions on an import path, from one pass over its folders: the first of each counts
    (PyPA's specification "Recording installed projects": NAME-VERSION.dist-info).
    """
    try:
        path = find_interpreter(python).path
    except InterpreterError:
        return {}
    versions: dict[str, str] = {}
    for entry in path:
        try:
            names = os.listdir(entry)
        except OSError:
            continue
        for name in names:
            if name.endswith(".dist-info"):
                package, _, version = name.removesuffix(".dist-info").partition("-")
                versions.setdefault(package, version)
    return versions
