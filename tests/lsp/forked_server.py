"""`loracheck lsp` in a fork of the tests' process, for pygls' client: without the start of an
interpreter, which costs more than most sessions. Starts from scratch: test_tcp.py, test_neovim.py.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.streams import FlowControlMixin
from pathlib import Path
from typing import Any

from tests.forked import start_command


class ForkedServer:
    """A running server, with as much of asyncio's Process as pygls' client asks for."""

    def __init__(
        self, process: int, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader
    ) -> None:
        self.pid = process
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = None
        self._end = asyncio.ensure_future(asyncio.to_thread(os.waitpid, process, 0))

    @property
    def returncode(self) -> int | None:
        """Its exit status, once it is over."""
        return os.waitstatus_to_exitcode(self._end.result()[1]) if self._end.done() else None

    async def wait(self) -> int:
        """Wait for its end; gives its exit status."""
        return os.waitstatus_to_exitcode((await asyncio.shield(self._end))[1])

    def terminate(self) -> None:
        """Ask it to end."""
        os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)


async def start_forked(*_: str, cwd: str, **__: Any) -> ForkedServer:
    """In the place of asyncio.create_subprocess_exec for this server."""
    import loracheck.lsp.server  # noqa: F401 - once for all forks

    process, into, out = start_command("lsp", cwd=Path(cwd))
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(out, "rb", buffering=0)
    )
    transport, protocol = await loop.connect_write_pipe(
        FlowControlMixin, os.fdopen(into, "wb", buffering=0)
    )
    writer = asyncio.StreamWriter(transport, protocol, reader, loop)
    return ForkedServer(process, writer, reader)
