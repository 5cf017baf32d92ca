"""Lines of JSON-RPC 2.0, as MCP's stdio transport has them: a message a line, in UTF-8 (Model
Context Protocol 2025-11-25, "Transports").
"""

from __future__ import annotations

import json

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, BinaryIO

MAX_LINE = 8 * 1024 * 1024
"""Longest message in bytes: a notebook's text in it, escaped."""

PARSE_ERROR, INVALID_REQUEST, NO_METHOD, BAD_PARAMS, FAULT = -32700, -32600, -32601, -32602, -32603
"""Codes of errors (JSON-RPC 2.0, section 5.1)."""


class RpcError(Exception):
    """An answer that is an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


def read_messages(stream: BinaryIO) -> Iterator[Any]:
    """The values of the lines until the stream ends; an RpcError in the place of a line that is no
    JSON or too long.
    """
    while line := stream.readline(MAX_LINE + 1):
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
            yield RpcError(PARSE_ERROR, f"a message has more than {MAX_LINE} bytes")
        elif line.strip():
            yield _parse(line)


def _parse(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return RpcError(PARSE_ERROR, f"no JSON: {error}")


def write_message(stream: BinaryIO, message: Mapping[str, Any]) -> None:
    """Write a message in one line (ASCII, so that no reader splits it elsewhere)."""
    stream.write(json.dumps(message).encode("ascii") + b"\n")
    stream.flush()


def make_result(request: Any, result: Any) -> dict[str, Any]:
    """The answer to the request with that id."""
    return {"jsonrpc": "2.0", "id": request, "result": result}


def make_error(request: Any, error: RpcError) -> dict[str, Any]:
    """The error in answer to the request with that id; None where it has none."""
    return {"jsonrpc": "2.0", "id": request, "error": {"code": error.code, "message": str(error)}}
