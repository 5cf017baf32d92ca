"""A file of a training that is given to a command which only loads the model is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.documents.formats import parse_as
from loracheck.tools.llamafactory_inference import find_refused_files

LOADS = "model_name_or_path: a/b\nadapter_name_or_path: s\nfinetuning_type: lora\ntemplate: qwen\n"
TRAINS = LOADS + "stage: sft\ndo_train: true\noutput_dir: o\n"


@pytest.mark.parametrize(
    ("command", "file", "told"),
    [
        ("llamafactory-cli webchat a.yaml", TRAINS, ["webchat"]),
        ("CUDA_VISIBLE_DEVICES=0 llamafactory-cli chat ./a.yaml", TRAINS, ["chat"]),
        ("llamafactory-cli export a.yaml", TRAINS, ["export"]),
        ("llamafactory-cli export a.yaml", LOADS.replace("adapter_name_or", "checkpoint"), []),
        ("llamafactory-cli export a.yaml", LOADS + "checkpoint_dir: c\n", ["export"]),
        ("llamafactory-cli chat a.yaml", LOADS, []),
        ("llamafactory-cli train a.yaml", TRAINS, []),
        ("llamafactory-cli chat b.yaml", TRAINS, []),
        ("llamafactory-cli chat $FILE", TRAINS, []),
        ("llamafactory-cli chat ../a.yaml", TRAINS, []),
    ],
)
def test_a_file_of_a_training_is_told(
    command: str, file: str, told: list[str], tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.yaml").write_text(file, "utf-8")
    script = parse_as(".sh", str(tmp_path / "lora.sh"), command + "\n")
    assert [one.run for one in find_refused_files(script)] == told
