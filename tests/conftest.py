"""Settings of all tests."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from loracheck.plan.matching.match_limits import allowance

from .spread import leave_to_other_days
from .warm_start import FROM_SCRATCH, can_start_warm, start_warm

# A busy machine is no fault: no test fails for being slow. CI draws the same examples each time, so
# that it fails for what a change did; runs by hand draw new ones.
ANY_TIME = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("by-hand", **ANY_TIME)
settings.register_profile("ci", derandomize=True, **ANY_TIME)
# What a shell or a CI system says of colours, width and format is no part of a test.
for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "GITHUB_ACTIONS"):
    os.environ.pop(name, None)
# Tensors of tests are small: threads of torch that wait for each other cost more than they save.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# The explorer's screens are read when they are still: each frame of an animation is drawn whole.
os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
# What is drawn between two keys is not looked at: the tests draw when they look.
os.environ.setdefault("TEXTUAL_FPS", "1")

settings.load_profile("ci" if os.environ.get("CI") else "by-hand")

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

HERE = Path(__file__).parent


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected lives to the end, and torch, transformers and the tests are hundreds of
    thousands of objects: the garbage collector need not look at them again and again, which is a
    fifth of the time.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `-n 2` a file's tests stay in one process, so that what they share is made once, and
    files are begun in the order of collection, the slow ones first.
    """
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


OF_THE_SUITE = ("DAY", "EXAMPLES", "EXHAUSTIVE", "CONFIGS", "SEED")
"""Variables LORACHECK_... of the tests, all read as their modules are imported."""


def pytest_collection_finish() -> None:
    """The commands that tests start do not see the suite's own variables, which they would take for
    options: a line with options from the environment is read another way.
    """
    for name in OF_THE_SUITE:
        os.environ.pop(f"LORACHECK_{name}", None)


@pytest.fixture(autouse=True)
def whole_allowance() -> None:
    """What matching may cost is a file's, and begins anew with each test."""
    allowance.renew()


@pytest.fixture(autouse=True)
def no_results_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests change what results depend on in ways that no user can: none are kept, unless a test
    is about that. (Processes that tests start keep theirs.)
    """
    monkeypatch.setattr("loracheck.pipeline.cached_check.find_results_folder", lambda: None)


@pytest.fixture(autouse=True)
def warm_children(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Children that build trees are forked from one that has imported the library already."""
    cold = _is_in(request.path, FROM_SCRATCH) or request.node.get_closest_marker("cold_start")
    if can_start_warm() and not cold:
        monkeypatch.setattr("loracheck.trees.child._start", start_warm)


def _is_in(file: Path, names: Iterable[str]) -> bool:
    """Whether a file of tests is one of the files, or in one of the folders, of that name."""
    path = file.relative_to(HERE).as_posix()
    return any(path == name or path.startswith(f"{name}/") for name in names)


SLOW = (
    "api/test_check.py",
    "api/test_live_models.py",
    "bench",
    "cli/test_batch.py",
    "cli/test_input.py",
    "cli/test_large_runs.py",
    "cli/test_leaving.py",
    "cli/test_parallel.py",
    "cli/test_quick_explain.py",
    "cli/test_watch.py",
    "config/test_check.py",
    "config/test_fails.py",
    "config/test_fields.py",
    "config/test_raises.py",
    "config/test_schemas.py",
    "config/test_warns.py",
    "docs/test_api_page.py",
    "docs/test_new_rule.py",
    "docs/test_new_tool.py",
    "docs/test_publishing.py",
    "docs/test_releases.py",
    "docs/test_site.py",
    "documents/test_plain_yaml.py",
    "documents/test_pure_loader.py",
    "documents/test_shell.py",
    "editors",
    "engines/test_any_values.py",
    "engines/test_further_adapters.py",
    "engines/test_loaders.py",
    "engines/test_release_pairs.py",
    "engines/test_verdicts.py",
    "engines/test_weights.py",
    "explain/test_any_config.py",
    "explain/test_browser.py",
    "explain/test_cold.py",
    "explain/test_impact.py",
    "explain/test_init.py",
    "explain/test_lora_file.py",
    "explain/test_memory.py",
    "explain/test_oracle.py",
    "explain/test_pages.py",
    "explain/test_text.py",
    "explorer",
    "fixes/test_property.py",
    "fuzz",
    "hooks",
    "lora_files",
    "lsp",
    "mcp/test_server.py",
    "pipeline/test_dependencies.py",
    "pipeline/test_loaded_adapters.py",
    "pipeline/test_other_methods.py",
    "pipeline/test_own_models.py",
    "pipeline/test_result_cache.py",
    "pipeline/test_second_adapters.py",
    "pipeline/test_silent_rules.py",
    "plan/test_bad_values.py",
    "plan/test_differential.py",
    "plan/test_diffusers.py",
    "plan/test_folding.py",
    "plan/test_half_precision.py",
    "plan/test_indexing.py",
    "plan/test_numbers.py",
    "plan/test_own_forwards.py",
    "plan/test_plan.py",
    "plan/test_quantised.py",
    "plan/test_records.py",
    "plan/test_regexes.py",
    "plan/test_releases.py",
    "plan/test_scenarios.py",
    "plan/test_submodules.py",
    "playground",
    "policies/test_keywords.py",
    "policies/test_policies.py",
    "releases",
    "reporters/test_large_runs.py",
    "rules/silent",
    "rules/test_good.py",
    "rules/test_mutations.py",
    "rules/test_threads.py",
    "rules/test_weights.py",
    "sandbox",
    "security",
    "test_corpus.py",
    "tools/test_corpus.py",
    "tools/test_releases.py",
    "trees",
)
"""Files and folders whose tests build trees, run PEFT, draw many examples or start processes:
`make test-fast` leaves them out. What is not named here must be quick.
"""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """`make test-fast` does not even import the slow ones, torch among what they need."""
    if config.getoption("markexpr") == "not slow" and _is_in(collection_path, SLOW):
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take this day's share, mark the tests of SLOW, and begin with them: the quick ones fill both
    cores to the end.
    """
    leave_to_other_days(config, items)
    for item in items:
        if _is_in(item.path, SLOW):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
