"""The tools that people write LoRA settings for: a `Document` in, a `Setting` for each LoRA
configuration out, in PEFT's own fields.

A tool is one module, with `TOOL` (all that is known of it as data) and `read(document)`; PEFT's own
forms (`peft_adapter.py`, `peft_python.py`, `generic.py`) stand beside them, and what all share is
in `core/`. A new tool is found by its file: `make new-tool NAME=...`. Begin with `core/setting.py`
and `core/tool.py`, then `axolotl.py`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from loracheck.type_checking import TYPE_CHECKING

from .core.started_servers import names_server

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
"""Kind of a document -> the modules of this package that may know it, in the order of trial: `read`
gives None for a file that is not its own, and a list (maybe an empty one) ends the search.
"""


def find_settings(document: Document) -> list[Setting]:
    """All LoRA configurations that a file holds, in the order of the text; none for a file that has
    nothing to do with LoRA.
    """
    all_settings: list[Setting] = []
    for name in ORDER.get(getattr(document, "kind", document.format), ()):
        settings = _get_reader(name)(document)
        if settings is not None:
            all_settings = settings
            break
    if all_settings and getattr(document, "commands", None) and names_server(document):
        from .core.server_command import add_servers

        add_servers(document, all_settings)
    for inner in getattr(document, "embedded", ()):
        all_settings += find_settings(inner)
    return all_settings


@cache
def _get_reader(name: str) -> Callable[[Document], list[Setting] | None]:
    """`read` of a module of this package."""
    read: Callable[[Document], list[Setting] | None] = import_module(f"{__name__}.{name}").read
    return read
