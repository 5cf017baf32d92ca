"""What an editor asks of a text as a whole: its outline, what its settings do, and the page about
that.
"""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from loracheck.reporters.sinks import log_lines
from loracheck.type_checking import TYPE_CHECKING

from .effects import Effect, list_effects, render_page
from .lora_server import LoraServer
from .outline import Symbol, list_symbols

if TYPE_CHECKING:
    from .positions import Positions

EXPLAIN = "loracheck.explain"
"""The command behind a code lens; its argument is the text's address. It shows the effect of each
setting as a message and gives them as a list; an editor with more to show asks for the page.
"""

EFFECTS = "loracheck/effects"
"""Request of this server's own: `{"uri": address}` gives the list of effects."""

PAGE = "loracheck/page"
"""Request of this server's own: `{"uri": address}` gives the page about the text, as HTML."""


def answer_effects(server: LoraServer) -> None:
    """Register the answers."""
    _answer_outline(server)
    _answer_own_requests(server)


def _answer_outline(server: LoraServer) -> None:
    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    async def symbols(
        ls: LoraServer, params: types.DocumentSymbolParams
    ) -> list[types.DocumentSymbol]:
        text = ls.lora.texts.get(params.text_document.uri)
        if text is None:
            return []
        places = ls.positions(text.text)
        outline = await ls.work(lambda: list_symbols(ls.lora.analyse(text)))
        return [_convert_symbol(symbol, places) for symbol in outline]

    @server.feature(types.TEXT_DOCUMENT_CODE_LENS, types.CodeLensOptions())
    async def lenses(ls: LoraServer, params: types.CodeLensParams) -> list[types.CodeLens]:
        uri = params.text_document.uri
        text = ls.lora.texts.get(uri)
        if text is None:
            return []
        places = ls.positions(text.text)
        return [
            types.CodeLens(
                places.to_range(effect.span),
                types.Command(f"{log_lines(effect.words)}: explain", EXPLAIN, arguments=[uri]),
            )
            for effect in await _find_effects(ls, uri)
        ]


def _convert_symbol(symbol: Symbol, places: Positions) -> types.DocumentSymbol:
    return types.DocumentSymbol(
        log_lines(symbol.name),
        types.SymbolKind.Object if symbol.children else types.SymbolKind.Property,
        places.to_range(symbol.whole),
        places.to_range(symbol.name_span),
        detail=log_lines(symbol.detail) or None,
        children=[_convert_symbol(child, places) for child in symbol.children] or None,
    )


def _answer_own_requests(server: LoraServer) -> None:
    @server.command(EXPLAIN)
    async def explain(ls: LoraServer, uri: str = "") -> list[dict[str, Any]]:
        effects = await _find_effects(ls, uri)
        words = "\n".join(log_lines(effect.words) for effect in effects)
        params = types.ShowMessageParams(types.MessageType.Info, words or "no LoRA in this text")
        ls.window_show_message(params)
        return [_convert_effect(effect) for effect in effects]

    @server.feature(EFFECTS)
    async def effects(ls: LoraServer, params: Any) -> list[dict[str, Any]]:
        return [_convert_effect(effect) for effect in await _find_effects(ls, _get_uri(params))]

    @server.feature(PAGE)
    async def page(ls: LoraServer, params: Any) -> str | None:
        text = ls.lora.texts.get(_get_uri(params))
        return None if text is None else await ls.work(lambda: render_page(ls.lora.analyse(text)))


async def _find_effects(ls: LoraServer, uri: str) -> list[Effect]:
    text = ls.lora.texts.get(uri)
    return [] if text is None else await ls.work(lambda: list_effects(ls.lora.analyse(text)))


def _get_uri(params: Any) -> str:
    """The address in a request of our own, whose parameters are an object or a mapping."""
    uri = params.get("uri") if isinstance(params, dict) else getattr(params, "uri", None)
    return uri if isinstance(uri, str) else ""


def _convert_effect(effect: Effect) -> dict[str, Any]:
    return {
        "line": effect.span.line - 1,
        "words": effect.words,
        "targeted": effect.targeted,
        "trainable": effect.trainable,
        "total": effect.total,
    }
