"""Folders that a script names and that lie beside it: what they hold of an adapter."""

from __future__ import annotations

from os.path import join

from loracheck.documents import read
from loracheck.documents.dependencies import exists, list_names
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import join_below
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.values import Table

CONFIG = "adapter_config.json"


def read_local_adapter(document: Document, folder: object) -> Table | None:
    """The config of the adapter in a folder, as the document names it; None where there is none, or
    none that can be read.
    """
    path = find_local_folder(document, folder)
    if path is None or not exists(join(path, CONFIG)):
        return None
    try:
        roots = read(join(path, CONFIG)).roots
    except (OSError, DocumentError):
        return None
    top = roots[0] if roots else None
    return top if isinstance(top, dict) else None


def find_local_folder(document: Document, folder: object) -> str | None:
    """The path of a folder beside or below the document, which names it by a relative text; None
    for anything else.
    """
    if not isinstance(folder, str) or "://" in folder:
        return None
    return join_below(document.path, folder)


def find_checkpoint(folder: str) -> str | None:
    """The last of a trainer's checkpoints in a folder that holds an adapter; None where there is
    none.
    """
    try:
        names = list_names(folder, "checkpoint-*")
    except OSError:
        return None
    numbered = sorted(
        (int(number), name) for name in names if (number := name.partition("-")[2]).isdecimal()
    )
    return next(
        (name for _, name in reversed(numbered) if exists(join(folder, name, CONFIG))), None
    )
