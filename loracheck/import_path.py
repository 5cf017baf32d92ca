"""Which entries of Python's import path are the user's own, and which a linted repository's.

loracheck runs in folders of strangers. Nothing there may be imported, so the working directory is
no place to import from, whatever put it on the path: `python -m`, PYTHONPATH, or a `.pth` file.

Nothing is imported here but what Python itself has loaded, not even `__future__` or `typing`: with
`python -m loracheck` they would come from the working directory.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def without_working_directory(path: "Iterable[str]") -> list[str]:
    """The entries but for the working directory itself and those that are relative to it."""
    here = _find_working_folder()
    return [entry for entry in path if os.path.isabs(entry) and _resolve_path(entry) != here]


def list_trusted_entries(path: "Iterable[str]") -> list[str]:
    """The entries that do not lie in the working directory, and those that do with the
    interpreter's own folders (a `.venv` in it) or with loracheck itself.
    """
    here, own_folders = _find_working_folder(), _list_own_folders()
    trusted = []
    for entry in filter(os.path.isabs, path):
        place = _resolve_path(entry)  # once: each takes a look at every folder above
        if place != here and (
            here is None
            or os.path.dirname(here) == here  # everything is below the root
            or not _is_below(place, here)
            or any(_is_below(place, folder) for folder in own_folders)
        ):
            trusted.append(entry)
    return trusted


def _list_own_folders() -> list[str]:
    """Where this interpreter, its user's packages and loracheck are installed."""
    site = sys.modules.get("site")
    user = getattr(site, "USER_SITE", None) if getattr(site, "ENABLE_USER_SITE", False) else None
    loracheck = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    folders = {sys.prefix, sys.base_prefix, sys.exec_prefix, user or sys.prefix, loracheck}
    return [_resolve_path(folder) for folder in folders]


def _find_working_folder() -> str | None:
    try:
        return _resolve_path(os.getcwd())
    except OSError:  # it was deleted
        return None


def _resolve_path(path: str) -> str:
    return os.path.normcase(os.path.realpath(path))


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(os.path.join(folder, ""))
