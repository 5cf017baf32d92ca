"""The bottom of the screen: the numbers, and what the linter has to say."""

from __future__ import annotations

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from loracheck.type_checking import TYPE_CHECKING

from .number_lines import KeyNumbers, format_numbers
from .pane_text import format_advice, format_headline
from .repaint import show_text

if TYPE_CHECKING:
    from typing import ClassVar

    from loracheck.findings import Finding

    from .view import View

TONE = {"error": "$text-error", "warning": "$text-warning", "note": "$text-muted"}


class NumbersPane(Static):
    """Modules, parameters, share and size, and how they differ from the file as it was opened."""

    def __init__(self, id: str) -> None:
        super().__init__("", id=id)

    def show(self, view: View, before: KeyNumbers | None) -> None:
        """Show another moment."""
        lines = format_numbers(view, before, max(self.size.width or 78, 40))
        styled = [
            Content.assemble(*((text, style) if style else text for text, style in line))
            for line in lines
        ]
        show_text(self, Content("\n").join(styled))


class FindingList(OptionList):
    """One entry a finding; enter mends it where that can be done."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Mend it", show=False)]

    class Selected(Message):
        """A finding is to be mended."""

        def __init__(self, finding: Finding) -> None:
            super().__init__()
            self.finding = finding

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._findings: tuple[Finding, ...] = ()

    def show(self, view: View) -> None:
        """Show another moment; the same findings keep the cursor."""
        findings = view.findings
        reason = view.context.resolved.reason
        self.border_title = _format_title(findings)
        if findings == self._findings and self.option_count:
            return
        here = self.highlighted or 0
        before, self._findings = self._findings, findings
        if findings and len(findings) == len(before):
            self._update_texts(before)
            return
        self.clear_options()
        if findings:
            self.add_options([Option(_build_entry_content(finding)) for finding in findings])
            self.highlighted = min(here, len(findings) - 1)
        else:
            text = (
                f"not held against a model: {reason}" if reason else "✓ nothing to complain about"
            )
            self.add_option(Option(Content.styled(text, "$text-success" if not reason else "")))

    def _update_texts(self, before: tuple[Finding, ...]) -> None:
        """As many findings as before: only what differs is drawn, and nothing is laid out anew."""
        for number, (old, new) in enumerate(zip(before, self._findings, strict=True)):
            if old != new:
                self.replace_option_prompt_at_index(number, _build_entry_content(new))

    @property
    def finding(self) -> Finding | None:
        """The one under the cursor."""
        at = self.highlighted
        return self._findings[at] if at is not None and at < len(self._findings) else None

    def find_fixable(self) -> Finding | None:
        """The one under the cursor if it has a fix, else the first that has."""
        at = self.finding
        if at is not None and at.fix is not None and at.fix.changes:
            return at
        return next((f for f in self._findings if f.fix is not None and f.fix.changes), None)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter."""
        event.stop()
        if self.finding is not None:
            self.post_message(self.Selected(self.finding))


def _format_title(findings: tuple[Finding, ...]) -> str:
    mends = sum(f.fix is not None and bool(f.fix.changes) for f in findings)
    words = f"Findings: {len(findings)}" if findings else "Findings"
    every = f", Ctrl+G all {mends}" if mends > 1 else ""
    return f"{words} (Ctrl+F mends one{every})" if mends else words


def _build_entry_content(finding: Finding) -> Content:
    text = format_advice(finding)
    head = Content.styled(format_headline(finding), TONE[finding.severity])
    if not text:
        return head
    fixable = finding.fix is not None and bool(finding.fix.changes)
    tail = Content.styled(f"  → {text}", "$text-success" if fixable else "$text-muted")
    return Content("\n").join([head, tail])
