"""Texts put in their place without laying the screen out anew, which takes most of a keystroke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

if TYPE_CHECKING:
    from textual.content import Content
    from textual.widgets import Static


class Line(Input):
    """A line to type in. How long its text is changes nothing around it."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)


def put(place: Static, text: Content | str) -> None:
    """Show the text in a widget whose size does not depend on it; nothing where it is there."""
    if place.content != text:
        place.update(text, layout=False)
