"""States to begin a test with."""

from __future__ import annotations

from pathlib import Path

from loracheck.explorer.session import create_config, open_config
from loracheck.explorer.state import State


def open_state(path: Path | str) -> State:
    """The state after opening a file."""
    found = open_config(str(path))
    assert isinstance(found, State), found
    return found


def new_state(model: str, tool: str = "peft-json") -> State:
    """A new config for a model."""
    found = create_config(model, tool=tool)
    assert isinstance(found, State), found
    return found
