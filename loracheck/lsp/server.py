"""The server: what the editor asks, and who answers it. Everything that judges runs on one thread
of its own, so that the editor is never kept waiting by a tree that is being built.
"""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from loracheck.documents import FORMATS
from loracheck.reporters.sinks import log_lines
from loracheck.version import __version__

from . import messages
from .actions import fix_all, list_actions
from .completion import complete
from .cursor import find_definition
from .hints import list_hints
from .hover import describe_place
from .positions import Positions
from .workspace import OpenText, Workspace

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

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.loracheck"

PATIENCE = 0.5
"""Seconds of work after which the editor is told that it goes on."""

TRIGGERS = ['"', "'", "[", ",", " ", "=", ":", "(", "-", "/", "."]
"""Characters after which an editor asks for completions by itself."""


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
            found = self.lora.analyse(text)
            places = self.positions(found.text)
            return [messages.to_diagnostic(finding, uri, places) for finding in found.findings]

        found = await self._with_progress(self.work(analyse_newest))
        if found is not None and text.version == version and uri in self.lora.texts:
            self.text_document_publish_diagnostics(
                types.PublishDiagnosticsParams(uri, found, version)
            )

    async def _with_progress(self, work: Coroutine[Any, Any, T]) -> T:
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


def path_of(uri: str, language: str = "") -> str | None:
    """The path of a text's file, or a name with its format's suffix where it has none; None for a
    text of a format that loracheck does not read.
    """
    parts = urlsplit(uri)
    if parts.scheme == "file":
        path = url2pathname(unquote(parts.path)) if os.name == "nt" else unquote(parts.path)
    else:
        path = os.path.basename(unquote(parts.path)) or "untitled"
    if os.path.splitext(path)[1].lower() in FORMATS and "\0" not in path:
        return path
    suffix = SUFFIXES.get(language)
    return f"{os.path.basename(path)}{suffix}" if suffix and parts.scheme != "file" else None


def make_server() -> LoraServer:
    """A server that is ready to be started."""
    server = LoraServer()
    _answer_life(server)
    _answer_texts(server)
    _answer_questions(server)
    return server


def _answer_life(server: LoraServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(ls: LoraServer, params: types.InitializeParams) -> None:
        wishes = params.initialization_options
        ls.lora.configure(_own_part(wishes) if wishes is not None else {})

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configure(ls: LoraServer, params: types.DidChangeConfigurationParams) -> None:
        await ls.work(ls.lora.configure, _own_part(params.settings))
        await _judge_all(ls)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(ls: LoraServer, params: types.DidChangeWatchedFilesParams) -> None:
        await ls.work(ls.lora.forget)
        await _judge_all(ls)


def _own_part(settings: Any) -> Any:
    """The settings under the program's name, where an editor sends those of all programs."""
    inner = settings.get("loracheck") if isinstance(settings, dict) else None
    return inner if isinstance(inner, dict) else settings


async def _judge_all(ls: LoraServer) -> None:
    for uri in list(ls.lora.texts):
        await ls.judge(uri)


def _answer_texts(server: LoraServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: LoraServer, params: types.DidOpenTextDocumentParams) -> None:
        item = params.text_document
        path = path_of(item.uri, item.language_id)
        if path is not None:
            ls.lora.texts[item.uri] = OpenText(path, item.text, item.version)
            await ls.judge(item.uri)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(ls: LoraServer, params: types.DidChangeTextDocumentParams) -> None:
        uri = params.text_document.uri
        text = ls.lora.texts.get(uri)
        if text is not None and params.content_changes:
            whole = params.content_changes[-1].text
            text.change(whole, params.text_document.version)
            await ls.judge(uri)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    async def saved(ls: LoraServer, params: types.DidSaveTextDocumentParams) -> None:
        await ls.work(ls.lora.forget)
        await _judge_all(ls)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(ls: LoraServer, params: types.DidCloseTextDocumentParams) -> None:
        if ls.lora.texts.pop(params.text_document.uri, None) is not None:
            empty = types.PublishDiagnosticsParams(params.text_document.uri, [])
            ls.text_document_publish_diagnostics(empty)


def _answer_questions(server: LoraServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LoraServer, params: types.HoverParams) -> types.Hover | None:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return None
        places = ls.positions(text.text)
        at = places.to_offset(params.position)
        found = await ls.work(lambda: describe_place(ls.lora.analyse(text), at))
        if found is None:
            return None
        markup = types.MarkupContent(types.MarkupKind.Markdown, log_lines(found.text))
        return types.Hover(markup, places.range_of(found.start, found.end))

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=TRIGGERS)
    )
    async def completion(
        ls: LoraServer, params: types.CompletionParams
    ) -> list[types.CompletionItem]:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return []
        places = ls.positions(text.text)
        at = places.to_offset(params.position)
        settings = ls.lora.settings_for
        items = await ls.work(lambda: complete(text.path, text.text, at, settings(text.path)))
        return [messages.to_item(item, number, places) for number, item in enumerate(items)]

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    async def definition(ls: LoraServer, params: types.DefinitionParams) -> types.Location | None:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return None
        places = ls.positions(text.text)
        at = places.to_offset(params.position)
        document = (await ls.work(ls.lora.analyse, text)).document
        span = await ls.work(find_definition, document, at) if document is not None else None
        return types.Location(params.text_document.uri, places.to_range(span)) if span else None

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(ls: LoraServer, params: types.InlayHintParams) -> list[types.InlayHint]:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return []
        first, last = params.range.start.line + 1, params.range.end.line + 1
        places = ls.positions(text.text)
        found = await ls.work(lambda: list_hints(ls.lora.analyse(text)))
        return [messages.to_hint(hint, places) for hint in found if first <= hint.span.line <= last]

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL]),
    )
    async def code_actions(
        ls: LoraServer, params: types.CodeActionParams
    ) -> list[types.CodeAction]:
        text = ls.lora.texts.get(params.text_document.uri)
        return [] if text is None else await ls.work(lambda: _list_actions(ls, text, params))


def _list_actions(
    ls: LoraServer, text: OpenText, params: types.CodeActionParams
) -> list[types.CodeAction]:
    uri, wanted = params.text_document.uri, params.context.only
    places = ls.positions(text.text)
    found: list[types.CodeAction] = []
    if _is_wanted(types.CodeActionKind.QuickFix.value, wanted):
        first, last = params.range.start.line + 1, params.range.end.line + 1
        analysis = ls.lora.analyse(text)
        actions = list_actions(analysis, first, last)
        found += [messages.to_code_action(action, uri, places) for action in actions]
    if wanted and _is_wanted(FIX_ALL, wanted):
        found += _fix_all(ls, text, uri, places)
    return found


def _is_wanted(kind: str, wanted: Any) -> bool:
    """Whether a kind of actions is one of those that are asked for, or below one of them."""
    names = [str(getattr(one, "value", one)) for one in wanted or ()]
    return not names or any(kind == name or kind.startswith(f"{name}.") for name in names)


def _fix_all(ls: LoraServer, text: OpenText, uri: str, places: Positions) -> list[types.CodeAction]:
    mended = fix_all(text.path, text.text, ls.lora.settings_for(text.path))
    if mended == text.text:
        return []
    edit = types.TextEdit(places.range_of(0, len(text.text)), mended)
    return [
        types.CodeAction(
            "fix what is sure to be wrong",
            kind=FIX_ALL,
            edit=types.WorkspaceEdit(changes={uri: [edit]}),
        )
    ]
