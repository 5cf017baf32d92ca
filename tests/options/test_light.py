"""What a check does not need it does not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
from loracheck.cli import cli
try:
    cli(["check", *sys.argv[1:], "--exit-zero"])
except SystemExit:
    pass
parts = ("loracheck.options", "loracheck.fixes", "loracheck.reporters", "tomllib", "tomli")
print("loaded:", *sorted(name for name in sys.modules if name.startswith(parts)))
"""
CLEAN = '{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"], '
CLEAN += '"base_model_name_or_path": "Qwen/Qwen2.5-7B"}'
OWN = ("errors", "find_files", "lint_settings", "rule_selection", "run_options", "run_settings")
LIGHT = {"loracheck.options", *(f"loracheck.options.{name}" for name in (*OWN, "settings_file"))}
FIND = {*LIGHT, "loracheck.options.find_settings"}


def loaded(folder: Path, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "a.json", *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.rpartition("loaded: ")[2].split())


@pytest.mark.parametrize("other", ["", '[project]\nname = "x"\ndependencies = ["loracheck"]\n'])
def test_a_clean_file_without_settings(other: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(CLEAN)
    (tmp_path / "pyproject.toml").write_text(other)
    names = {n for n in loaded(tmp_path) if not n.startswith("loracheck.reporters")}
    assert names == FIND


def test_settings_are_loaded_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(CLEAN)
    (tmp_path / "pyproject.toml").write_text("[tool.loracheck]\nexclude = []\n")
    names = loaded(tmp_path)
    assert "loracheck.options.load_settings_file" in names
    assert not any(name.startswith("loracheck.fixes") for name in names)
    isolated = {n for n in loaded(tmp_path, "--isolated") if "options" in n}
    assert isolated == LIGHT


def test_a_format_loads_its_own_module_alone(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(CLEAN)
    names = {n.rpartition(".")[2] for n in loaded(tmp_path, "--format", "concise") if "rep" in n}
    own = {"reporters", "report", "concise", "summary", "sinks"}
    assert names == own | {"totals", "result_store"}
