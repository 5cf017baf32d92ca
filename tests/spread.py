"""Long tests, which a run of the whole suite spreads over four days.

Together they take four fifths of the suite's time. Each run takes a quarter of them, four days
following take all; a run that names files or folders takes what it names, and a long run
(LORACHECK_EXHAUSTIVE=1, which CI sets once for each commit) leaves nothing out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .shares import DAY, EXHAUSTIVE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

HERE = Path(__file__).parent
DAYS = 4
LONG = (
    "api/test_live_models.py",
    "bench/test_lora_files.py",
    "cli/test_batch.py",
    "cli/test_input.py",
    "cli/test_large_runs.py",
    "config/test_fails.py",
    "config/test_schemas.py",
    "docs/test_publishing.py",
    "docs/test_releases.py",
    "documents/test_plain_yaml.py",
    "documents/test_shell.py",
    "engines/test_further_adapters.py",
    "engines/test_release_pairs.py",
    "explain/test_any_config.py",
    "explain/test_browser.py",
    "explain/test_init.py",
    "explain/test_oracle.py",
    "explain/test_pages.py",
    "explain/test_text.py",
    "explorer",
    "fuzz",
    "hooks/test_action.py",
    "lora_files",
    "lsp/test_session.py",
    "lsp/test_typing.py",
    "pipeline/test_other_methods.py",
    "pipeline/test_result_cache.py",
    "pipeline/test_silent_rules.py",
    "plan/test_differential.py",
    "plan/test_regexes.py",
    "plan/test_releases.py",
    "policies/test_policies.py",
    "reporters/test_large_runs.py",
    "rules/silent",
    "sandbox",
    "security/test_audit.py",
    "security/test_bounds.py",
    "security/test_fuzz_cases.py",
    "security/test_growth.py",
    "security/test_last_resort.py",
    "security/test_regexes.py",
    "security/test_settings.py",
    "security/test_sinks.py",
    "security/test_structures.py",
    "tools/test_releases.py",
    "trees/test_bundle.py",
    "trees/test_bundle_facts.py",
    "trees/test_class_names.py",
    "trees/test_live.py",
    "trees/test_model_ids.py",
    "trees/test_skeleton.py",
    "trees/test_skeleton_library.py",
    "trees/test_sources.py",
)
"""Files and folders of which each day takes every fourth test."""
TOGETHER = (
    "docs/test_new_rule.py",
    "playground/test_page.py",
    "plan/test_quantised.py",
    "plan/test_diffusers.py",
    "docs/test_site.py",
    "docs/test_new_tool.py",
    "editors/test_vscode.py",
    "editors/test_schemas.py",
)
"""Files of one long test, or whose tests share what is long to make: the first day takes the first,
the fifth and so on.
"""


def choose_tests(
    items: Sequence[pytest.Item], day: int
) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests that a day takes, and those that it leaves to the others."""
    chosen, left, number = [], [], 0
    for item in items:
        path = item.path.relative_to(HERE)
        names = {path.as_posix(), *(folder.as_posix() for folder in path.parents)}
        turn = day
        if file := names.intersection(TOGETHER):
            turn = TOGETHER.index(file.pop())
        elif names.intersection(LONG):
            turn = number = number + 1
        (chosen if (turn - day) % DAYS == 0 else left).append(item)
    return chosen, left


def leave_to_other_days(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out of the tests of a whole run what is not this day's."""
    whole = {str(config.rootpath), str(HERE), "tests", "."}
    if EXHAUSTIVE or not whole.issuperset(map(str, config.args)):
        return
    items[:], left = choose_tests(items, DAY)
    if left:
        config.hook.pytest_deselected(items=left)
