"""What a check of one file must not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = [
    "torch",
    "peft",
    "transformers",
    "pydantic",
    "jsonschema",
    "numpy",
    "rich",
    "huggingface_hub",
]
SCRIPT = """
import sys
from loracheck.cli import cli
try:
    cli(["check", sys.argv[1], "--exit-zero"])
except SystemExit:
    pass
print("loaded:", ",".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(path: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded: ")[2].strip().split(","))


@pytest.mark.parametrize("name", ["phi3_llama_names.json", "qwen2_clean.json"])
def test_a_json_config_with_a_bundled_model_loads_nothing_heavy(name: str) -> None:
    names = loaded(ROOT / "examples" / name)
    assert not names & {*HEAVY, "yaml"}
    assert "click" in names


def test_a_yaml_config_loads_yaml_alone() -> None:
    names = loaded(ROOT / "examples" / "gpt2_regex.yaml")
    assert not names & set(HEAVY)
    assert "yaml" in names
