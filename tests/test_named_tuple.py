"""`NamedTuple` is what `typing` makes of the same class."""

from __future__ import annotations

import pickle
import re
import typing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loracheck
from loracheck.named_tuple import FEW, NamedTuple


class Own(NamedTuple):
    """Three values."""

    a: int
    b: str = "b"
    c: tuple[int, ...] = ()

    @property
    def double(self) -> int:
        return self.a * 2


class Theirs(typing.NamedTuple):
    a: int
    b: str = "b"
    c: tuple[int, ...] = ()


def outcome(function: Any) -> Any:
    try:
        return tuple(function())
    except TypeError as error:
        words = str(error)
        return words.replace("Theirs", "Own").rpartition(")")[2]


VALUES = st.lists(st.integers(), max_size=5)
NAMED = st.dictionaries(st.sampled_from("abcd"), st.integers(), max_size=4)


@given(VALUES, NAMED)
def test_instances_are_made_alike(values: list[int], named: dict[str, int]) -> None:
    assert outcome(lambda: Own(*values, **named)) == outcome(lambda: Theirs(*values, **named))


@given(VALUES, NAMED)
def test_the_first_instance_is_made_alike(values: list[int], named: dict[str, int]) -> None:
    class Fresh(NamedTuple):
        a: int
        b: str = "b"
        c: tuple[int, ...] = ()

    assert outcome(lambda: Fresh(*values, **named)) == outcome(lambda: Theirs(*values, **named))


def test_the_first_and_the_later_instances_are_equal() -> None:
    class Fresh(NamedTuple):
        a: int
        b: int = 2

    assert [Fresh(1) for _ in range(FEW + 3)] == [(1, 2)] * (FEW + 3)
    assert [Fresh(b=3, a=1) for _ in range(3)] == [(1, 3)] * 3


def test_a_class_below_makes_its_own() -> None:
    class Base(NamedTuple):
        a: int

    class Below(Base):
        pass

    made = [Below(n) for n in range(FEW + 3)]
    assert all(type(one) is Below for one in made) and made[-1] == (FEW + 2,)
    assert type(Base(1)) is Base


def test_the_names_of_namedtuple() -> None:
    one, other = Own(1, "x"), Theirs(1, "x")
    assert one._asdict() == other._asdict()
    assert Own._fields == Theirs._fields and Own._field_defaults == Theirs._field_defaults
    assert one._replace(b="y") == other._replace(b="y")
    assert Own._make([1, "x", ()]) == one and type(Own._make([1, "x", ()])) is Own
    assert repr(one) == repr(other).replace("Theirs", "Own")
    assert isinstance(one, tuple) and hash(one) == hash(other) and one.double == 2
    assert Own.__match_args__ == Theirs.__match_args__
    assert not hasattr(one, "__dict__")
    again = pickle.loads(pickle.dumps(one))
    assert type(again) is Own and again == one


def test_slips_are_refused() -> None:
    with pytest.raises(TypeError):
        Own._make([1])
    with pytest.raises((TypeError, ValueError)):
        Own(1)._replace(x=1)
    with pytest.raises(TypeError, match="default"):

        class _Wrong(NamedTuple):
            a: int = 1
            b: int  # type: ignore[misc]


def test_records_are_dataclasses_as_far_as_they_are_used() -> None:
    from loracheck.records import replace
    from loracheck.tools.core.behaviour import Behaviour

    one = Behaviour(lists_linear=True)
    assert one == Behaviour({}, True) != Behaviour()
    assert replace(one, lists_linear=False) == Behaviour()
    assert Behaviour().planned is not Behaviour().planned
    with pytest.raises(TypeError):
        Behaviour(no_such=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Behaviour({}, planned={})  # type: ignore[misc]


def test_the_package_uses_it_alone() -> None:
    """`typing`'s takes twenty times as long; the torch of the sandbox is a copy of torch's own."""
    root = Path(loracheck.__file__).parent
    theirs = re.compile(r"^from typing import .*\bNamedTuple\b", re.MULTILINE)
    found = [
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        if theirs.search(path.read_text("utf-8")) and "skeleton" not in path.parts
    ]
    assert found == []
