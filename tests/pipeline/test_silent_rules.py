"""A verdict does not rest on what was checked before: rules that were silent on a config would be
silent on the same config with other numbers, in another order.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from loracheck.documents.dependencies import record_dependencies
from loracheck.options.lint_settings import LintSettings
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.pipeline import check_file, read_contexts, silent_rules
from loracheck.plan.numbers import split_numbers
from loracheck.rules import list_all_rules
from tests.rules.case_files import cases
from tests.rules.pages import FILES, examples

NAME = FILES["json"]
SHARED = tuple(
    rule
    for rule in list_all_rules()
    if rule.code.startswith(silent_rules.FAMILIES) and rule.code not in silent_rules.MORE
)


def list_configs() -> Iterator[dict[str, Any]]:
    """The adapter configs of all rules' pages and cases whose numbers may be changed."""
    texts = [example.text for case in cases() for example in case.files if example.file == NAME]
    for rule in list_all_rules():
        texts += [one.text for one in examples(rule.page, "Bad") if one.file == NAME]
    for text in dict.fromkeys(texts):
        try:
            config = json.loads(text)
        except ValueError:
            continue
        if isinstance(config, dict) and split_numbers(config) is not None:
            yield config


CONFIGS = list(list_configs())


@cache
def get_settings() -> LintSettings:
    return resolve_settings(RunOptions(isolated=True), ()).for_path(NAME)


def check(config: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    """The code, field and severity of each finding."""
    result = check_file(NAME, NAME, get_settings(), json.dumps(config))
    return [(one.code, one.field, one.severity) for one in result.findings]


def change_numbers(config: dict[str, Any]) -> dict[str, Any]:
    """The config with other numbers, its keys and targets in another order."""
    draw = random.Random(zlib.crc32(json.dumps(config).encode()))
    changed = dict(draw.sample(list(config.items()), len(config)))
    changed |= {"r": draw.choice([1, 4, 24, 4096]), "lora_alpha": draw.choice([0.5, 8, 4096])}
    if config.get("lora_dropout", 0) > 0:
        changed["lora_dropout"] = draw.choice([0.01, 0.3, 0.99])
    targets = changed.get("target_modules")
    if isinstance(targets, list):
        changed["target_modules"] = draw.sample(targets, len(targets))
    return changed


def test_there_is_enough_to_hold_the_rules_against() -> None:
    assert len(CONFIGS) > 200
    found = {code for config in CONFIGS for code, _, _ in check(config)}
    assert len(found & {rule.code for rule in SHARED}) > 20


@pytest.mark.parametrize("part", range(8))
def test_what_was_checked_before_changes_no_verdict(part: int) -> None:
    for config in CONFIGS[part::8]:
        changed = change_numbers(config)
        silent_rules.forget_all()
        alone = check(changed)
        silent_rules.forget_all()
        before = check(config)
        assert check(changed) == alone, config
        assert check(config) == before, config


def test_the_rules_that_are_not_asked_again_look_at_no_file() -> None:
    for config in CONFIGS:
        for context in read_contexts(NAME, get_settings(), json.dumps(config)):
            with record_dependencies() as found:
                for rule in SHARED:
                    list(rule.check(context))
            assert not found.states, (config, found.states)


def test_a_kind_is_not_shared_where_the_text_says_more_than_its_values() -> None:
    text = '{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], "r": 16}'
    model = ', "base_model_name_or_path": "Qwen/Qwen2.5-7B"}'
    twice = text.replace("}", model)
    once = twice.replace(', "r": 16', "")
    escaped = once.replace("q_proj", "q\\u005fproj")
    kinds = [
        silent_rules.build_kind(read_contexts(NAME, get_settings(), one)[0], frozenset())
        for one in (once, twice, escaped)
    ]
    assert kinds[0] is not None
    assert kinds[1:] == [None, None]
