"""Reading an adapter_config.json pays for no other tool; a tool's file pays for its own alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loracheck.tools.core.index import list_tools_with_files

ROOT = Path(__file__).parents[2]
CASES = Path(__file__).parent / "cases"
TOOLS = {name.replace("-", "_") for name in list_tools_with_files()}

PROGRAM = """
import sys
from loracheck.tools import find_settings
from loracheck.documents import read
assert find_settings(read(sys.argv[1]))
print(*(name.rpartition(".")[2] for name in sys.modules if name.startswith("loracheck.tools.")))
"""


@pytest.mark.parametrize(
    ("case", "tools"),
    [
        ("peft-adapter/saved/adapter_config.json", set()),
        ("generic/top.yaml", set()),
        ("peft-python/plain.py", set()),
        ("trl/regex.yaml", {"trl"}),
        ("ms-swift/regex.json", {"ms_swift"}),
    ],
)
def test_imports(case: str, tools: set[str]) -> None:
    run = [sys.executable, "-c", PROGRAM, str(CASES / case)]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & TOOLS == tools


def test_the_page_names_every_dialect() -> None:
    page = (ROOT / "docs" / "dialects.md").read_text("utf-8")
    assert [name for name in list_tools_with_files() if f"`{name}`" not in page] == []
