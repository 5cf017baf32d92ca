"""An editor: pygls' own client, which starts `loracheck lsp` and keeps what it is told."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lsprotocol import types
from pygls.lsp.client import LanguageClient

from .forked_server import start_forked

ROOT = Path(__file__).parents[2]
PATIENCE = 120
"""Seconds after which an answer will not come any more."""


class Editor:
    """One session with the server."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.diagnostics: dict[str, types.PublishDiagnosticsParams] = {}
        self.said: list[str] = []
        self._told = asyncio.Condition()
        self._version = 0

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        async def publish(params: types.PublishDiagnosticsParams) -> None:
            self.diagnostics[params.uri] = params
            async with self._told:
                self._told.notify_all()

        self.progress: list[str] = []

        @client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        async def create(params: types.WorkDoneProgressCreateParams) -> None:
            return None

        @client.feature(types.PROGRESS)
        async def progress(params: types.ProgressParams) -> None:
            value = params.value
            kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", "")
            self.progress.append(str(kind))

        @client.feature(types.WINDOW_SHOW_MESSAGE)
        async def show(params: types.ShowMessageParams) -> None:
            self.said.append(params.message)

    async def open(self, uri: str, text: str, language: str = "") -> list[types.Diagnostic]:
        """Open a text; gives what is said of it."""
        self._version += 1
        item = types.TextDocumentItem(uri, language, self._version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self._wait(uri)

    async def type(self, uri: str, text: str) -> list[types.Diagnostic]:
        """Change a text; gives what is said of it."""
        self._version += 1
        place = types.VersionedTextDocumentIdentifier(self._version, uri)
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(place, [change]))
        return await self._wait(uri)

    async def _wait(self, uri: str) -> list[types.Diagnostic]:
        version = self._version

        def is_told() -> bool:
            found = self.diagnostics.get(uri)
            return found is not None and found.version == version

        async with self._told:
            await asyncio.wait_for(self._told.wait_for(is_told), PATIENCE)
        return list(self.diagnostics[uri].diagnostics)

    async def hover(self, uri: str, line: int, character: int) -> str | None:
        """The text at a place."""
        params = types.HoverParams(
            types.TextDocumentIdentifier(uri), types.Position(line, character)
        )
        found = await self.client.text_document_hover_async(params)
        return None if found is None else str(getattr(found.contents, "value", found.contents))

    async def complete(self, uri: str, line: int, character: int) -> list[types.CompletionItem]:
        """What may stand at a place."""
        place = types.Position(line, character)
        params = types.CompletionParams(types.TextDocumentIdentifier(uri), place)
        found = await self.client.text_document_completion_async(params)
        return list(found or [])  # type: ignore[arg-type]

    async def hints(self, uri: str) -> list[tuple[int, str]]:
        """Line and words of each hint."""
        whole = types.Range(types.Position(0, 0), types.Position(10_000, 0))
        params = types.InlayHintParams(types.TextDocumentIdentifier(uri), whole)
        found = await self.client.text_document_inlay_hint_async(params)
        return [(hint.position.line, str(hint.label)) for hint in found or []]

    async def actions(self, uri: str, line: int, only: Any = None) -> list[types.CodeAction]:
        """The edits that are offered for a line."""
        place = types.Range(types.Position(line, 0), types.Position(line, 0))
        context = types.CodeActionContext(self.diagnostics[uri].diagnostics, only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), place, context)
        found = await self.client.text_document_code_action_async(params)
        return [one for one in found or [] if isinstance(one, types.CodeAction)]

    async def symbols(self, uri: str) -> list[types.DocumentSymbol]:
        """The outline of a text."""
        params = types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
        found = await self.client.text_document_document_symbol_async(params)
        return [one for one in found or [] if isinstance(one, types.DocumentSymbol)]

    async def lenses(self, uri: str) -> list[types.CodeLens]:
        """The lines that stand above a text's settings."""
        params = types.CodeLensParams(types.TextDocumentIdentifier(uri))
        return list(await self.client.text_document_code_lens_async(params) or [])

    async def run(self, command: str, *arguments: Any) -> Any:
        """What a command of the server gives."""
        params = types.ExecuteCommandParams(command, list(arguments))
        return await self.client.workspace_execute_command_async(params)

    async def ask(self, method: str, params: Any) -> Any:
        """The answer to a request of the server's own."""
        return await self.client.protocol.send_request_async(method, params)

    async def close(self, uri: str) -> None:
        """Close a text."""
        place = types.TextDocumentIdentifier(uri)
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(place))

    async def wait_for(self, is_told: Callable[[], bool]) -> None:
        """Wait until the diagnostics are as they should be."""
        async with self._told:
            await asyncio.wait_for(self._told.wait_for(is_told), PATIENCE)


def _forking() -> AbstractContextManager[Any]:
    """Where processes can be forked, the server is a fork of the tests' process."""
    if sys.platform != "linux":
        return nullcontext()
    return patch("asyncio.create_subprocess_exec", start_forked)


@asynccontextmanager
async def connect(
    options: Any = None, *, progress: bool = False, folder: Path | None = None
) -> AsyncIterator[Editor]:
    """A session with a server of its own, which ends with status 0."""
    client = LanguageClient("editor", "1")
    editor = Editor(client)
    with _forking():
        await client.start_io(sys.executable, "-m", "loracheck", "lsp", cwd=str(ROOT))
    params = types.InitializeParams(
        capabilities=types.ClientCapabilities(
            window=types.WindowClientCapabilities(work_done_progress=progress)
        ),
        initialization_options=options,
        root_uri=folder.as_uri() if folder is not None else None,
    )
    await asyncio.wait_for(client.initialize_async(params), PATIENCE)
    client.initialized(types.InitializedParams())
    try:
        yield editor
    finally:
        await asyncio.wait_for(client.shutdown_async(None), PATIENCE)
        client.exit(None)
        await asyncio.wait_for(client.stop(), PATIENCE)
        assert client._server is not None and client._server.returncode == 0


def apply(text: str, edits: Any) -> str:
    """A text of ASCII with the edits of an action."""
    lines = text.split("\n")

    def offset(place: types.Position) -> int:
        before = sum(len(line) + 1 for line in lines[: place.line])
        return min(before + place.character, len(text))

    for edit in sorted(edits, key=lambda one: offset(one.range.start), reverse=True):
        start, end = offset(edit.range.start), offset(edit.range.end)
        text = text[:start] + edit.new_text + text[end:]
    return text
