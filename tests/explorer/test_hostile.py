"""What is typed or pasted into the line to try, and what a stranger's file brings to the screen."""

from __future__ import annotations

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loracheck.explorer.preview_match import preview_match
from loracheck.trees.sources.bundle import find_tree

from .states import open_state

SLOW = ("(.*)*x", "(a|a)*b", r"(\w+\.?)+!", "(.*a){30}", "(x+x+)+y", "((a*)*)*b",
        "(?:" * 200 + "a*" + ")*" * 200, ".*" * 40 + "x", "(?=.*a)" * 200)  # fmt: skip
BROKEN = ("(", "[", "*", "a{99999999999}", "(?P<a>", "\\", "(?(1)a", "[[a]", "(?i", "\0", "\ud800",
          "'", '"', "{", "[1, 2", "[null]", "1e400", "9" * 5000, "a," * 5000)  # fmt: skip
PIECES = st.sampled_from([*SLOW[:6], *BROKEN[:12], "q_proj", "\x1b]52;c;a\x07", "\u202e", "|", ","])


@pytest.mark.parametrize("text", [*SLOW, *BROKEN], ids=lambda text: repr(text[:20]))
def test_an_expression_is_answered_in_bounded_time(text: str) -> None:
    tree = find_tree("meta-llama/Llama-3.2-1B")
    start = process_time()
    found = preview_match(text, tree)
    assert found.reason is not None or found.groups is not None
    assert process_time() - start < 10


@settings(deadline=None, max_examples=60)
@given(text=st.lists(PIECES, max_size=3).map("".join) | st.text(max_size=20))
def test_whatever_is_typed_has_an_answer(text: str) -> None:
    found = preview_match(text, find_tree("meta-llama/Llama-3.2-1B"))
    assert found.modules >= 0


def test_the_screen_stays_text(tmp_path: Path) -> None:
    """Names and values with escape sequences, and the same pasted into the line to try."""
    pytest.importorskip("textual")
    from textual import events
    from textual.widgets import Input

    from .pilot import drive, wait_for

    path = tmp_path / "a\x1b]0;x\x07.json"
    path.write_text(json.dumps({
        "peft_type": "LORA", "base_model_name_or_path": "meta-llama/Llama-3.2-1B", "r": 8,
        "target_modules": ["q_proj", "\x1b]52;c;YQ==\x07", "\u202eproj"], "bias": "\x9b2J",
    }))  # fmt: skip
    drawn: list[str] = []

    async def act(app: Any, pilot: Any) -> None:
        await pilot.press("slash")
        field = app.query_one("#try", Input)
        for text in ("\x1b]52;c;YQ==\x07", "(.*)*x\u202e", "[\x9b2J"):
            field.value = ""
            field.post_message(events.Paste(text))
            await pilot.pause()
        await wait_for(app, pilot, "q_proj")
        height = app.size.height
        filters = app.get_line_filters()
        for strip in app.screen._compositor.render_strips()[:height]:
            segments = list(strip)
            for one in filters:
                segments = one.apply(segments, app.screen.styles.background)
            drawn.append("".join(segment.text for segment in segments))

    drive(open_state(path), act)
    assert any("q_proj" in line for line in drawn)
    assert all(line.isprintable() for line in drawn), drawn
