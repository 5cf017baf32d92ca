"""The client of the protocol's own Python package starts `loracheck mcp` and uses its tools."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

mcp = pytest.importorskip("mcp")

ROOT = Path(__file__).parents[2]
SERVER = mcp.StdioServerParameters(
    command=sys.executable, args=["-m", "loracheck", "mcp"], env={"PYTHONPATH": str(ROOT)}
)
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 8,
    "target_modules": ["q_proj", "gate_porj"],
}


def value(result: Any, *names: str) -> Any:
    """A field by the name of either generation of the package."""
    return next(getattr(result, name) for name in names if hasattr(result, name))


async def converse(path: Path) -> list[Any]:
    async with (
        mcp.stdio_client(SERVER) as (read, write),
        mcp.ClientSession(read, write) as session,
    ):
        hello = await session.initialize()
        tools = await session.list_tools()
        found = await session.call_tool("check", {"path": str(path)})
        wrong = await session.call_tool("tree", {"model": "no/such-model"})
        return [hello, tools, found, wrong]


def test_a_session(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(CONFIG))
    hello, tools, found, wrong = asyncio.run(asyncio.wait_for(converse(path), 120))
    assert value(hello, "server_info", "serverInfo").name == "loracheck"
    assert {tool.name for tool in tools.tools} == {"check", "explain", "tree", "models"}
    assert "LC202 `gate_porj`" in found.content[0].text
    assert not value(found, "is_error", "isError")
    assert value(wrong, "is_error", "isError")


@pytest.mark.skipif(not hasattr(mcp, "Client"), reason="a client of the older generation")
def test_a_newer_client_falls_back_to_the_handshake() -> None:
    async def ask() -> Any:
        async with mcp.Client(mcp.stdio_client(SERVER)) as client:
            return await client.call_tool("models", {"query": "qwen2.5-7b"})

    result = asyncio.run(asyncio.wait_for(ask(), 120))
    assert "Qwen/Qwen2.5-7B" in result.content[0].text
