"""Which rules run: the more exact selector, then the command line, then `ignore`."""

from __future__ import annotations

from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from loracheck.cli import cli
from loracheck.cli.rule_selection import NOTHING, Choice, chosen
from loracheck.rules import catalogue, select_codes

ALL = select_codes(("ALL",))
LC3 = select_codes(("LC3",))


@pytest.mark.parametrize(
    ("settings", "line", "codes"),
    [
        (NOTHING, NOTHING, ALL),
        (
            Choice(
                (),
            ),
            NOTHING,
            frozenset(),
        ),
        (Choice(("LC3",)), NOTHING, LC3),
        (Choice(("LC3",), (), ("LC302",)), NOTHING, LC3 - {"LC302"}),
        (Choice(None, ("rank-untypical",), ("LC3",)), NOTHING, ALL - LC3 | {"LC302"}),
        (Choice(None, (), ("ALL",)), NOTHING, frozenset()),
        (NOTHING, Choice(None, ("LC302",), ("LC3",)), ALL - LC3 | {"LC302"}),
        (NOTHING, Choice(("lc302",), (), ("LC3",)), {"LC302"}),
        (NOTHING, Choice(("LC302",), (), ("rank-untypical",)), frozenset()),
        (NOTHING, Choice(("all",), (), ("LC3",)), ALL - LC3),
        # The command line takes the place of what the settings select ...
        (Choice(("LC1",), ("LC2",)), Choice(("LC302",)), {"LC302"}),
        (Choice(("LC302",)), Choice(None, ("LC303",)), {"LC302", "LC303"}),
        (Choice(("LC302",)), Choice(None, (), ("LC3",)), frozenset()),
        # ... and an exception of the settings holds unless it is asked for as exactly.
        (Choice(None, (), ("LC302",)), Choice(("LC3",)), LC3 - {"LC302"}),
        (Choice(None, (), ("LC302",)), Choice(("LC302",)), {"LC302"}),
        (Choice(None, (), ("LC3",)), Choice(None, ("LC302",)), ALL - LC3 | {"LC302"}),
    ],
)
def test_what_runs(settings: Choice, line: Choice, codes: frozenset[str]) -> None:
    assert chosen(settings, line) == codes


SELECTORS = st.lists(
    st.sampled_from(["ALL", "LC1", "LC10", "LC101", "LC3", "LC302", "rank-untypical"]), max_size=3
).map(tuple)
CHOICES = st.builds(Choice, st.none() | SELECTORS.filter(bool), SELECTORS, SELECTORS)


@given(CHOICES, CHOICES)
def test_a_rule_runs_only_where_something_asks_for_it(settings: Choice, line: Choice) -> None:
    found = chosen(settings, line)
    for rule, place in product(catalogue(), (settings, line)):
        exact = {rule.code, rule.name}
        if exact & set(line.ignore):
            assert rule.code not in found
        elif exact & {*(line.select or ()), *line.extend}:
            assert rule.code in found
        if place is line and line.select and rule.code in found:
            assert rule.code in select_codes((*line.select, *line.extend))


@pytest.mark.parametrize("option", ["--select", "--extend-select", "--ignore"])
def test_an_option_without_a_rule_or_with_a_wrong_one_is_an_error(option: str) -> None:
    done = CliRunner().invoke(cli, ["check", option, " ", "--isolated"])
    assert done.exit_code == 2
    assert f"{option} names no rule" in done.stderr
    done = CliRunner().invoke(cli, ["check", option, "target-entry-ded", "--isolated"])
    assert done.exit_code == 2
    assert "did you mean 'target-entry-dead'?" in done.stderr
