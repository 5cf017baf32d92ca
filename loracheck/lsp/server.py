"""The language server: hands each request of the editor to the function that answers it."""

from __future__ import annotations

from lsprotocol import types

from loracheck.type_checking import TYPE_CHECKING

from .effect_requests import answer_effects
from .lora_server import LoraServer, get_text_path
from .questions import answer_questions
from .workspace import OpenText
from .workspace_requests import answer_workspace, check_workspace, tell_closed

if TYPE_CHECKING:
    from loracheck.documents.values import Value


def make_server() -> LoraServer:
    """A server that is ready to be started."""
    server = LoraServer()
    _answer_life(server)
    _answer_texts(server)
    answer_questions(server)
    answer_effects(server)
    answer_workspace(server)
    return server


def _answer_life(server: LoraServer) -> None:
    @server.feature(types.INITIALIZE)
    def initialize(ls: LoraServer, params: types.InitializeParams) -> None:
        wishes = params.initialization_options
        ls.lora.configure(_select_own_settings(wishes) if wishes is not None else {})

    @server.feature(types.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def configure(ls: LoraServer, params: types.DidChangeConfigurationParams) -> None:
        await ls.work(ls.lora.configure, _select_own_settings(params.settings))
        await _judge_all(ls)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    async def watched(ls: LoraServer, params: types.DidChangeWatchedFilesParams) -> None:
        await ls.work(ls.lora.forget)
        await _judge_all(ls)
        if ls.lora.whole_workspace:
            await check_workspace(ls)


def _select_own_settings(settings: Value) -> Value:
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
        path = get_text_path(item.uri, item.language_id)
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
            tell_closed(ls, params.text_document.uri)
