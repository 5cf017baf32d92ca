"""The shape of `weight[index]`, held against torch."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from loracheck.plan.graph.indexing import BadIndexError, index_shape
from tests.examples import examples

SHAPE = (5, 4)
ROW = st.integers(-6, 6)
ROWS = st.lists(ROW, min_size=1, max_size=4)
MASK = st.lists(st.booleans(), min_size=1, max_size=6)
ODD = st.sampled_from([None, True, False, "x", b"x", 2.5, 1.0, {}])
PART = st.one_of(ROW, ROWS, st.none(), st.booleans())
INDEX = st.one_of(
    ROW,
    ROWS,
    ROWS.map(tuple),
    MASK,
    ODD,
    ODD.map(lambda item: [item]),
    st.lists(PART, min_size=1, max_size=3),
    st.lists(PART, min_size=1, max_size=3).map(tuple),
)


def torch_says(index: Any) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch does not like a list that is taken for a tuple
            return tuple(torch.zeros(SHAPE)[index].shape)
    except (IndexError, TypeError, ValueError, RuntimeError) as error:
        return type(error).__name__


def told(index: Any) -> Any:
    try:
        return index_shape(SHAPE, index)
    except BadIndexError as error:
        return error.exception


@given(INDEX)
@examples(300)
def test_as_torch_has_it(index: Any) -> None:
    assert told(index) == torch_says(index)


@pytest.mark.parametrize(
    "index",
    [[1, 2], (1, 2), 3, None, [None], True, [True], [[1, 2]], [[1], [2]], "1", ["1"], 1.0, [1.0]],
    ids=repr,
)
def test_what_configs_hold(index: Any) -> None:
    assert told(index) == torch_says(index)


def test_a_list_of_many_is_no_tuple() -> None:
    index = [[0]] * 32
    assert told(index) == torch_says(index) == (32, 1, 4)
