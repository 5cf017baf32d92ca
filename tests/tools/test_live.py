"""Real files through the tools that are installed, and through the dialects: the same LoraConfig.

What stands in golden/ is asked for without the tools (test_golden.py); here each tool that is
installed sees the real files of the corpus, as far as its LoRA keys go.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest

from bench.tools.answers import ToolRefusalError, to_plain
from loracheck.documents import FORMATS, read
from loracheck.tools import find_settings
from loracheck.tools.core.lookup import get_block
from loracheck.tools.core.tool import Tool
from tests.shared import files, needs

from .test_golden import compare

TOOLS = ("autotrain", "axolotl", "llamafactory", "ms-swift", "oumi", "trl")
"""Those whose answer is a LoraConfig, and whose official files are for their own parser (Unsloth's
are Studio's defaults).
"""

pytestmark = pytest.mark.oracle


def oracle(name: str) -> Any:
    """The module that asks the tool; skips where the tool is not installed."""
    pytest.importorskip("peft")
    module = import_module(f"bench.tools.{name.replace('-', '_')}")
    try:
        version(module.PACKAGE)
    except PackageNotFoundError:
        pytest.skip(f"{module.PACKAGE} is not installed")
    return module


def lora_keys(file: dict[str, Any], base: dict[str, Any], tool: Tool) -> dict[str, Any]:
    """A file with the tool's LoRA keys alone."""
    lora = {key: value for key, value in get_block(file, *tool.block).items() if tool.key(key)}
    if not tool.block:
        return {**{key: file[key] for key in base if key in file}, **lora}
    kept = {key: file[key] for key in base if key in file and key != tool.block[0]}
    return {**kept, tool.block[0]: lora}


@needs("corpus")
@pytest.mark.parametrize("name", TOOLS)
def test_real_files(name: str) -> None:
    asked = oracle(name)
    tool: Tool = import_module(f"loracheck.tools.{name.replace('-', '_')}").TOOL
    same = 0
    for path in files(f"corpus/{name}", *FORMATS):
        found = [one for one in find_settings(read(str(path))) if one.tool is tool]
        if len(found) == 1 and not any(map(_open, found[0].fields.values())):
            same += _same(asked, tool, path, found[0])
    assert same >= 1


def _open(value: Any) -> bool:
    return "Unknown" in repr(value)


def _same(asked: Any, tool: Tool, path: Path, setting: Any) -> int:
    file = setting.document.roots[setting.path[0]]
    try:
        answer = asked.answer(lora_keys(file, asked.FILE, tool))
    except (ToolRefusalError, ValueError, TypeError) as error:
        pytest.fail(f"{path}: refused: {error}")
    assert answer is not None, path
    compare(setting, to_plain(answer))
    return 1
