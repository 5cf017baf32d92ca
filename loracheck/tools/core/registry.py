"""From a file to the module of the tool whose file it is, the only one that is imported."""

from __future__ import annotations

from importlib import import_module

from loracheck.type_checking import TYPE_CHECKING

from .detection import fits
from .field_names import MAX_SETTINGS
from .index import load_index

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.documents.values import Table

    from .setting import Setting
    from .tool import Tool


def read(document: Document) -> list[Setting] | None:
    """The settings that the tool's own module finds; None for a file of no known tool."""
    name = detect_tool_of(document)
    if name is None:
        return None
    settings: list[Setting] = import_tool(name).read(document)
    return settings[:MAX_SETTINGS]


def detect_tool_of(document: Document) -> str | None:
    """The name of the tool that a file is for, by the top-level keys of its documents."""
    mappings = (root for root in document.roots if isinstance(root, dict))
    return next((name for root in mappings if (name := detect_tool(root)) is not None), None)


def detect_tool(top: Table) -> str | None:
    """The name of the tool that a mapping at the top of a file is for."""
    for name, signatures in load_index().signatures.items():
        if any(fits(signature, top) for signature in signatures):
            return name
    return None


def import_tool(name: str) -> Any:
    """The module of a tool. ModuleNotFoundError for an unknown name."""
    return import_module(f"loracheck.tools.{name.replace('-', '_')}")


def find_loaded_model(name: str, model: str) -> str:
    """The id of the model that a tool's own loader loads for one, by the module's
    `find_loaded_model`; the same for a tool that loads what it is told.
    """
    if all(name != tool for _, tool in load_index().loaders):
        return model
    find = getattr(import_tool(name), "find_loaded_model", None)
    return model if find is None else str(find(model))


def load_key_maps(name: str) -> tuple[Tool, ...]:
    """The key maps of a tool, that of its usual file first; `MORE` of its module are those of other
    blocks, forms and releases. ModuleNotFoundError for an unknown name.
    """
    module = import_tool(name)
    return (module.TOOL, *getattr(module, "MORE", ()))
