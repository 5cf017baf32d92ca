"""A tool is one file (an older release may have one beside it, `ms_swift_2.py`): no other module of
the product has its name as a string.
"""

from __future__ import annotations

import ast
from pathlib import Path

import loracheck
from loracheck.tools.core.build_index import all_tools

PACKAGE = Path(loracheck.__file__).parent
LIBRARIES = {"diffusers"}
"""Names of tools that are a library's too, which other modules may speak of."""


def test_no_tool_is_named_outside_its_own_file() -> None:
    spellings = {
        name: tool.name.replace("-", "_")
        for tool in all_tools()
        for name in (tool.name, tool.name.replace("-", "_"))
        if tool.name not in LIBRARIES
    }
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.value}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in spellings
        and not (path.parent == PACKAGE / "tools" and path.stem.startswith(spellings[node.value]))
    ]
    assert found == []


def test_no_tool_imports_are_written_outside_the_tools() -> None:
    modules = {f"loracheck.tools.{tool.name.replace('-', '_')}" for tool in all_tools()}
    found = [
        f"{path.relative_to(PACKAGE)} {node.module}"
        for path in PACKAGE.rglob("*.py")
        if PACKAGE / "tools" not in path.parents
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in modules
    ]
    assert found == []
