"""Sub-configs that Python builds, where PEFT tells them from mappings."""

from __future__ import annotations

from peft import LoftQConfig

from loracheck.documents.model import Record
from loracheck.plan.config.lora_config import LOFTQ, resolve_config, run_post_init
from loracheck.plan.result.warning_log import WarningLog


def test_the_defaults_are_those_of_the_class() -> None:
    assert vars(LoftQConfig()) == LOFTQ
    lora, _ = resolve_config({"init_lora_weights": "loftq", "loftq_config": Record(loftq_bits=8)})
    run_post_init(lora, WarningLog())
    assert lora.loftq_config == vars(LoftQConfig(loftq_bits=8))


def test_a_config_without_arguments_is_a_config() -> None:
    lora, _ = resolve_config({"init_lora_weights": "loftq", "loftq_config": Record()})
    run_post_init(lora, WarningLog())
    assert lora.loftq_config == LOFTQ
