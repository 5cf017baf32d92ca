"""What an editor asks at a place of a text: hover, completion, definition, hints, actions."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from loracheck.reporters.sinks import log_lines
from loracheck.type_checking import TYPE_CHECKING

from . import messages
from .actions import fix_all, list_actions
from .completion import complete
from .cursor import find_definition
from .hints import list_hints
from .hover import describe_place
from .lora_server import LoraServer

if TYPE_CHECKING:
    from .positions import Positions
    from .workspace import OpenText

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.loracheck"

TRIGGERS = ['"', "'", "[", ",", " ", "=", ":", "(", "-", "/", "."]
"""Characters after which an editor asks for completions by itself."""


def answer_questions(server: LoraServer) -> None:
    """Register what an editor asks: what stands at a place, and what is to be said of a text."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    async def hover(ls: LoraServer, params: types.HoverParams) -> types.Hover | None:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return None
        places = ls.positions(text.text)
        at = places.to_offset(params.position)
        description = await ls.work(lambda: describe_place(ls.lora.analyse(text), at))
        if description is None:
            return None
        markup = types.MarkupContent(types.MarkupKind.Markdown, log_lines(description.text))
        return types.Hover(markup, places.range_of(description.start, description.end))

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
        settings = ls.lora.get_settings
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

    _answer_about_texts(server)


def _answer_about_texts(server: LoraServer) -> None:
    """Register what is asked of a whole text or of lines of it: hints and actions."""

    @server.feature(types.TEXT_DOCUMENT_INLAY_HINT)
    async def hints(ls: LoraServer, params: types.InlayHintParams) -> list[types.InlayHint]:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return []
        first, last = params.range.start.line + 1, params.range.end.line + 1
        places = ls.positions(text.text)
        inlays = await ls.work(lambda: list_hints(ls.lora.analyse(text)))
        return [
            messages.to_hint(hint, places) for hint in inlays if first <= hint.span.line <= last
        ]

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
    uri, kinds = params.text_document.uri, params.context.only
    places = ls.positions(text.text)
    code_actions: list[types.CodeAction] = []
    if _is_wanted(types.CodeActionKind.QuickFix.value, kinds):
        first, last = params.range.start.line + 1, params.range.end.line + 1
        analysis = ls.lora.analyse(text)
        actions = list_actions(analysis, first, last)
        code_actions += [messages.to_code_action(action, uri, places) for action in actions]
    if kinds and _is_wanted(FIX_ALL, kinds):
        code_actions += _fix_all(ls, text, uri, places)
    return code_actions


def _is_wanted(kind: str, kinds: Any) -> bool:
    """Whether a kind of actions is one of those that are asked for, or below one of them."""
    names = [str(getattr(one, "value", one)) for one in kinds or ()]
    return not names or any(kind == name or kind.startswith(f"{name}.") for name in names)


def _fix_all(ls: LoraServer, text: OpenText, uri: str, places: Positions) -> list[types.CodeAction]:
    fixed_text = fix_all(text.path, text.text, ls.lora.get_settings(text.path))
    if fixed_text == text.text:
        return []
    edit = types.TextEdit(places.range_of(0, len(text.text)), fixed_text)
    return [
        types.CodeAction(
            "fix what is sure to be wrong",
            kind=FIX_ALL,
            edit=types.WorkspaceEdit(changes={uri: [edit]}),
        )
    ]
