"""Saved adapters of the repository that a file has a server take, held against that server."""

from __future__ import annotations

from loracheck.engines import UnknownEngineError, parse_engine
from loracheck.tools.core.served_adapters import find_served_adapters
from loracheck.type_checking import TYPE_CHECKING

from .adapter_folders import move_hit, read_adapter_settings
from .contexts import build_context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Hit, RuleContext
    from loracheck.tools.core.behaviour import Server
    from loracheck.tools.core.served_adapters import ServedAdapter

FAMILY = "LC50"
"""The rules that say what an engine makes of an adapter."""


def read_served_adapters(
    document: Document, settings: LintSettings
) -> Iterator[tuple[ServedAdapter, RuleContext]]:
    """Each adapter that a server of the file takes from a folder beside or below the file."""
    for adapter in find_served_adapters(document):
        for setting in read_adapter_settings(document.path, adapter.folder):
            setting.behaviour.server = _drop_old_release(adapter.server)
            stem = settings._replace(serve=())
            yield adapter, build_context(setting, stem, on_disk=True)


def _drop_old_release(server: Server) -> Server:
    """The server without its release where it is older than what is known."""
    try:
        parse_engine(f"{server.engine}=={server.version or ''}")
    except UnknownEngineError:
        return server._replace(version=None)
    return server


def move_hit_to_server(hit: Hit, adapter: ServedAdapter) -> Hit:
    """The hit at the place in the file that names the adapter."""
    return move_hit(hit, adapter.folder, adapter.place)
