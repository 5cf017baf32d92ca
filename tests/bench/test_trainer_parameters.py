"""The table of what the trainers and their configs take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.files.trainer_parameters import Table
from loracheck.rules.support.trainer_arguments import TRANSFORMERS, TRL
from loracheck.rules.support.trainer_parameters import PATH, load_parameters

SOURCE = b"""
class TrainingArguments:
    output_dir: str
    beta: float = 0.0
class SFTConfig(TrainingArguments):
    packing: bool = False
class KTOConfig(Other):
    packing: bool = False
class Trainer:
    def __init__(self, model, *, args=None): ...
class DPOTrainer(Trainer):
    def __init__(self, model, **kwargs): ...
"""


def test_parameters_of_the_classes_above_are_among_them() -> None:
    table = Table()
    table.read(SOURCE)
    assert table.collect("SFTConfig") == {"output_dir", "beta", "packing"}
    assert table.collect("Trainer") == {"model", "args"}


def test_a_class_that_takes_anything_is_not_known() -> None:
    table = Table()
    table.read(SOURCE)
    assert table.collect("DPOTrainer") is None
    assert table.collect("KTOConfig") is None


def test_what_releases_took_once_is_among_the_parameters() -> None:
    known = load_parameters()
    for table in (TRL, TRANSFORMERS):
        for name in table.keys() & known.keys():
            missing = table[name].keys() - known[name]
            assert not missing, name


def test_the_newest_release_takes_nothing_else() -> None:
    transformers = pytest.importorskip("transformers")
    read = json.loads(Path(PATH).read_text("utf-8"))["read in"]["transformers"]
    if transformers.__version__ not in read:
        pytest.skip("another release is installed")
    fields = transformers.TrainingArguments.__dataclass_fields__
    assert fields.keys() <= load_parameters()["TrainingArguments"]
