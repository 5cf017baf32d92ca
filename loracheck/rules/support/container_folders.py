"""An adapter of a container under the path that its folder has outside. In come a server's options,
out come hits.

Docker's reference (`--volume HOST:CONTAINER`: the container sees the folder at its second path) and
the compose file reference (services: volumes).
"""

from __future__ import annotations

from loracheck.rules.support.server_adapters import is_open
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.tools.core.server_options import ServerOptions

_OPTIONS = {"vllm": "lora-modules", "sglang": "lora-paths", "tgi": "lora-adapters"}
_VARIABLE = "LORA_ADAPTERS"


def check_container(server: ServerOptions) -> Iterator[Hit]:
    """One hit for every adapter that a mounted folder of the host holds, and no folder of the
    container.
    """
    name = _OPTIONS.get(server.engine, "")
    name = name if name in server.values else _VARIABLE
    if not server.volumes or (name not in server.values and name not in server.environment):
        return
    for path in _list_paths(server):
        found = next((pair for pair in server.volumes if _is_below(path, pair[0])), None)
        seen = any(_is_below(path, target.partition(":")[0]) for _, target in server.volumes)
        if found is None or seen or is_open(path) or is_open(found[1]):
            continue
        source, target = found
        inside = target.rstrip("/") + path.rstrip("/").removeprefix(source.rstrip("/"))
        yield Hit(
            f"`{path}` is the path outside of the container, which has that folder at `{target}`: "
            "the adapter is not found",
            server.place(name),
            help=f"write {inside}",
        )


def _list_paths(server: ServerOptions) -> Iterator[str]:
    listed = server.values.get("lora-adapters", "") or server.environment.get(_VARIABLE, "")
    given = listed.split(",") if server.engine == "tgi" else server.adapters
    for value in given:
        name, equals, path = value.strip().partition("=")
        yield path if equals else name


def _is_below(path: str, folder: str) -> bool:
    """Whether a path is the folder, or lies in it."""
    folder = folder.rstrip("/")
    return len(folder) > 1 and (path.rstrip("/") == folder or path.startswith(f"{folder}/"))
