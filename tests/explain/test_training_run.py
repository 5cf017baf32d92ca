"""What a script says of its run: the arguments of its trainer, the load of its model."""

from __future__ import annotations

import pytest

from loracheck.documents import read
from loracheck.explain.file.training_run import TrainingRun, read_training_run
from loracheck.explain.numbers.optimisers import find_optimiser
from loracheck.tools import find_settings

SCRIPT = """
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
from trl import SFTConfig, SFTTrainer
{before}
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-0.6B", dtype={dtype})
config = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
{after}
"""
TRAINER = "args = {0}\ntrainer = SFTTrainer(model=model, args=args, peft_config=config)"


def run_of(after: str, before: str = "", dtype: str = "torch.bfloat16") -> TrainingRun:
    text = SCRIPT.format(before=before, after=after, dtype=dtype)
    (setting,) = find_settings(read("a.py", text))
    return read_training_run(setting)


def test_the_trainer_s_arguments_are_read() -> None:
    run = run_of(
        TRAINER.format(
            "SFTConfig(output_dir='o', per_device_train_batch_size=4, max_length=512, "
            "optim='adamw_8bit', gradient_checkpointing=False)"
        )
    )
    assert (run.batch, run.sequence, run.checkpointing) == (4, 512, False)
    assert run.optimiser == "adamw_8bit"
    assert run.full is False


def test_what_is_left_out_has_the_library_s_default() -> None:
    run = run_of(TRAINER.format("SFTConfig(output_dir='o')"))
    assert (run.batch, run.sequence, run.checkpointing) == (8, 1024, True)
    run = run_of(
        "args = TrainingArguments('o')\ntrainer = Trainer(get_peft_model(model, config), args)"
    )
    assert (run.batch, run.checkpointing) == (8, False)


def test_unread_arguments_leave_the_default_open() -> None:
    run = run_of(TRAINER.format("SFTConfig(**settings)"))
    assert run == TrainingRun(fields_in_file=("full",))


def test_another_trainer_s_arguments_do_not_count() -> None:
    before = "other = TrainingArguments('o', per_device_train_batch_size=64)"
    run = run_of(TRAINER.format("SFTConfig(output_dir='o', per_device_train_batch_size=2)"), before)
    assert run.batch == 2


def test_another_model_s_precision_does_not_count() -> None:
    before = 'teacher = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-8B", dtype=torch.float32)'
    assert run_of(TRAINER.format("SFTConfig('o')"), before).full is False
    assert run_of(TRAINER.format("SFTConfig('o')"), dtype="torch.float32").full is True


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("adamw_torch_fused", "AdamW"),
        ("paged_adamw_8bit", "8-bit AdamW"),
        ("lion_8bit", "8-bit Lion"),
        ("sgd", "SGD without momentum"),
        ("adafactor", "Adafactor"),
        ("ademamix", "AdEMAMix"),
    ],
)
def test_an_optimiser_is_what_it_is(name: str, title: str) -> None:
    found = find_optimiser(name)
    assert found is not None
    assert found.name == title


def test_an_optimiser_that_is_not_known_is_not_adamw() -> None:
    assert find_optimiser("galore_adamw") is None
