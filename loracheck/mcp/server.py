"""`serve`: answers the requests of an agent until its input ends.

Source: Model Context Protocol, revisions 2024-11-05 to 2025-11-25 ("Lifecycle", "Tools").
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING
from loracheck.version import __version__

from .messages import (
    BAD_PARAMS,
    FAULT,
    INVALID_REQUEST,
    NO_METHOD,
    RpcError,
    make_error,
    make_result,
    read_messages,
    write_message,
)
from .tools import TOOLS, ToolError, call_tool, list_tools

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, BinaryIO

REVISIONS = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Revisions of the protocol that are spoken, the newest first."""

INSTRUCTIONS = (
    "loracheck lints LoRA configs (PEFT's own and those of all usual fine-tuning tools) against "
    "the base model's real module tree. Call `check` after writing or changing a LoRA config, "
    "apply the edits that it gives, and check again. `tree` lists a model's module names with "
    "counts, `explain` says what a config, field or rule (LC202) does, `models` finds model ids."
)


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Answer every message until `incoming` ends or nobody reads `outgoing` any more."""
    try:
        for message in read_messages(incoming):
            answer = respond(message)
            if answer is not None:
                write_message(outgoing, answer)
    except BrokenPipeError:
        return


def respond(message: Any) -> dict[str, Any] | None:
    """The answer to one message; None for what wants none (a notification, an answer). Raises
    nothing.
    """
    if isinstance(message, RpcError):
        return make_error(None, message)
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        return make_error(None, RpcError(INVALID_REQUEST, "no JSON-RPC 2.0 message"))
    if "method" not in message or "id" not in message:
        return None
    request = message["id"]
    if not isinstance(request, (str, int)) or not isinstance(message["method"], str):
        return make_error(None, RpcError(INVALID_REQUEST, "id or method of a wrong type"))
    try:
        return make_result(request, _answer(message["method"], message.get("params")))
    except RpcError as error:
        return make_error(request, error)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not end the server
        words = f"internal error, {type(error).__name__}: {error!s:.200}"
        return make_error(request, RpcError(FAULT, words))


def _answer(method: str, params: Any) -> Any:
    if method not in METHODS:
        raise RpcError(NO_METHOD, f"no method {method!r:.80}")
    if params is not None and not isinstance(params, dict):
        raise RpcError(BAD_PARAMS, "params is no object")
    return METHODS[method](params or {})


def _initialize(params: dict[str, Any]) -> dict[str, Any]:
    revision = params.get("protocolVersion")
    return {
        "protocolVersion": revision if revision in REVISIONS else REVISIONS[0],
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "loracheck", "version": __version__},
        "instructions": INSTRUCTIONS,
    }


def _call(params: dict[str, Any]) -> dict[str, Any]:
    """The text of a tool. What a tool cannot do is a result too, so that the agent reads it."""
    name, arguments = params.get("name"), params.get("arguments") or {}
    if not isinstance(name, str) or name not in TOOLS:
        raise RpcError(BAD_PARAMS, f"no tool {name!r:.80}; there are {', '.join(TOOLS)}")
    if not isinstance(arguments, dict):
        raise RpcError(BAD_PARAMS, "arguments is no object")
    try:
        text, failed = call_tool(name, arguments), False
    except ToolError as error:
        text, failed = str(error), True
    return {"content": [{"type": "text", "text": text}], "isError": failed}


METHODS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "initialize": _initialize,
    "ping": lambda params: {},
    "tools/list": lambda params: {"tools": list_tools()},
    "tools/call": _call,
}
