"""The tools that people write LoRA settings for, one module each.

A dialect is a module with `NAME` and `read(document) -> list[Setting] | None`: None where the
file is not this tool's, a list (maybe empty) where it is. `ORDER` is the order in which they are
asked; the first that knows the file decides.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.documents.model import Document

    from .core.setting import Setting

ORDER = {
    "json": ("peft_adapter", "core.registry", "generic"),
    "yaml": ("core.registry", "generic"),
    "toml": ("core.registry", "generic"),
    "shell": ("core.command_line",),
    "python": ("peft_python",),
    "notebook": ("peft_python",),
}
"""Format of a document -> modules of this package, in the order of asking."""


def find_settings(document: Document) -> list[Setting]:
    """All LoRA configurations that a file holds, in the order of the text; none for a file that has
    nothing to do with LoRA.
    """
    found: list[Setting] = []
    for name in ORDER.get(getattr(document, "kind", document.format), ()):
        ask: Callable[[Document], list[Setting] | None] = import_module(f"{__name__}.{name}").read
        answer = ask(document)
        if answer is not None:
            found = answer
            break
    for inner in getattr(document, "embedded", ()):
        found += find_settings(inner)
    return found
