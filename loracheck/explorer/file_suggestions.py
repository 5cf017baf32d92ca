"""Files that could be opened: those in a folder, and LoRA configs below it."""

from __future__ import annotations

import os

from loracheck.documents import FORMATS, read
from loracheck.documents.model import DocumentError
from loracheck.tools import find_settings
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES_READ = 400
"""Files that are opened to see whether they set LoRA up."""

_SKIPPED_FOLDERS = frozenset(
    {"node_modules", "__pycache__", "site-packages", "venv", "env", "build"}
)
MAX_DEPTH = 4


def find_configs(root: str = ".") -> list[tuple[str, str]]:
    """LoRA configs below a folder: (path, what it is), at most `LOOKED_AT` files being read."""
    configs = []
    for number, path in enumerate(_walk_files(root)):
        if number >= MAX_FILES_READ:
            break
        description = _describe_file(path)
        if description:
            configs.append((path, description))
    return configs


def _walk_files(root: str) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        depth = os.path.relpath(folder, root).count(os.sep)
        keep = [f for f in folders if not f.startswith(".") and f not in _SKIPPED_FOLDERS]
        folders[:] = sorted(keep) if depth < MAX_DEPTH else []
        for name in sorted(names):
            if os.path.splitext(name)[1].lower() in FORMATS:
                yield os.path.relpath(os.path.join(folder, name), ".")


def _describe_file(path: str) -> str:
    """The dialect and model of a LoRA config; empty for any other file."""
    try:
        settings = find_settings(read(path))
    except (DocumentError, OSError):
        return ""
    if not settings:
        return ""
    model = settings[0].model
    return f"{settings[0].tool_name}  {model if isinstance(model, str) else ''}".strip()


def complete_path(text: str) -> list[tuple[str, str]]:
    """What a path that is being typed could become: folders and files that can be read."""
    folder, start = os.path.split(os.path.expanduser(text))
    try:
        names = sorted(os.scandir(folder or "."), key=lambda e: (not e.is_dir(), e.name.lower()))
    except OSError:
        return []
    suggestions = []
    for entry in names:
        if not entry.name.lower().startswith(start.lower()) or entry.name.startswith("."):
            continue
        path = os.path.join(folder, entry.name)
        if entry.is_dir():
            suggestions.append((path + os.sep, entry.name + os.sep))
        elif os.path.splitext(entry.name)[1].lower() in FORMATS:
            suggestions.append((path, entry.name))
    return suggestions
