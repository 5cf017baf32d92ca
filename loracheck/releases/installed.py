"""Releases that are installed, read from the metadata on the import path; nothing is imported."""

from __future__ import annotations

import json
import os
import sys
from functools import cache


@cache
def installed(package: str, python: str | None = None) -> str | None:
    """Version of a package where this interpreter, or the one at the path `python`, would import it
    from; None where it is absent or the interpreter cannot be run.
    """
    paths = sys.path if python is None else paths_of(python)
    for entry in paths:
        try:
            names = os.listdir(entry or ".")
        except OSError:
            continue
        for name in names:
            if name.startswith(f"{package}-") and name.endswith(".dist-info"):
                return name[len(package) + 1 : -len(".dist-info")]
    return None


@cache
def paths_of(python: str) -> tuple[str, ...]:
    """sys.path of another interpreter; empty where it cannot be run."""
    import subprocess

    command = [python, "-I", "-c", "import sys, json; print(json.dumps(sys.path))"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        found: list[str] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return ()
    return tuple(found)
