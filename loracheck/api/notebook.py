"""Pages and texts as a notebook shows them: in a frame, so that its styles stay its own."""

from __future__ import annotations

from loracheck.explain.html.elements import build_element, serialize

HEIGHT = 620
"""Height of the frame in pixels."""


def show_page(page: str) -> str:
    """A whole page as a frame, which runs and loads nothing."""
    style = f"width: 100%; height: {HEIGHT}px; border: 0"
    return serialize(build_element("iframe", "", srcdoc=page, style=style, sandbox=""), html=True)


def show_text(text: str) -> str:
    """A text as it stands."""
    return serialize(build_element("pre", text), html=True)
