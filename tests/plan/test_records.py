"""Sub-configs that Python builds, where PEFT tells them from mappings."""

from __future__ import annotations

from peft import LoftQConfig

from loracheck.documents.model import Record
from loracheck.plan.config.effective_config import resolve_config
from loracheck.plan.config.post_init import run_post_init
from loracheck.plan.warning_log import WarningLog


def test_an_instance_has_the_defaults_of_its_class() -> None:
    lora, _ = resolve_config({"init_lora_weights": "loftq", "loftq_config": Record(loftq_bits=8)})
    run_post_init(lora, WarningLog())
    assert lora.loftq_config == vars(LoftQConfig(loftq_bits=8))


def test_a_config_without_arguments_is_a_config() -> None:
    lora, _ = resolve_config({"init_lora_weights": "loftq", "loftq_config": Record()})
    run_post_init(lora, WarningLog())
    assert lora.loftq_config == vars(LoftQConfig())
