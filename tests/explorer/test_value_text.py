"""What is typed into a field, and what a field's value looks like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.config.field_table import get_lora_fields
from loracheck.explorer.field_edit import ABSENT
from loracheck.explorer.value_text import IncompleteValue, format_value, parse_value
from loracheck.fixes.verify import is_same_value

FIELDS = get_lora_fields()

TYPED: list[tuple[str, str, Any]] = [
    ("r", "16", 16),
    ("r", "", ABSENT),
    ("r", "sixteen", "sixteen"),
    ("lora_alpha", "8", 8),
    ("lora_dropout", ".05", 0.05),
    ("lora_dropout", "1e-3", 0.001),
    ("use_rslora", "true", True),
    ("use_rslora", "none", None),
    ("target_modules", "q_proj", ["q_proj"]),
    ("target_modules", "q_proj, v_proj,", ["q_proj", "v_proj"]),
    ("target_modules", "self_attn.q_proj", ["self_attn.q_proj"]),
    ("target_modules", "all-linear", "all-linear"),
    ("target_modules", '"q_proj"', "q_proj"),
    ("target_modules", r".*\.q_proj", r".*\.q_proj"),
    ("target_modules", r".*\.(q|v)_proj", r".*\.(q|v)_proj"),
    ("target_modules", r".*\.\d{1,2}\..*", r".*\.\d{1,2}\..*"),
    ("target_modules", '["a.*", "b"]', ["a.*", "b"]),
    ("target_modules", "[a, b]", ["a", "b"]),
    ("target_modules", "null", None),
    ("modules_to_save", "lm_head", ["lm_head"]),
    ("layers_to_transform", "0-3, 7", [0, 1, 2, 3, 7]),
    ("layers_to_transform", "5", 5),
    ("layers_to_transform", "[5]", [5]),
    ("trainable_token_indices", "5", [5]),
    ("trainable_token_indices", "embed_tokens: [1, 2]", {"embed_tokens": [1, 2]}),
    ("rank_pattern", "q_proj: 4, v_proj: 8", {"q_proj": 4, "v_proj": 8}),
    ("rank_pattern", r"^model\.layers\.\d{1,2}\.q: 4", {r"^model\.layers\.\d{1,2}\.q": 4}),
    ("init_lora_weights", "pissa_niter_16", "pissa_niter_16"),
    ("init_lora_weights", "false", False),
    ("eva_config", "rho: 1.5", {"rho": 1.5}),
    ("task_type", "CAUSAL_LM", "CAUSAL_LM"),
    ("task_type", "null", None),
    ("revision", "1234", "1234"),
]


@pytest.mark.parametrize(("field", "text", "value"), TYPED)
def test_what_is_typed(field: str, text: str, value: Any) -> None:
    found = parse_value(text, FIELDS[field])
    assert found is value if value is ABSENT else is_same_value(found, value)


@pytest.mark.parametrize("text", ["[", '["q_proj"', '"q', "{", "'a", '{"a: }'])
def test_what_is_not_complete(text: str) -> None:
    assert isinstance(parse_value(text, FIELDS["target_modules"]), IncompleteValue)


def test_numbers_in_a_row() -> None:
    assert format_value([0, 1, 2, 3, 7, 9, 10]) == "0-3, 7, 9, 10"
    assert format_value(["q_proj", "v_proj"]) == "q_proj, v_proj"
    assert format_value("q_proj") == '"q_proj"'


NAMES = st.lists(
    st.from_regex(r"[a-z_.0-9]{1,12}", fullmatch=True) | st.text(max_size=8), max_size=5
)
NUMBERS = st.integers(0, 60)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "target_modules": NAMES | st.text() | st.none() | st.just("all-linear"),
    "modules_to_save": NAMES | st.none(),
    "target_parameters": NAMES,
    "layers_to_transform": st.lists(NUMBERS) | NUMBERS | st.none(),
    "r": st.integers(-5, 512) | st.floats(allow_nan=False) | st.booleans() | st.none(),
    "lora_dropout": st.floats(0, 1),
    "rank_pattern": st.dictionaries(st.text(), NUMBERS),
    "trainable_token_indices": st.dictionaries(st.text(), st.lists(NUMBERS)) | st.lists(NUMBERS),
    "init_lora_weights": st.booleans() | st.sampled_from(FIELDS["init_lora_weights"].choices),
    "task_type": st.none() | st.text(),
    "eva_config": st.dictionaries(st.text(), st.floats(allow_nan=False, allow_infinity=False)),
}


def test_quotes_only_where_they_are_needed() -> None:
    assert format_value("CAUSAL_LM", FIELDS["task_type"]) == "CAUSAL_LM"
    assert format_value("null", FIELDS["task_type"]) == '"null"'
    assert format_value("q_proj", FIELDS["target_modules"]) == '"q_proj"'


@given(st.data(), st.sampled_from(sorted(VALUES)))
def test_every_value_reads_back(data: st.DataObject, name: str) -> None:
    value = data.draw(VALUES[name])
    found = parse_value(format_value(value), FIELDS[name])
    own = parse_value(format_value(value, FIELDS[name]), FIELDS[name])
    if isinstance(value, float) and abs(value) == float("inf"):
        return  # JSON has no word for it that a config could hold
    assert is_same_value(found, value), format_value(value)
    assert is_same_value(own, value), format_value(value, FIELDS[name])


@given(st.text(), st.sampled_from(sorted(FIELDS)))
def test_any_text_is_a_value_or_unfinished(text: str, name: str) -> None:
    value = parse_value(text, FIELDS[name])
    if not isinstance(value, IncompleteValue):
        assert (
            is_same_value(parse_value(format_value(value), FIELDS[name]), value) or value is ABSENT
        )
