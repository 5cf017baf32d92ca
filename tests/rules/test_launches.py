"""How a script is started: what the commands beside it say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loracheck.documents import read
from loracheck.rules.support.launches import Launch, find_launch, splits_model

if TYPE_CHECKING:
    from pathlib import Path

    from loracheck.documents.model import Document

ZERO3 = '{"zero_optimization": {"stage": 3}}'
ACCELERATE = "distributed_type: DEEPSPEED\ndeepspeed_config: {%s}\nnum_processes: 4\n"


def _document(folder: Path, command: str, **files: str) -> Document:
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text, "utf-8")
    (folder / "run.sh").write_text(command + "\n", "utf-8")
    (folder / "train.py").write_text("import peft\n", "utf-8")
    return read(str(folder / "train.py"))


@pytest.mark.parametrize(
    ("command", "launch"),
    [
        ("torchrun --nproc_per_node=2 train.py", Launch(2, False, "run.sh")),
        (
            "python -m torch.distributed.run --nproc-per-node 3 ./train.py",
            Launch(3, False, "run.sh"),
        ),
        ("N=8\ntorchrun --nproc_per_node $N train.py", Launch(8, False, "run.sh")),
        ("torchrun --nproc_per_node $N train.py", Launch(0, False, "run.sh")),
        ("python train.py --num_processes 4", Launch(0, False, "run.sh")),
        ("deepspeed --num_gpus 2 train.py --deepspeed a.json", Launch(2, True, "run.sh")),
        ("accelerate launch --config_file b.yaml train.py", Launch(4, True, "run.sh")),
        ("accelerate launch --config_file c.yaml train.py", Launch(4, False, "run.sh")),
        (
            "accelerate launch --config_file b.yaml --num_processes 1 train.py",
            Launch(1, True, "run.sh"),
        ),
        (
            "accelerate launch --use_deepspeed --zero_stage 3 --num_processes 2 train.py",
            Launch(2, True, "run.sh"),
        ),
        ("accelerate launch --config_file d.yaml train.py", Launch(0, False, "run.sh", True)),
        ("accelerate launch --config_file e.yaml train.py", Launch(0, False, "run.sh")),
        ("torchrun --nproc_per_node=2 other_train.py", Launch()),
        ("echo train.py", Launch()),
    ],
)
def test_says_what_the_command_says(tmp_path: Path, command: str, launch: Launch) -> None:
    document = _document(
        tmp_path,
        command,
        a_json=ZERO3,
        b_yaml=ACCELERATE % "zero_stage: 3",
        c_yaml=ACCELERATE % "zero_stage: 2",
        d_yaml="distributed_type: FSDP\nfsdp_config: {fsdp_offload_params: true}\n",
        e_yaml="distributed_type: FSDP\nfsdp_config: {fsdp_version: 2}\n",
    )
    assert find_launch(document) == launch


def test_commands_that_differ_say_nothing(tmp_path: Path) -> None:
    document = _document(
        tmp_path,
        "torchrun --nproc_per_node=2 train.py --deepspeed a.json\npython train.py",
        a_json=ZERO3,
    )
    assert find_launch(document) == Launch(0, False, "run.sh")


@pytest.mark.parametrize(
    ("value", "splits"),
    [
        ("a.json", True),
        ("b.json", False),
        ("missing.json", False),
        ("../a.json", False),
        ({"zero_optimization": {"stage": 3}}, True),
        ({"zero_optimization": {"stage": "3"}}, False),
        (None, False),
    ],
)
def test_reads_the_stage(tmp_path: Path, value: object, splits: bool) -> None:
    document = _document(tmp_path, "true", a_json=ZERO3, b_json='{"zero_optimization": 3}')
    assert splits_model(document, value) is splits
