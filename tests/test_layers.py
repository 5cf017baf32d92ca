"""The layers hold, and no command of the product loads what only the tests may: torch and peft."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imports import PACKAGES, circles, import_graph

ROOT = Path(__file__).parents[1]
LINT = "from importlinter.cli import lint_imports_command as lint; lint()"
RUN = """
import sys
from loracheck.cli import cli
try:
    cli(sys.argv[1:])
except SystemExit:
    pass
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
"""
CONFIG = str(ROOT / "examples" / "phi3_llama_names.json")
MODEL = "Qwen/Qwen2.5-7B"
RULE = re.compile(r"^loracheck\.rules\.\w+\.lc\d{3}_\w+$")


def python(code: str, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-c",
            f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}",
            *arguments,
        ],
        cwd=cwd,
        capture_output=True,
        encoding="utf-8",
    )


def test_the_contracts_hold() -> None:
    done = python(LINT, "--no-cache")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_no_modules_import_each_other() -> None:
    """Imports in functions and for types count: a reader of one module would need the other."""
    found = circles(import_graph(*PACKAGES))
    assert not found, "\n".join(" <-> ".join(sorted(circle)) for circle in found)


def test_no_rule_is_imported_but_by_the_registry() -> None:
    """A rule is read alone: what several share is in rules/support."""
    graph = import_graph(*PACKAGES)
    rules = {module for module in graph.modules if RULE.search(module)}
    taken = {
        f"{importer} -> {rule}"
        for rule in rules
        for importer in graph.find_modules_that_directly_import(rule)
    }
    assert len(rules) > 90
    assert not taken, "\n".join(sorted(taken))


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--diff", "--unsafe-fixes", "--serve", "vllm", CONFIG],
        ["explain", CONFIG],
        ["explain", MODEL],
        ["init", "--model", MODEL],
        ["tree", MODEL],
        ["lock", CONFIG],
        ["rules"],
        ["schema", "lora_config"],
    ],
    ids=" ".join,
)
def test_no_command_loads_the_judges(arguments: list[str], tmp_path: Path) -> None:
    done = python(RUN, *arguments, cwd=tmp_path)
    loaded = done.stdout.rpartition("loaded: ")[2].split()
    assert "loracheck" in loaded, done.stderr
    assert not {"torch", "peft", "transformers", "huggingface_hub"} & {*loaded}
