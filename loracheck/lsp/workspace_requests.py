"""Diagnostics of a workspace's files that are not open: where the editor's settings ask for them,
or by the command.
"""

from __future__ import annotations

import os
from pathlib import Path

from lsprotocol import types

from loracheck.type_checking import TYPE_CHECKING

from . import messages
from .lora_server import LoraServer, get_file_path
from .positions import Positions
from .workspace_files import USUAL_ERRORS, check_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.results import FileResult

CHECK = "loracheck.checkWorkspace"
"""The command that checks every file of the workspace; it gives the number of findings."""


def answer_workspace(server: LoraServer) -> None:
    """Register the answers."""

    @server.feature(types.INITIALIZED)
    async def initialized(ls: LoraServer, params: types.InitializedParams) -> None:
        if ls.lora.whole_workspace:
            await check_workspace(ls)

    @server.command(CHECK)
    async def check(ls: LoraServer) -> int:
        ls.lora.whole_workspace = True
        return await check_workspace(ls)


async def check_workspace(ls: LoraServer) -> int:
    """Check the folders' files and tell what is to be said of those that are not open; the number
    of findings. Files that had some and have none any more are told, too.
    """
    before, ls.lora.reported_files, count = set(ls.lora.reported_files), {}, 0
    for folder in _list_folders(ls):
        search = check_folder(folder, ls.lora.options)
        while (result := await ls.work(_get_next_result, ls, search)) is not None:
            count += len(result.findings)
            if result.findings:
                uri = Path(os.path.abspath(result.file or result.path)).as_uri()
                ls.lora.reported_files[uri] = result
                if uri not in _open_addresses(ls):
                    _tell(ls, uri, result)
    for uri in before - set(ls.lora.reported_files) - _open_addresses(ls):
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
    return count


def tell_closed(ls: LoraServer, uri: str) -> None:
    """What is still to be said of a file whose text was closed."""
    files = ls.lora.reported_files.get(_normalise_uri(uri))
    if files is None:
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))
    else:
        _tell(ls, uri, files)


def _list_folders(ls: LoraServer) -> list[str]:
    """The workspace's folders, of those that are files."""
    uris = [*ls.workspace.folders] or [ls.workspace.root_uri]
    return [path for path in (get_file_path(uri or "") for uri in uris) if path]


def _get_next_result(ls: LoraServer, search: Iterator[FileResult]) -> FileResult | None:
    try:
        return next(search, None)
    except USUAL_ERRORS as error:
        ls.lora.say_once(str(error))
        return None


def _open_addresses(ls: LoraServer) -> set[str]:
    return {_normalise_uri(uri) for uri in ls.lora.texts}


def _normalise_uri(uri: str) -> str:
    """A file's address as Python writes it: editors escape different characters."""
    path = get_file_path(uri)
    return Path(os.path.abspath(path)).as_uri() if path else uri


def _tell(ls: LoraServer, uri: str, result: FileResult) -> None:
    places = Positions("\n".join(result.lines or ("",)))
    diagnostics = [messages.to_diagnostic(finding, uri, places) for finding in result.findings]
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))
