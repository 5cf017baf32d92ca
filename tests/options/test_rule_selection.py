"""Which rules run: the more exact selector, then the command line, then `ignore`."""

from __future__ import annotations

from itertools import product

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from loracheck.cli import cli
from loracheck.options.rule_selection import NO_SELECTORS, RuleSelectors, select_rules
from loracheck.rules import list_all_rules, select_codes

ALL = select_codes(("ALL",))
LC3 = select_codes(("LC3",))


@pytest.mark.parametrize(
    ("settings", "line", "codes"),
    [
        (NO_SELECTORS, NO_SELECTORS, ALL),
        (
            RuleSelectors(
                (),
            ),
            NO_SELECTORS,
            frozenset(),
        ),
        (RuleSelectors(("LC3",)), NO_SELECTORS, LC3),
        (RuleSelectors(("LC3",), (), ("LC302",)), NO_SELECTORS, LC3 - {"LC302"}),
        (RuleSelectors(None, ("rank-untypical",), ("LC3",)), NO_SELECTORS, ALL - LC3 | {"LC302"}),
        (RuleSelectors(None, (), ("ALL",)), NO_SELECTORS, frozenset()),
        (NO_SELECTORS, RuleSelectors(None, ("LC302",), ("LC3",)), ALL - LC3 | {"LC302"}),
        (NO_SELECTORS, RuleSelectors(("lc302",), (), ("LC3",)), {"LC302"}),
        (NO_SELECTORS, RuleSelectors(("LC302",), (), ("rank-untypical",)), frozenset()),
        (NO_SELECTORS, RuleSelectors(("all",), (), ("LC3",)), ALL - LC3),
        # The command line takes the place of what the settings select ...
        (RuleSelectors(("LC1",), ("LC2",)), RuleSelectors(("LC302",)), {"LC302"}),
        (RuleSelectors(("LC302",)), RuleSelectors(None, ("LC303",)), {"LC302", "LC303"}),
        (RuleSelectors(("LC302",)), RuleSelectors(None, (), ("LC3",)), frozenset()),
        # ... and an exception of the settings holds unless it is asked for as exactly.
        (RuleSelectors(None, (), ("LC302",)), RuleSelectors(("LC3",)), LC3 - {"LC302"}),
        (RuleSelectors(None, (), ("LC302",)), RuleSelectors(("LC302",)), {"LC302"}),
        (RuleSelectors(None, (), ("LC3",)), RuleSelectors(None, ("LC302",)), ALL - LC3 | {"LC302"}),
    ],
)
def test_what_runs(settings: RuleSelectors, line: RuleSelectors, codes: frozenset[str]) -> None:
    assert select_rules(settings, line) == codes


SELECTORS = st.lists(
    st.sampled_from(["ALL", "LC1", "LC10", "LC101", "LC3", "LC302", "rank-untypical"]), max_size=3
).map(tuple)
CHOICES = st.builds(RuleSelectors, st.none() | SELECTORS.filter(bool), SELECTORS, SELECTORS)


@given(CHOICES, CHOICES)
def test_a_rule_runs_only_where_something_asks_for_it(
    settings: RuleSelectors, line: RuleSelectors
) -> None:
    found = select_rules(settings, line)
    for rule, place in product(list_all_rules(), (settings, line)):
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
