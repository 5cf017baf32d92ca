"""Folders with a saved adapter that a file names: the settings in them, and hits on these."""

from __future__ import annotations

import os

from loracheck.documents import read
from loracheck.documents.dependencies import is_file
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import join_below, leaves_repository
from loracheck.tools import find_settings
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Path, Span
    from loracheck.rules import Hit
    from loracheck.tools.core.setting import Setting

FILE_NAME = "adapter_config.json"


def read_adapter_settings(file: str, folder: str) -> list[Setting]:
    """The settings of the adapter in a folder beside or below the file that names it. None where no
    adapter's config can be read: what is wrong with it is said of that file itself.
    """
    path = _find_config(file, folder)
    if path is None:
        return []
    try:
        settings = find_settings(read(path))
    except (DocumentError, OSError):
        return []
    return [setting for setting in settings if setting.form == "adapter_config"]


def _find_config(file: str, folder: str) -> str | None:
    """The adapter's config file, where there is one that no `..`, no link and no absolute path
    leads away to.
    """
    inside = join_below(file, folder or os.curdir)
    path = os.path.join(inside, FILE_NAME) if inside is not None else None
    return path if path and is_file(path) and not leaves_repository(path) else None


def move_hit(hit: Hit, folder: str, place: Path | Span) -> Hit:
    """The hit at the place in the file that names the adapter's folder. What belongs to the text of
    the adapter's own file (spans, fix) stays behind.
    """
    return hit._replace(
        message=f"{folder.rstrip('/')}/{FILE_NAME}: {hit.message}",
        at=place,
        key=False,
        written=None,
        related=(),
        spans=(),
        files=(),
        fix=None,
        repeat=None,
    )
