"""The help screen's text."""

from __future__ import annotations

from textual.content import Content

from loracheck.config.field_table import get_lora_fields
from loracheck.explain.field.page import render_field

KEYS = (
    ("Everywhere", (
        ("Tab, Shift+Tab", "the next pane: model, config, findings"),
        ("Ctrl+F", "mend: apply the suggested fix of the finding at hand"),
        ("Ctrl+G", "mend everything that has a fix"),
        ("Ctrl+Z, Ctrl+R", "undo, redo"),
        ("Ctrl+S", "save; the changes are shown first"),
        ("Ctrl+O", "open another file, or begin a new config"),
        ("Ctrl+N", "the file's next LoRA setting"),
        ("Ctrl+B", "look at it with another model"),
        ("Ctrl+P, Ctrl+L", "judge by a PEFT release, by a server"),
        ("Ctrl+Y", "copy it as Python, or as YAML of a tool"),
        ("Ctrl+T", "light or dark"),
        ("F1, ?", "this help (? where no text is typed)"),
        ("Ctrl+Q", "quit"),
    )),
    ("Model", (
        ("↑ ↓ ← →", "move, fold and unfold"),
        ("Space", "adapt the modules of the line, or leave them out"),
        ("/", "try names or a regular expression; Enter makes it the targets"),
        ("a", "show modules that LoRA cannot wrap, too"),
    )),
    ("Config", (
        ("↑ ↓, Enter", "the next field"),
        ("type", "a, b for a list of names; anything else is a regular expression"),
        ("", "0-15, 20 for layers; q_proj: 16, v_proj: 8 for a mapping"),
        ("", "an empty field is left out of the file"),
        ("← →", "turn a choice; Backspace leaves it out"),
    )),
    ("Findings", (("↑ ↓, Enter", "mend it, or go to its field"),)),
    ("Signs", (
        ("● r16", "adapted with rank 16"),
        ("◐ 12/32", "only some of these modules are"),
        ("○", "could be adapted"),
        ("■", "trained and saved in full"),
        ("64/128", "so many linear layers below are adapted"),
    )),
)  # fmt: skip


def build_help_text(field: str | None) -> Content:
    """Keys and signs, then the page of a field."""
    parts = []
    for title, rows in KEYS:
        parts.append(Content.styled(title, "bold $text-accent"))
        for key, text in rows:
            parts.append(Content.assemble((f"  {key:<16}", "bold"), text))
        parts.append(Content(""))
    lora_field = get_lora_fields().get(field or "")
    if lora_field is not None:
        parts.append(Content.styled(f"The field {lora_field.name}", "bold $text-accent"))
        parts.append(Content(render_field(lora_field)))
    return Content("\n").join(parts)
