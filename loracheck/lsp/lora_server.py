"""`LoraServer`: the server with the texts that it knows. Everything that judges runs on one thread
of its own, so that the editor is never kept waiting by a tree that is being built.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from loracheck.documents import FORMATS
from loracheck.reporters.sinks import log_lines
from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from . import messages
from .positions import Positions
from .workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")

SUFFIXES = {
    "json": ".json",
    "jsonc": ".json",
    "yaml": ".yaml",
    "toml": ".toml",
    "python": ".py",
    "shellscript": ".sh",
}
"""The editor's name of a language -> the suffix of its files, for a text without a file."""

PATIENCE = 0.5
"""Seconds of work after which the editor is told that it goes on."""


class LoraServer(LanguageServer):
    """The server, with the texts that it knows."""

    def __init__(self) -> None:
        super().__init__(
            "loracheck", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full
        )
        self.lora = Workspace(self._say)
        self.judging = ThreadPoolExecutor(1, "loracheck")
        self.loop: asyncio.AbstractEventLoop | None = None

    async def work(self, function: Callable[..., T], *arguments: Any) -> T:
        """What a function gives, worked out on the thread that judges."""
        self.loop = asyncio.get_running_loop()
        return await self.loop.run_in_executor(self.judging, function, *arguments)

    def positions(self, text: str) -> Positions:
        """The places of a text in the encoding that the editor counts in."""
        encoding = self.workspace.position_encoding
        return Positions(text, str(getattr(encoding, "value", encoding)))

    def _say(self, words: str) -> None:
        params = types.ShowMessageParams(types.MessageType.Warning, log_lines(words))
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.window_show_message, params)

    async def judge(self, uri: str) -> None:
        """Judge a text and send what is to be said of it, unless it has changed meanwhile."""
        text = self.lora.texts.get(uri)
        if text is None:
            return
        version = text.version

        def analyse_newest() -> list[types.Diagnostic] | None:
            if text.version != version:
                return None
            diagnostics = self.lora.analyse(text)
            places = self.positions(diagnostics.text)
            return [
                messages.to_diagnostic(finding, uri, places) for finding in diagnostics.findings
            ]

        diagnostics = await self._await_with_progress(self.work(analyse_newest))
        if diagnostics is not None and text.version == version and uri in self.lora.texts:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, diagnostics, version)
            )

    async def _await_with_progress(self, work: Coroutine[Any, Any, T]) -> T:
        """What the work gives. Where it takes long, the editor shows that a tree is being built."""
        task = asyncio.ensure_future(work)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        window = self.client_capabilities.window
        if done or window is None or not window.work_done_progress:
            return await task
        token = str(uuid4())
        await self.work_done_progress.create_async(token)
        begin = types.WorkDoneProgressBegin("loracheck", message="building the model's tree")
        self.work_done_progress.begin(token, begin)
        try:
            return await task
        finally:
            self.work_done_progress.end(token, types.WorkDoneProgressEnd())


def get_file_path(uri: str) -> str | None:
    """The path of a file's address; None for an address of another kind."""
    parts = urlsplit(uri)
    if parts.scheme != "file":
        return None
    return url2pathname(unquote(parts.path)) if os.name == "nt" else unquote(parts.path)


def get_text_path(uri: str, language: str = "") -> str | None:
    """The path of a text's file, or a name with its format's suffix where it has none; None for a
    text of a format that loracheck does not read.
    """
    parts = urlsplit(uri)
    path = get_file_path(uri) or os.path.basename(unquote(parts.path)) or "untitled"
    if os.path.splitext(path)[1].lower() in FORMATS and "\0" not in path:
        return path
    suffix = SUFFIXES.get(language)
    return f"{os.path.basename(path)}{suffix}" if suffix and parts.scheme != "file" else None
