"""Groups: every module once, in order, and no two alike that a pattern can tell apart."""

from __future__ import annotations

import re
import string
import warnings

from hypothesis import assume, given
from hypothesis import strategies as st

from loracheck.trees.groups import Splitter, find_pattern_digits, group_modules, make_splitter
from tests.examples import examples
from tests.plan.trees import TREES

SPLITTERS = st.builds(
    Splitter,
    st.frozensets(st.sampled_from(string.digits)),
    st.booleans(),
    st.frozensets(st.integers(0, 30)),
    st.booleans(),
)


@given(split=SPLITTERS, name=st.sampled_from(sorted(TREES)))
@examples()
def test_groups_cover_every_module_once_and_in_order(split: Splitter, name: str) -> None:
    tree = TREES[name]
    found = group_modules(tree, split)
    names = [module.name for module in tree.modules() if module.name]
    covered = [name for group in found for name in group.names()]
    assert sorted(covered) == sorted(names)
    place = {name: i for i, name in enumerate(names)}
    firsts = [place[group.name] for group in found]
    assert firsts == sorted(firsts)
    for group in found:
        members = list(group.names())
        assert members[0] == group.name == min(members, key=place.__getitem__)
        assert group.count == len(members)
        assert {tree.find(member) for member in members} == {group.node}


def _compiled(pattern: str) -> re.Pattern[str] | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(pattern)
        except (re.error, OverflowError):
            return None


WORDS = r"""
\d \d+ [0-9] [0-4] [^2] [1-35] . .* \w \D \. layers (0|1) (\d)\1 (?P<a>\d)(?P=a) 1? [13579]
\x31 [\x30-\x34] [!-5] [5-z] (\d)?(?(1)2|3) \d{2} (?=2) (?<=1) (?<!0) (?i:x) \u0031 x|1
"""
ATOMS = st.one_of(
    st.sampled_from(WORDS.split()),
    st.text("0123456789.ab[]-^\\d", min_size=1, max_size=4),
)


@given(st.lists(ATOMS, min_size=1, max_size=5).map("".join), st.data())
@examples(400)
def test_equal_keys_match_alike(pattern: str, data: st.DataObject) -> None:
    compiled = _compiled(pattern)
    assume(compiled is not None)
    assert compiled is not None
    split = make_splitter(patterns=[pattern])
    first = data.draw(st.integers(0, 400))
    alike = [i for i in range(400) if split.compute_key(i) == split.compute_key(first)]
    second = data.draw(st.sampled_from(alike or [first]))
    for template in ("layers.{}.x", "{}", "a.{}.b.{}", "m.layers.{}"):
        one, two = template.format(first, first), template.format(second, second)
        assert bool(compiled.match(one)) == bool(compiled.match(two)), (pattern, one, two)
        assert bool(compiled.fullmatch(one)) == bool(compiled.fullmatch(two)), (pattern, one, two)


@given(st.text("0123456789.ab", max_size=6), st.integers(0, 300), st.data())
def test_equal_keys_end_alike(name: str, first: int, data: st.DataObject) -> None:
    split = make_splitter(names=[name])
    alike = [i for i in range(301) if split.compute_key(i) == split.compute_key(first)]
    second = data.draw(st.sampled_from(alike))
    for template in ("layers.{}.ab", "a.{}", "b.{}.a.{}"):
        one, two = template.format(first, first), template.format(second, second)
        assert one.endswith(name) == two.endswith(name)
        assert (name in one) == (name in two)


def test_listed_numbers_are_kept_apart() -> None:
    split = make_splitter(numbers=[3, 11])
    assert split.partition(list(range(12))) == [(0, 1, 2, 4, 5, 6, 7, 8, 9, 10), (3, 11)]


def test_plain_names_split_nothing() -> None:
    assert make_splitter(names=["q_proj", "mlp.up_proj"]) == Splitter()
    assert find_pattern_digits(r".*\.\d+\.q_proj") == frozenset()
