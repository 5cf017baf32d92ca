"""What `explain` of one file must not load, so that it starts in a tenth of a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = frozenset(
    {"torch", "peft", "transformers", "pydantic", "jsonschema", "numpy", "rich", "textual", "yaml"}
)
SCRIPT = """
import sys
from loracheck.cli import cli
try:
    cli(["explain", *sys.argv[1:]])
except SystemExit:
    pass
print("loaded:", ",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded: ")[2].strip().split(","))


@pytest.mark.parametrize(
    "topics",
    [
        ["examples/qwen2_clean.json"],
        ["--format", "json", "examples/phi3_llama_names.json"],
        ["examples/qwen2_clean.json", "examples/phi3_llama_names.json"],
        ["Qwen/Qwen3-30B-A3B"],
        ["lora_alpha"],
        ["LC202"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_loaded(topics: list[str]) -> None:
    names = loaded(*topics)
    assert not names & HEAVY
    assert "loracheck" in names
