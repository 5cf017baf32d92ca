"""Updates the texts of the panes without a new layout of the screen, which is most of a keystroke's
time.
"""

from __future__ import annotations

from textual.binding import Binding
from textual.geometry import Size
from textual.reactive import Reactive
from textual.widgets import Input

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from textual import events
    from textual.content import Content
    from textual.widgets import Static


_EDITING_ACTIONS = {
    key: binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding)
    for key in binding.key.split(",")
}
"""What an input line does with its own keys, not with those of scrolling, which it has as well."""


class InputLine(Input):
    """A line to type in. How long its text is changes nothing around it."""

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)

    async def _on_key(self, event: events.Key) -> None:
        """Its own keys (backspace, the arrows) at once, as letters are. Left to themselves they go
        up to the app first, and letters typed meanwhile overtake them.
        """
        action = _EDITING_ACTIONS.get(event.key)
        if action is None:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()
        await self.run_action(action)


def show_text(place: Static, text: Content | str) -> None:
    """Show the text in a widget whose size does not depend on it; nothing where it is there."""
    if place.content != text:
        place.update(text, layout=False)
