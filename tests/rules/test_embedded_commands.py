"""Rules about a command's words speak at the right place where it stands in another file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file

if TYPE_CHECKING:
    from pathlib import Path

TRAIN = "accelerate launch train_network.py --network_module=networks.lora --network_dim=8"
SERVE = "vllm serve Qwen/Qwen2.5-7B --enable-lora --lora-modules style=style"
COMMANDS = {
    "LC716": (f"{TRAIN} --network_alpha=4 --network_alpha=8", "--network_alpha=4"),
    "LC720": (f"{TRAIN}\n  --network_alpha=8", "--network_alpha=8"),
    "LC721": (f"{TRAIN} --network_alpha=8 --resolution=768, 512", "512"),
    "LC717": (f"{SERVE} --lora-target-modules qkv_proj", "--lora-target-modules"),
    "LC718": (f"{SERVE} --max-lora-rank 48", "--max-lora-rank"),
}
NOTEBOOKS = ("inner.ipynb", "line.ipynb", "written.ipynb", "trained.ipynb")
ADAPTER = {"peft_type": "LORA", "target_modules": ["q_proj", "down_proj"]}


def write_notebook(first: str, command: str) -> str:
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": first + command}]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(("inner.sh", code) for code in COMMANDS),
        ("inner.ipynb", "LC721"),
        ("written.ipynb", "LC721"),
        *((name, code) for name in NOTEBOOKS for code in ("LC717", "LC718")),
    ],
)
def test_place_of_a_word(name: str, code: str, tmp_path: Path) -> None:
    command, word = COMMANDS[code]
    texts = {
        "inner.sh": f"cd work\n  bash <<'EOF'\n{command}\nEOF\n",
        "inner.ipynb": write_notebook("%%bash\n", command),
        "line.ipynb": write_notebook("import os\n!", command),
        "written.ipynb": write_notebook("%%writefile train.sh\n", command),
        "trained.ipynb": write_notebook(f"!{TRAIN}\n!", command),
    }
    (tmp_path / "style").mkdir()
    (tmp_path / "style" / "adapter_config.json").write_text(json.dumps(ADAPTER))
    path = tmp_path / name
    path.write_text(texts[name])
    (finding,) = check_file(str(path), name, LintSettings(frozenset({code}))).findings
    line = texts[name].splitlines()[finding.span.line - 1]
    assert finding.code == code
    assert line[finding.span.column - 1 :].startswith(word)
