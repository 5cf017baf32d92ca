"""The fields without which a rule is not loaded are those that it speaks of."""

from __future__ import annotations

import pytest

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import DocumentError
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import read_contexts
from loracheck.rules import list_all_rules
from loracheck.rules.field_rules import FIELDS, list_fieldless_rules
from tests.rules.case_files import cases

SETTINGS = resolve_settings(RunOptions(isolated=True), ()).for_path("adapter_config.json")
CONFIG = '{"peft_type": "LORA", "target_modules": ["q_proj"], %s}'


def list_loaded(text: str) -> set[str]:
    """The rules of FIELDS that are loaded for an adapter config with these fields."""
    (context,) = read_contexts("adapter_config.json", SETTINGS, CONFIG % text)
    return set(FIELDS) - list_fieldless_rules(context.setting)


def test_a_rule_that_is_not_loaded_has_nothing_to_say() -> None:
    rules = {rule.code: rule for rule in list_all_rules()}
    left_out = dict.fromkeys(FIELDS, 0)
    for case in cases():
        for example in case.files:
            try:
                contexts = read_contexts(example.file, SETTINGS, example.text)
            except DocumentError:
                continue
            for context in contexts:
                for code in list_fieldless_rules(context.setting):
                    left_out[code] += 1
                    assert not list(rules[code].check(context)), f"{code} of {case.title}"
    assert min(left_out.values()) > 100


@pytest.mark.parametrize("name", sorted({name for names in FIELDS.values() for name in names}))
def test_no_value_of_such_a_field_is_its_default(name: str) -> None:
    assert get_lora_fields()[name].default in (None, False, {}, [])
    empty = list_loaded(f'"{name}": null')
    assert not any(name in FIELDS[code] for code in empty)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('"layers_to_transform": 0', {"LC207", "LC217", "LC218"}),
        ('"layers_to_transform": []', set()),
        ('"modules_to_save": ["lm_head"]', {"LC209", "LC401", "LC402"}),
        ('"rank_pattern": {}, "use_qalora": false', set()),
        ('"rank_pattern": {"q": 4}', {"LC210", "LC305", "LC306"}),
        ('"use_qalora": "yes"', {"LC109"}),
    ],
)
def test_a_value_loads_the_rules_about_it(text: str, codes: set[str]) -> None:
    assert list_loaded(text) == codes


def test_what_is_not_known_loads_them_all() -> None:
    text = "from peft import LoraConfig\nLoraConfig(target_modules=['q_proj'], **more)\n"
    (context,) = read_contexts("a.py", SETTINGS, text)
    assert not list_fieldless_rules(context.setting)
