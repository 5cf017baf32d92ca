"""What is folded from a Python text is what Python itself makes of it."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import assume, event, given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.documents.model import Unknown
from tests.examples import examples

from .programs import LITERALS, programs

FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    NameError,
    SyntaxError,
    TypeError,
    ValueError,
)


class TaskType:
    SEQ_CLS = "SEQ_CLS"


def run(program: str) -> list[dict[str, Any]]:
    """The arguments of each LoraConfig call when the program really runs."""
    seen: list[dict[str, Any]] = []

    @contextlib.contextmanager
    def ctx(value: Any) -> Iterator[Any]:
        yield value

    scope = {
        "LoraConfig": lambda **given: seen.append(copy.deepcopy(given)),
        "TaskType": TaskType,
        "ctx": ctx,
    }
    with contextlib.suppress(*FAULTS):  # what fails after the call is of no interest
        exec(compile(program.replace("from peft import", "#"), "<program>", "exec"), scope)
    return seen


def agrees(folded: Any, real: Any) -> bool:
    """Whether a folded value is the real one; what is unknown agrees with everything."""
    if isinstance(folded, Unknown):
        return True
    if isinstance(folded, list) and isinstance(real, (list, set, range)):
        wanted = list(real)
        if isinstance(real, set):  # a set is given as a list, in the order of the text
            return len(folded) == len(wanted) and all(
                any(agrees(f, w) for w in wanted) for f in folded
            )
        return len(folded) == len(wanted) and all(map(agrees, folded, wanted))
    if isinstance(folded, tuple) and isinstance(real, tuple):
        return len(folded) == len(real) and all(map(agrees, folded, real))
    if isinstance(folded, dict) and isinstance(real, dict):
        return folded.keys() == real.keys() and all(agrees(v, real[k]) for k, v in folded.items())
    if isinstance(folded, float) and isinstance(real, float) and math.isnan(real):
        return math.isnan(folded)
    return type(folded) is type(real) and bool(folded == real)


@examples()
@given(LITERALS)
def test_a_literal_is_always_folded(value: Any) -> None:
    document = read("a.py", f"LoraConfig(r={value!r}, **{{'bias': {value!r}}})")
    assert document.roots == [{"r": value, "bias": value}]


@examples()
@given(LITERALS)
def test_a_named_literal_is_always_folded(value: Any) -> None:
    document = read("a.py", f"x = {value!r}\ny = x\ndef f():\n    return LoraConfig(r=y)")
    assert document.roots == [{"r": value}]


@examples()
@given(programs())
def test_a_folded_value_is_the_one_that_python_makes(program: str) -> None:
    seen = run(program)
    assume(seen)
    document = read("a.py", program)
    assert len(document.roots) == 1
    folded = document.roots[0]
    for real in seen:
        for name, value in folded.items():
            assert agrees(value, real[name]), (name, value, real[name])
    event(f"folded: {sum(not isinstance(v, Unknown) for v in folded.values())}")


@examples()
@given(st.lists(st.sampled_from(["q_proj", "é", "𝔘"]), max_size=4))
def test_entries_stand_where_they_are_written(names: list[str]) -> None:
    text = f"NAMES = {names!r}\nLoraConfig(target_modules=NAMES + ['x'])"
    document = read("a.py", text)
    for index, name in enumerate([*names, "x"]):
        span = document.span((0, "target_modules", index))
        line = text.split("\n")[span.line - 1]
        assert line[span.column - 1 : span.end_column - 1] == repr(name)
