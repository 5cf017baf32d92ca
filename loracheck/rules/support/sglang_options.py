"""The options for LoRA that SGLang refuses. In come a server's options, out come hits.

SGLang 0.5.23 `python/sglang/srt/server_args.py` (check_lora_server_args); 0.3.4, 0.4.3, 0.4.6,
0.4.6.post5, 0.4.10, 0.5.0 and 0.5.1 of the same file for the caches.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions

LOADED, PER_BATCH, ADAPTERS = "max-loaded-loras", "max-loras-per-batch", "lora-paths"

DEFAULT_PER_BATCH = 8
"""SGLang's `--max-loras-per-batch`."""

_CACHES = (("disable-cuda-graph", (0, 4, 6)), ("disable-radix-cache", (0, 4, 10)))
"""What has to be switched off beside adapters, and the last release that asks for it."""


def check_sglang(server: ServerOptions) -> Iterator[Hit]:
    """One hit for every option, or missing one, with which SGLang does not start."""
    yield from check_room(
        server, LOADED, server.get_number(PER_BATCH, DEFAULT_PER_BATCH), PER_BATCH
    )
    room, adapters = server.get_number(LOADED), len(server.adapters)
    if room is not None and adapters > room and server.complete:
        yield Hit(
            f"{adapters} adapters and {LOADED} {room}: SGLang does not start",
            server.place(LOADED),
            help=f"write {adapters} or more",
        )
    yield from _check_caches(server)


def _check_caches(server: ServerOptions) -> Iterator[Hit]:
    """The caches that an older release cannot have beside adapters."""
    if server.version is None or ADAPTERS not in server.values or not server.complete:
        return
    release = tuple(int(part) for part in server.version.split(".")[:3])
    missing = [name for name, last in _CACHES if release <= last and name not in server.values]
    if missing:
        yield Hit(
            f"SGLang {server.version} starts with adapters only beside {' and '.join(missing)}: "
            'AssertionError ("compatibility of lora and cuda graph and radix attention is in '
            'progress")',
            server.place(ADAPTERS),
            help=f"add {' '.join(f'--{name}' for name in missing)}, or use 0.5.0 or newer",
        )


def check_room(server: ServerOptions, name: str, least: int | None, other: str) -> Iterator[Hit]:
    """An option that must not be below another one."""
    room = server.get_number(name)
    if room is not None and least is not None and room < least:
        origin = "" if other in server.values else ", its default"
        yield Hit(
            f"{name} {room} is below {other} {least}{origin}: the server does not start",
            server.place(name),
            help=f"write {least} or more, or lower {other}",
        )
