"""Whatever a file holds, the plan answers: with PEFT's error, or with a plan; it never raises."""

from __future__ import annotations

import builtins
import random
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.oracle import draw
from bench.oracle.model_names import ModelNames
from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Unknown
from loracheck.plan import plan
from tests.examples import examples

from .trees import SMALL, TREES

TEXTS = st.one_of(
    st.sampled_from(["", "q_proj", "(", ".*", "mlp", "0", "nan", "all-linear"]), st.text()
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.sampled_from([10**25, -(10**25), 2**63]),
    st.floats(),
    TEXTS,
    st.builds(Unknown),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
)
FIELDS = st.dictionaries(st.sampled_from([*get_lora_fields(), "nothing"]), VALUES, max_size=4)


@given(config=FIELDS, name=st.sampled_from(sorted(TREES)))
@examples(400)
def test_never_raises(config: dict[str, Any], name: str) -> None:
    found = plan({"target_modules": ["q_proj", "fc"], **config}, TREES[name])
    assert found is None or found.error is not None or found.targeted >= 0


@given(field=st.sampled_from(sorted(get_lora_fields())), value=VALUES, seed=st.integers(0, 2**32))
@examples(400)
def test_never_raises_beside_good_values(field: str, value: Any, seed: int) -> None:
    config = draw.draw_config(random.Random(seed), ModelNames(SMALL))
    found = plan({**config, field: value}, SMALL)
    assert found is None or found.error is not None or found.targeted >= 0


@pytest.mark.parametrize("field", ["target_modules", "exclude_modules", "modules_to_save"])
@pytest.mark.parametrize("value", [5, True, [5], [None], [["q_proj"]], 1.5])
def test_wrong_types_are_named(field: str, value: Any) -> None:
    found = plan({"target_modules": ["q_proj"], field: value}, SMALL)
    assert found is not None
    if field != "exclude_modules" or not isinstance(value, list):
        assert found.error is not None
        assert (found.error.code, found.error.field) == ("wrong-type", field)


BLOCKS = {"target_modules_bd_a": ["q_proj"]}


@pytest.mark.parametrize(
    ("values", "exception"),
    [
        ({"use_bdlora": {**BLOCKS, "nblocks": "2"}}, "TypeError"),
        ({"use_bdlora": {**BLOCKS, "nblocks": None}}, "TypeError"),
        ({"use_bdlora": {**BLOCKS, "nblocks": 2.0}}, "TypeError"),
        ({"use_bdlora": {**BLOCKS, "nblocks": 0}}, "ZeroDivisionError"),
        ({"use_bdlora": {**BLOCKS, "nblocks": -2}}, "RuntimeError"),
        ({"use_bdlora": {**BLOCKS, "nblocks": 5}}, "ValueError"),
        ({"use_bdlora": {"target_modules_bd_a": [5]}}, "TypeError"),
        ({"monteclora_config": {"num_samples": 2.5}}, "TypeError"),
        ({"monteclora_config": {"num_samples": True}}, "TypeError"),
        ({"modules_to_save": 0, "trainable_token_indices": [1]}, "TypeError"),
    ],
    ids=repr,
)
def test_values_that_python_cannot_work_with(values: dict[str, Any], exception: str) -> None:
    nn, peft = pytest.importorskip("torch.nn"), pytest.importorskip("peft")
    model = nn.Sequential(OrderedDict(embed_tokens=nn.Embedding(16, 8), q_proj=nn.Linear(8, 8)))
    model.get_input_embeddings = lambda: model.embed_tokens
    with pytest.raises(getattr(builtins, exception)):
        peft.get_peft_model(model, peft.LoraConfig(target_modules=["q_proj"], **values))
    found = plan({"target_modules": ["q_proj"], **values}, SMALL)
    assert found is not None
    assert found.error is not None
    assert (found.error.exception, found.error.field) == (exception, next(iter(values)))


def test_parameters_that_do_not_sort_are_refused() -> None:
    """PEFT sorts target_parameters before it matches any. Which of the two types its message
    names first changes with Python's hash seed, so the class alone is compared.
    """
    nn, peft = pytest.importorskip("torch.nn"), pytest.importorskip("peft")
    unsorted: dict[str, Any] = {"target_parameters": [1, "mlp.up_proj.weight"]}
    with pytest.raises(TypeError, match="'<' not supported"):
        peft.get_peft_model(
            nn.Sequential(nn.Linear(2, 2)), peft.LoraConfig(target_modules=["0"], **unsorted)
        )
    found = plan({"target_modules": ["q_proj"], **unsorted}, SMALL)
    assert found is not None
    assert found.error is not None
    assert (found.error.exception, found.error.field) == ("TypeError", "target_parameters")
