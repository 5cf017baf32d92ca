"""Whatever stands in a config, the report comes out: text, JSON, comparison, and a new file."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.config.field_table import get_lora_fields
from loracheck.explain import schema
from loracheck.explain.compare.difference import compare
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.file.json_report import format_comparison_json, format_settings_json
from loracheck.explain.text import choose_style, render
from loracheck.explain.text.comparison import render as render_comparison
from loracheck.explain.write import WRITABLE_TOOLS, WriteRequest, write
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request as Model
from tests.examples import examples

from .build import case_on

SCHEMA = jsonschema.Draft202012Validator(json.loads(schema.PATH.read_text(encoding="utf-8")))
PLAIN = choose_style(80, colour=False, encoding="utf-8")
WORDS = st.sampled_from(
    [
        *("q_proj", "lm_head", "all-linear", ".*", "(", "", "0", "CAUSAL_LM", "SEQ_CLS", "none"),
        *("ü\n\x1b[31m", "layers.0.mlp", "pissa", "embed_tokens", "all", "x" * 200),
    ]
)
PLAINS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.floats(allow_nan=False, width=16), WORDS
)
VALUES = st.recursive(
    PLAINS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(WORDS, inner, max_size=3)),
    max_leaves=5,
)
CONFIGS = st.dictionaries(
    st.sampled_from(sorted(set(get_lora_fields()) - {"peft_type"})), VALUES, max_size=6
)
MODELS = ["Qwen/Qwen2.5-0.5B", "Qwen/Qwen3-30B-A3B", "google-t5/t5-base"]


@examples(40)
@pytest.mark.parametrize("model", MODELS)
@given(config=CONFIGS, plain=st.booleans())
def test_no_config_breaks_a_report(model: str, config: dict[str, Any], plain: bool) -> None:
    tree = resolve(Model(model)).tree
    assert tree is not None
    if plain:  # mostly something that PEFT takes
        config = {"target_modules": ["q_proj", "q"], **config}
    found = assess_setting(case_on(tree, **config))
    text = render(found, PLAIN)
    assert max(map(len, text.splitlines())) <= 80
    assert text.replace("\n", "").isprintable()
    SCHEMA.validate(json.loads(format_settings_json([found]), parse_constant=pytest.fail))
    other = assess_setting(case_on(tree, target_modules="all-linear"))
    difference = compare(found, other)
    assert render_comparison(difference, PLAIN).replace("\n", "").isprintable()
    SCHEMA.validate(json.loads(format_comparison_json(difference)))


@examples(40)
@pytest.mark.parametrize("tool", WRITABLE_TOOLS)
@given(config=CONFIGS)
def test_no_config_breaks_a_writer(tool: str, config: dict[str, Any]) -> None:
    text = write(WriteRequest(config, "some/model"), tool).text
    assert text.endswith("\n")
