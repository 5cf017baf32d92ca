"""Files that a notebook's cells write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents import read
from loracheck.documents.model import Unknown
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.tools import find_settings

YAML = (
    "base_model: Qwen/Qwen2.5-7B  # ü\nadapter: lora\nsequence_len: 2048\nlora_r: 0\n"
    "lora_alpha: 16\nlora_target_linear: true\n"
)
PYTHON = "from peft import LoraConfig\nc = LoraConfig(\n    r=8,\n    lora_aplha=4,\n)\n"


def notebook(*cells: str, listed: bool = True) -> str:
    rows: list[dict[str, Any]] = [{"cell_type": "markdown", "metadata": {}, "source": "# x"}]
    for cell in cells:
        source = cell.splitlines(keepends=True) if listed else cell
        rows.append({"cell_type": "code", "metadata": {}, "outputs": [], "source": source})
    return json.dumps({"nbformat": 4, "metadata": {}, "cells": rows}, indent=1)


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    ("magic", "body", "dialect", "field", "text"),
    [
        ("%%writefile configs/train.yaml", YAML, "axolotl", "r", "0"),
        ("%%file train.yml", YAML, "axolotl", "r", "0"),
        ('%%writefile "my train.yaml"', YAML, "axolotl", "r", "0"),
        ("%%writefile train.py", PYTHON, "peft-python", "r", "8"),
    ],
)
def test_the_file_is_read_where_it_stands(
    magic: str, body: str, dialect: str, field: str, text: str, listed: bool
) -> None:
    document = read("a.ipynb", notebook("x = 1\n", f"{magic}\n{body}", listed=listed))
    (setting,) = find_settings(document)
    assert setting.tool_name == dialect
    span = setting.document.span(setting.place(field))
    line = document.text.splitlines()[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == text


@pytest.mark.parametrize(
    "cell",
    ["%%writefile notes.txt\n" + YAML, "%%writefile a.yaml\nlora: [\n", "%%bash\n" + YAML],
)
def test_others_are_left_alone(cell: str) -> None:
    assert find_settings(read("a.ipynb", notebook(cell))) == []


def test_findings_say_the_cell_and_no_fix_is_offered(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    path.write_text(notebook("%%writefile train.py\n" + PYTHON), "utf-8")
    (found,) = check_file(str(path), "a.ipynb", LintSettings(frozenset({"LC101"}))).findings
    assert "in cell 2, line 5 of the notebook" in found.notes
    assert found.fix is None


SWIFT = "swift sft --model Qwen/Qwen2.5-7B --train_type lora --lora_rank 4 --target_modules q_proj"


@pytest.mark.parametrize("listed", [True, False])
@pytest.mark.parametrize(
    "cell",
    [
        f"%%bash\nset -e\n{SWIFT}\n",
        f"%%sh\n{SWIFT}\n",
        f"x = 1\n!{SWIFT}\n",
        f"%%time\nif x:\n    !CUDA_VISIBLE_DEVICES=0 {SWIFT}\n",
        "log = !cd repo && " + SWIFT.replace(" --lora_rank", " \\\n  --lora_rank"),
    ],
)
def test_what_goes_to_a_shell_is_read_where_it_stands(cell: str, listed: bool) -> None:
    document = read("a.ipynb", notebook("x = 1\n", cell, listed=listed))
    (setting,) = find_settings(document)
    assert (setting.tool_name, setting.model) == ("ms-swift", "Qwen/Qwen2.5-7B")
    span = setting.document.span(setting.place("r"))
    line = document.text.splitlines()[span.line - 1]
    assert line[span.column - 1 : span.end_column - 1] == "4"


def test_values_of_the_notebook_are_not_known_in_a_command() -> None:
    cell = "!" + SWIFT.replace("Qwen/Qwen2.5-7B", "{model}").replace(" 4 ", " $rank ") + "\n"
    (setting,) = find_settings(read("a.ipynb", notebook(cell)))
    assert isinstance(setting.model, Unknown)
    assert isinstance(setting.fields["r"], Unknown)


@pytest.mark.parametrize(
    "cell",
    ["%%perl\n!{}\n", "%%writefile notes.txt\n!{}\n", "# !{}\n", "print('!{}')\n"],
)
def test_what_no_shell_sees_is_left_alone(cell: str) -> None:
    assert find_settings(read("a.ipynb", notebook(cell.format(SWIFT)))) == []
