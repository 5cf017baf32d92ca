"""No long test is lost between the days."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .conftest import SLOW
from .spread import DAYS, HERE, LONG, TOGETHER, choose_tests

if TYPE_CHECKING:
    import pytest


class Item(NamedTuple):
    """As much of a test as is asked for."""

    path: Path
    name: str


ITEMS: list[Any] = [
    *(Item(HERE / "test_spread.py", str(one)) for one in range(5)),
    *(Item(HERE / file, str(one)) for file in TOGETHER for one in range(4)),
    *(
        Item(HERE / path if path.endswith(".py") else HERE / path / "test_a.py", str(one))
        for path in LONG
        for one in range(7)
    ),
]


def shares() -> list[list[Item]]:
    """What each of the days takes."""
    tests = cast("list[pytest.Item]", ITEMS)
    return [cast("list[Item]", choose_tests(tests, day)[0]) for day in range(20, 20 + DAYS)]


def test_four_days_take_all_and_none_twice_but_what_every_run_takes() -> None:
    taken = [item for share in shares() for item in share]
    assert {*taken} == {*ITEMS}
    often = [item for item in ITEMS if taken.count(item) > 1]
    assert often == [item for item in ITEMS if item.path.name == "test_spread.py"]


def test_a_file_with_a_long_fixture_is_one_day_s() -> None:
    for share in shares():
        for file in TOGETHER:
            assert sum(item.path == HERE / file for item in share) in (0, 4)


def test_days_have_about_as_much_to_do() -> None:
    sizes = [len(share) for share in shares()]
    assert max(sizes) - min(sizes) < len(ITEMS) / 10


def test_what_is_named_is_there() -> None:
    for path in (*LONG, *TOGETHER):
        assert (HERE / path).exists(), path
    assert not {*LONG} & {*TOGETHER}


def test_what_is_long_is_not_among_the_quick() -> None:
    """`make test-fast` leaves out all of it."""
    parents = {path: {path, *map(str, Path(path).parents)} for path in (*LONG, *TOGETHER)}
    assert [path for path, names in parents.items() if not names & {*SLOW}] == []
