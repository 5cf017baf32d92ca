"""Sessions of the explorer, driven key by key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual")

from textual.pilot import Pilot

from loracheck.explorer import state as transitions
from loracheck.explorer.app import Explorer

EXAMPLES = Path(__file__).parents[2] / "examples"
PHI3 = EXAMPLES / "phi3_llama_names.json"

Act = Callable[[Explorer, "Pilot[Any]"], Awaitable[None]]


def drive(state: transitions.State | None, act: Act, size: tuple[int, int] = (100, 30)) -> None:
    """Run the explorer without a terminal and let `act` press keys."""

    async def session() -> None:
        app = Explorer(state)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await act(app, pilot)

    asyncio.run(session())


async def type_text(pilot: Pilot[Any], text: str) -> None:
    """Press the keys that write a text."""
    for char in text:
        await pilot.press(NAMES.get(char, char))


NAMES = {
    ".": "full_stop",
    "*": "asterisk",
    "\\": "backslash",
    "|": "vertical_line",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "_": "underscore",
    ",": "comma",
    " ": "space",
    "/": "slash",
    "-": "minus",
    "[": "left_square_bracket",
    "]": "right_square_bracket",
}


def screen(app: Explorer) -> str:
    """All that can be read on the screen, line by line."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in strips[:height])


async def wait_for(app: Explorer, pilot: Pilot[Any], *texts: str) -> None:
    """Wait for texts on the screen, for minutes if need be: a busy machine draws late."""
    end = time.monotonic() + 600
    while time.monotonic() < end:
        if all(text in screen(app) for text in texts):
            return
        await pilot.pause(0.02)
    raise AssertionError(f"no {texts} on\n{screen(app)}")
