"""The words without which a rule of scripts is not loaded are those that it asks for itself."""

from __future__ import annotations

import ast
import inspect
import sys

import pytest

from loracheck.rules import list_all_rules
from loracheck.rules.fields import SCRIPT_RULES, WORDS, list_wordless_rules

RULES = {rule.code: rule for rule in list_all_rules()}


@pytest.mark.parametrize("code", sorted(WORDS))
def test_a_rule_asks_for_its_words_itself(code: str) -> None:
    rule = RULES[code]
    functions = (rule.check_bare, rule.check_adapters, rule.check)
    home = next(
        one for one in functions if one is not None and f".{code.lower()}_" in one.__module__
    )
    body = ast.parse(inspect.getsource(sys.modules[home.__module__])).body[1:]
    said = {
        node.value
        for statement in body
        for node in ast.walk(statement)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert code in SCRIPT_RULES
    for word in WORDS[code]:
        assert any(word in text for text in said), word


@pytest.mark.parametrize("code", sorted(WORDS))
def test_any_of_its_words_loads_a_rule(code: str) -> None:
    assert code in list_wordless_rules("model = 1\n")
    for word in WORDS[code]:
        assert code not in list_wordless_rules(f"model = {word}\n")


@pytest.mark.parametrize("code", sorted(WORDS))
def test_the_example_of_a_page_has_a_word(code: str) -> None:
    bad = RULES[code].page.partition("## Bad")[2].partition("## Good")[0]
    assert code not in list_wordless_rules(bad)
