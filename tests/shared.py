"""Real files kept beside the repository: used where they are, never copied."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("LORACHECK_SHARED") or Path(__file__).parents[2] / "shared")


def files(name: str, *suffixes: str) -> list[Path]:
    """The files below one folder; empty where the folder is absent."""
    return sorted(p for p in (FOLDER / name).rglob("*") if p.suffix in suffixes and p.is_file())


def needs(name: str) -> pytest.MarkDecorator:
    """Skip where the folder is absent."""
    return pytest.mark.skipif(not (FOLDER / name).is_dir(), reason=f"no folder {name}")
