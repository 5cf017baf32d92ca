"""`Item`: one thing that may be written at the cursor."""

from __future__ import annotations

from typing import Literal

from loracheck.named_tuple import NamedTuple


class Item(NamedTuple):
    """One thing that may be written."""

    label: str
    kind: Literal["key", "value", "module", "model", "rule"]
    text: str
    """What is put in, from `start` to `end`."""

    start: int
    end: int
    detail: str = ""
    """What it is, in a few words."""

    help: str = ""
    """More, in plain text."""
