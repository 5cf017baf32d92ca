"""What keeps a build from everything but its own work, put up in layers: each holds where another
has a gap.

`enter(readable)` is called once transformers is imported and before the first byte of a stranger's
config is read. From then on the process can read below its import path, write its answer, and
nothing else: no other file, no socket, no program, no further process. The audit hook does it on
every platform, the kernel too where it can (Linux: Landlock and seccomp).
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def enter(readable: Iterable[str]) -> list[str]:
    """Shut the process in, for good. `readable` are folders and files that may still be read.

    Returns the layers that hold, in words. The kernel's go first: they are asked for through
    ctypes, which the audit hook then refuses.
    """
    roots = sorted(
        {real for path in readable for real in _resolve_links(path)} | _find_package_folders()
    )
    sys.dont_write_bytecode = True
    resources = import_module("sandbox.resources")
    held = resources.forbid_files()
    if sys.platform.startswith("linux") and find_spec("_ctypes") is not None:
        held += import_module("sandbox.landlock").restrict([*roots, *list_library_paths()])
        held += import_module("sandbox.seccomp").restrict()
    import_module("sandbox.audit").install(roots)
    return [*held, "audit hook"]


def _resolve_links(path: str) -> list[str]:
    """A folder of the import path, and what the links in it lead to: some installers (Nix, conda
    across file systems, uv if told to) make folders of links.
    """
    if not os.path.isdir(path):
        return [os.path.realpath(path)] if os.path.exists(path) else []
    with os.scandir(path) as entries:
        links = [os.path.realpath(entry.path) for entry in entries if entry.is_symlink()]
    return [os.path.realpath(path), *(link for link in links if os.path.exists(link))]


def _find_package_folders() -> set[str]:
    """Where the packages that are imported really stand, if each of their files is a link."""
    files = (getattr(sys.modules[name], "__file__", None) for name in _list_top_packages())
    return {os.path.dirname(os.path.realpath(file)) for file in files if file}


def _list_top_packages() -> list[str]:
    return [
        name
        for name, module in sys.modules.items()
        if "." not in name and hasattr(module, "__path__")
    ]


def list_library_paths() -> list[str]:
    """Where the dynamic linker finds what a compiled module of the import path needs."""
    system = ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store"]
    library_folder = os.path.join(sys.base_prefix, "lib")
    named = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    paths = [
        *system,
        library_folder,
        *(path for path in named if os.path.isabs(path)),
        "/etc/ld.so.cache",
    ]
    return [os.path.realpath(path) for path in paths if os.path.exists(path)]
