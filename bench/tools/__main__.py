"""`python -m bench.tools record TOOL...`: ask the installed tools, write the golden files.

A tool's module of this package has PACKAGE (or `release`), FILE (what a file has beside the block
of LoRA keys), POOLS (values of its own), maybe MORE (blocks) and FILES (whole files), and
`answer(file)`: a LoraConfig, None where no LoRA is set up, or for a tool with LoRA layers of its
own the values that it gives them.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from .answers import ToolRefusalError, installed_version, to_plain
from .draw_files import list_blocks

GOLDEN = Path(__file__).parents[2] / "tests" / "tools" / "golden"
SEVERAL = 40
"""Draws of many keys together for each tool."""


def record(name: str) -> None:
    """Write the golden file of one tool."""
    oracle = import_module(f"{__package__}.{name.replace('-', '_')}")
    dialect = import_module(f"loracheck.tools.{name.replace('-', '_').partition('+')[0]}")
    tool = getattr(dialect, getattr(oracle, "KEYS", "TOOL"))
    files = [_file(oracle.FILE, tool.block, lora) for lora in _blocks(oracle, tool)]
    rows = [_ask_tool(oracle, file) for file in files + getattr(oracle, "FILES", [])]
    made = {"tool": name, "version": _release(oracle), "peft": installed_version("peft")}
    GOLDEN.mkdir(exist_ok=True)
    lines = ",\n  ".join(json.dumps(row, sort_keys=True) for row in rows)
    head = json.dumps(made)[:-1]
    (GOLDEN / f"{name}.json").write_text(f'{head}, "cases": [\n  {lines}\n]}}\n', "utf-8")
    taken = sum("refused" not in row for row in rows)
    print(f"{name} {made['version']}: {len(rows)} files, {taken} taken")


def _release(oracle: Any) -> str:
    return (
        str(oracle.release()) if hasattr(oracle, "release") else installed_version(oracle.PACKAGE)
    )


def _blocks(oracle: Any, tool: Any) -> list[dict[str, Any]]:
    return list_blocks(tool, oracle.POOLS, SEVERAL) + getattr(oracle, "MORE", [])


def _file(base: dict[str, Any], block: tuple[str, ...], lora: dict[str, Any]) -> dict[str, Any]:
    """A whole file: the base, with the LoRA keys in their block."""
    made = json.loads(json.dumps(base))
    place = made
    for step in block:
        place = place.setdefault(step, {})
    place.update(lora)
    return dict(made)


def _ask_tool(oracle: Any, file: dict[str, Any]) -> dict[str, Any]:
    try:
        config = oracle.answer(json.loads(json.dumps(file)))
    except (ToolRefusalError, ValueError, TypeError) as error:  # PEFT refuses with the last two
        return {"file": file, "refused": (str(error).strip() or "?").splitlines()[0][:160]}
    return {
        "file": file,
        "answer": config if isinstance(config, (dict, type(None))) else to_plain(config),
    }


if __name__ == "__main__":
    for tool_name in sys.argv[2:]:
        record(tool_name)
