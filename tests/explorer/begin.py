"""States to begin a test with."""

from __future__ import annotations

from pathlib import Path

from loracheck.explorer.session import fresh, opened
from loracheck.explorer.state import State


def at(path: Path | str) -> State:
    """The state after opening a file."""
    found = opened(str(path))
    assert isinstance(found, State), found
    return found


def new(model: str, tool: str = "peft-json") -> State:
    """A new config for a model."""
    found = fresh(model, tool=tool)
    assert isinstance(found, State), found
    return found
