"""Where the cache of results lies, and what a kept result depends on beside files: the version of
loracheck, the packages, the settings.
"""

from __future__ import annotations

import json
import os
import stat
import sys

from loracheck.trees.sources.tree_cache import find_cache_folder
from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from .cache_file import compute_digest
from .result_cache import FORMAT

if TYPE_CHECKING:
    from typing import Any

    from loracheck.options.lint_settings import LintSettings

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

_VARIABLES = (
    "HF_HUB_CACHE",
    "HUGGINGFACE_HUB_CACHE",
    "HF_HOME",
    "XDG_CACHE_HOME",
    "LORACHECK_CACHE",
    "HOME",
)
"""Variables that say where models are looked for."""


def find_results_folder() -> str | None:
    """The folder of the cache, made where there is none; None where there is none to be trusted:
    another user may write to it, or it lies in the repository that is checked, which a stranger
    may have filled.
    """
    folder = os.path.join(os.path.abspath(find_cache_folder()), "results")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.stat(folder)
        real, here = os.path.realpath(folder), os.path.realpath(_find_repository())
    except OSError:
        return None
    if sys.platform != "win32" and (status.st_uid != os.geteuid() or status.st_mode & 0o022):
        return None
    return None if not stat.S_ISDIR(status.st_mode) or _is_below(real, here) else folder


def _find_repository() -> str:
    """The repository that the working directory lies in, or that directory."""
    start = here = os.getcwd()
    while not os.path.exists(os.path.join(here, ".git")):
        above = os.path.dirname(here)
        if above == here:
            return start
        here = above
    return here


def _is_below(path: str, folder: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def describe_run() -> str:
    """A text that is another one where loracheck, Python, an installed package, the working
    directory, or the place of a cache of models is another one.
    """
    packages = [(entry, _get_change_time(entry or ".")) for entry in sys.path]
    variables = [os.environ.get(name) for name in _VARIABLES]
    return repr(
        (
            FORMAT,
            __version__,
            _identify_code(),
            sys.version,
            sys.executable,
            os.getcwd(),
            packages,
            variables,
        )
    )


def describe_settings(settings: LintSettings) -> str:
    """A text that is another one for settings that may give another result."""
    trees = settings.trees
    values: list[Any] = [sorted(settings.codes), settings.model, settings.peft, trees.transformers]
    values += [trees.lock, trees.local, settings.with_lines, list(settings.serve)]
    options = {code: dict(numbers) for code, numbers in (settings.options or {}).items()}
    return json.dumps([*values, options], sort_keys=True, default=repr)


def can_keep(settings: LintSettings) -> bool:
    """Whether results under the settings may be kept: not where they hang on the network, another
    interpreter, a policy's files or a model of this process.
    """
    trees = settings.trees
    return not (trees.online or trees.python or settings.policies or settings.find_tree)


def _get_change_time(path: str) -> int | None:
    """When a folder of packages was changed last."""
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None


def _identify_code() -> object:
    """What tells this code from other code of the same version: the installer's record of its
    files, with their digests; without one (a checkout) the files' sizes and times.
    """
    record = os.path.join(os.path.dirname(_PACKAGE), f"loracheck-{__version__}.dist-info", "RECORD")
    try:
        with open(record, "rb") as file:
            return _PACKAGE, compute_digest(file.read())
    except OSError:
        return _PACKAGE, compute_digest(repr(sorted(_list_files(_PACKAGE))).encode())


def _list_files(folder: str) -> list[tuple[str, int, int]]:
    files = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                files += _list_files(entry.path) if entry.name != "__pycache__" else []
            else:
                status = entry.stat()
                files.append((entry.path, status.st_size, status.st_mtime_ns))
    return files
