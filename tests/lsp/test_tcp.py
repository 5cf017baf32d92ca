"""`loracheck lsp --tcp`, and what it takes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

pytest.importorskip("pygls")

from loracheck.cli import cli

ROOT = Path(__file__).parents[2]
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"processId": None, "rootUri": None, "capabilities": {}},
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def connect(port: int, server: subprocess.Popen[bytes]) -> socket.socket:
    """A connection, once the server listens."""
    for _ in range(600):
        assert server.poll() is None, "the server has ended"
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=60)
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("the server does not listen")


def test_a_client_over_tcp() -> None:
    port = free_port()
    command = [sys.executable, "-m", "loracheck", "lsp", "--tcp", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        with connect(port, server) as stream:
            body = json.dumps(HELLO).encode()
            stream.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            answer = b""
            while b'"loracheck"' not in answer:
                more = stream.recv(65536)
                assert more, answer
                answer += more
        assert b"completionProvider" in answer
    finally:
        server.terminate()
        server.wait(60)


@pytest.mark.parametrize("place", ["", "localhost", ":80", "localhost:http", "localhost:99999"])
def test_what_is_no_place(place: str) -> None:
    result = CliRunner().invoke(cli, ["lsp", "--tcp", place])
    assert result.exit_code == 2
    assert "is no HOST:PORT" in result.output
