"""What doors need besides the bytes: settings of a run, and a folder to write a file in."""

from __future__ import annotations

import os
import tempfile
from functools import cache
from pathlib import Path

from loracheck.options.lint_settings import LintSettings
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings


@cache
def build_settings() -> LintSettings:
    """The settings of a run without a settings file."""
    return resolve_settings(RunOptions(isolated=True), ()).for_path("a.json")


@cache
def make_folder() -> str:
    """The folder of this process."""
    return tempfile.mkdtemp(prefix="loracheck-fuzz-")


def write_file(name: str, data: bytes) -> str:
    """The path of a file of that name with these bytes."""
    path = os.path.join(make_folder(), name)
    Path(path).write_bytes(data)
    return path
