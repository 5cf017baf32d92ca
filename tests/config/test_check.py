"""What `check` says: messages, suggestions, unknown values, cost."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from loracheck.config import field_table
from loracheck.config.check import check
from loracheck.documents.model import Unknown
from tests.examples import examples
from tests.shared import files, needs

from .values import configs

PLAIN: dict[str, Any] = {
    "peft_type": "LORA",
    "task_type": "CAUSAL_LM",
    "base_model_name_or_path": "org/model",
    "r": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.05,
    "bias": "none",
    "target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
    "modules_to_save": ["lm_head"],
    "inference_mode": True,
}
SUGGESTED: list[tuple[str, Any, Any]] = [
    ("task_type", "QUESTION_ANSWERING", "QUESTION_ANS"),
    ("task_type", "causal_lm", "CAUSAL_LM"),
    ("task_type", "CausalLM", "CAUSAL_LM"),
    ("task_type", "TaskType.CAUSAL_LM", "CAUSAL_LM"),
    ("task_type", "SEQ2SEQ_LM", "SEQ_2_SEQ_LM"),
    ("task_type", "seq_cls", "SEQ_CLS"),
    ("task_type", "TOKEN_CLASSIFICATION", "TOKEN_CLS"),
    ("task_type", "OTHER", None),
    ("bias", "None", "none"),
    ("bias", None, "none"),
    ("bias", False, "none"),
    ("bias", True, "all"),
    ("init_lora_weights", None, True),
    ("target_modules", "[q_proj,v_proj]", ["q_proj", "v_proj"]),
    ("target_modules", '["q_proj", "v_proj"]', ["q_proj", "v_proj"]),
    ("target_modules", "q_proj, v_proj", ["q_proj", "v_proj"]),
    ("target_modules", "[Wqkv]", ["Wqkv"]),
    ("bias", "lora", "lora_only"),
    ("bias", "lora-only", "lora_only"),
    ("init_lora_weights", "PiSSA", "pissa"),
    ("init_lora_weights", "True", True),
    ("init_lora_weights", "false", False),
    ("init_lora_weights", "lora-ga", "lora_ga"),
    ("init_lora_weights", "MICA", "mica"),
    ("peft_type", "lora", "LORA"),
    ("r", "16", 16),
    ("r", 8.0, 8),
    ("lora_alpha", "32", 32),
    ("lora_dropout", "5e-2", 0.05),
    ("use_rslora", "false", False),
    ("use_dora", "True", True),
    ("modules_to_save", "lm_head", ["lm_head"]),
    ("modules_to_save", "lm_head,embed_tokens", ["lm_head", "embed_tokens"]),
    ("target_parameters", "experts.up", ["experts.up"]),
    ("target_modules", ["all-linear"], "all-linear"),
    ("layers_to_transform", "3", 3),
]


@pytest.mark.parametrize(("name", "value", "right"), SUGGESTED, ids=repr)
def test_suggestion(name: str, value: Any, right: Any) -> None:
    (issue,) = check({name: value})
    assert issue.suggestion == right
    assert type(issue.suggestion) is type(right)
    if right is not None:
        assert [i for i in check({name: right}) if i.kind != "ignored"] == []


def test_other_is_to_be_left_out() -> None:
    assert "leave it out" in check({"task_type": "OTHER"})[0].help


@pytest.mark.parametrize(
    "value", ["q_proj", ".*q_proj", "[qkv]_proj", ".*[.](q|v)", "layers.[0-9]", "(q,v)", "", "all"]
)
def test_an_expression_is_no_list_in_quotes(value: str) -> None:
    assert "list-in-quotes" not in {issue.id for issue in check({"target_modules": value})}


CLOSEST = {
    "rank": "r",
    "lora_r": "r",
    "lora_rank": "r",
    "alpha": "lora_alpha",
    "lora-alpha": "lora_alpha",
    "loraAlpha": "lora_alpha",
    "lora_aplha": "lora_alpha",
    "dropout": "lora_dropout",
    "lora_drop": "lora_dropout",
    "target_module": "target_modules",
    "lora_target_modules": "target_modules",
    "target_moduels": "target_modules",
    "task": "task_type",
    "TASK_TYPE": "task_type",
    "module_to_save": "modules_to_save",
    "rslora": "use_rslora",
    "use_rs_lora": "use_rslora",
    "init_lora_weight": "init_lora_weights",
    "layer_to_transform": "layers_to_transform",
    "learning_rate": None,
    "num_train_epochs": None,
    "quantization_config": None,
    "x": None,
}


@pytest.mark.parametrize("name", CLOSEST)
def test_closest(name: str) -> None:
    assert field_table.find_closest_field(name) == CLOSEST[name]


@pytest.mark.parametrize("name", sorted(field_table.get_lora_fields()))
def test_closest_to_a_field_is_itself(name: str) -> None:
    assert field_table.find_closest_field(name) == name
    assert field_table.find_closest_field(name.upper()) == name


def test_closest_in_a_sub_config() -> None:
    assert field_table.find_closest_field("bits", "LoftQConfig") is None
    assert field_table.find_closest_field("loftq_bit", "LoftQConfig") == "loftq_bits"


def test_a_key_of_a_sub_config_is_sent_home() -> None:
    assert "`loftq_config`" in check({"loftq_bits": 4})[0].help


def test_removed_fields() -> None:
    assert "nothing is lost" in check({"enable_lora": None})[0].help
    assert "not enough" in check({"enable_lora": [True, False, True]})[0].help
    assert "0.3.0" in check({"merge_weights": False})[0].message


def test_places() -> None:
    values = {
        "rank_pattern": {"q": 4, "v": "8"},
        "target_modules": ["q", 1],
        "eva_config": {"rho": 0},
        "layers_to_transform": [0, -1],
    }
    assert {issue.path for issue in check(values)} >= {
        ("rank_pattern", "v"),
        ("target_modules", 1),
        ("eva_config", "rho"),
        ("layers_to_transform", 1),
    }


def hidden(value: Any) -> st.SearchStrategy[Any]:
    """The value with some parts unknown."""
    unknown = st.just(Unknown("x"))
    if isinstance(value, dict):
        return st.one_of(unknown, st.fixed_dictionaries({k: hidden(v) for k, v in value.items()}))
    if isinstance(value, list):
        return st.one_of(unknown, st.tuples(*map(hidden, value)).map(list))
    return st.one_of(st.just(value), unknown)


@given(st.data(), configs())
@examples(150, allow=list(HealthCheck))
def test_what_is_unknown_adds_no_error(data: st.DataObject, values: dict[str, Any]) -> None:
    """Hiding a part never brings a new refusal, and every message is whole."""
    part = data.draw(st.fixed_dictionaries({k: hidden(v) for k, v in values.items()}))
    loud = {i.id for i in check(values) if i.effect in ("raises", "fails")}
    for issue in check(part):
        assert issue.message
        assert issue.help
        assert "Unknown(" not in issue.message
        if issue.effect in ("raises", "fails"):
            assert issue.id in loud, (part, issue)


@given(
    st.dictionaries(st.sampled_from(sorted(field_table.get_lora_fields())), st.just(Unknown("x")))
)
def test_unknown_alone_is_never_wrong(values: dict[str, Any]) -> None:
    assert check(values) == []


TEXT = st.text(max_size=8)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@given(
    st.dictionaries(
        st.sampled_from(sorted(field_table.get_lora_fields())) | st.text(max_size=12), JUNK
    ),
    st.booleans(),
    st.sampled_from([None, *field_table.load_release_table()["releases"]]),
)
@examples(200)
def test_never_a_traceback(values: dict[str, Any], saved: bool, peft: str | None) -> None:
    for issue in check(values, saved=saved, peft=peft):
        assert issue.path
        assert issue.message


@needs("corpus")
def test_real_adapters_are_clean() -> None:
    """Files that PEFT wrote: nothing is refused, nothing fails."""
    import json

    seen = 0
    for path in files("corpus/peft-adapter", ".json"):
        try:
            values = json.loads(path.read_bytes())
        except ValueError:
            continue
        if not isinstance(values, dict) or values.get("peft_type") != "LORA":
            continue
        seen += 1
        issues = [i for i in check(values, saved=True) if i.effect in ("raises", "fails")]
        assert issues == [], path
    assert seen > 20


def test_a_plain_config_is_clean() -> None:
    full = {name: field.default for name, field in field_table.get_lora_fields().items()}
    full.update(PLAIN)
    assert check(PLAIN) == check(full) == []


def test_the_hot_path_stays_light() -> None:
    code = (
        "import sys; from loracheck.config.check import check; check({'r': 4, 'rank': 1});"
        "print([m for m in ('pydantic', 'jsonschema', 'yaml', 'numpy', 'pathlib', 'inspect')"
        " if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
