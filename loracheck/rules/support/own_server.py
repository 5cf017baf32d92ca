"""The engine that a file itself starts for its adapter, beside those of `--serve`."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.tools.core.behaviour import Server
    from loracheck.trees.sources.request import ResolvedTree


def add_own_server(
    serve: tuple[str, ...], server: Server, resolved: ResolvedTree
) -> tuple[str, ...]:
    """The engines with the file's own server; the same ones where it is among them already."""
    names = {name.partition("==")[0].strip().lower() for name in serve}
    if server.engine in names:
        return serve
    version, release = server.version, resolved.release
    if server.engine == "transformers" and version is None and release is not None:
        version = release.version  # the one that loads the model loads the adapter
    return (*serve, f"{server.engine}=={version}" if version else server.engine)
