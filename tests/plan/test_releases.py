"""The plan by older PEFT releases against what those releases themselves answered.

The answers are recorded by `python -m bench.oracle.golden`, which asks each release in its own
environment; `releases/cases.json` has the configs, one or more for every behaviour that changed.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench.oracle import plan_side
from bench.oracle.golden import to_plain
from loracheck.config.post_init import TASK_TYPE_CHECK, table
from loracheck.plan import plan
from loracheck.plan.config import post_init, releases
from loracheck.trees.fold import decode

from .trees import SMALL

FOLDER = Path(__file__).parent / "releases"
MINORS = sorted(
    (path.stem.partition("-")[2] for path in FOLDER.glob("answers-*.json")),
    key=lambda minor: releases.parse_release(minor),
)
SINCE = {name: each for name, each in vars(releases).items() if isinstance(each, releases.Since)}


@cache
def recorded(minor: str) -> dict[str, Any]:
    text = (FOLDER / f"answers-{minor}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    found["trees"] = {spec: decode(dump) for spec, dump in found["trees"].items()}
    return found


@pytest.mark.parametrize("minor", MINORS)
def test_answers_of_the_release(minor: str) -> None:
    kept = recorded(minor)
    for answer in kept["answers"]:
        spec, config = answer["spec"], answer["config"]
        outcome = plan_side.ask_plan(kept["trees"][spec], config, kept["peft"])
        wanted = {k: v for k, v in answer.items() if k not in ("spec", "config")}
        assert json.loads(json.dumps(to_plain(outcome))) == wanted, (minor, spec, config)


def test_every_followed_release_is_recorded() -> None:
    older = [f"0.{minor}" for minor in range(releases.OLDEST[1], releases.NEWEST[1])]
    assert older == MINORS
    assert all(len(recorded(minor)["answers"]) >= 80 for minor in MINORS)


def forget(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let every release have a behaviour."""
    monkeypatch.setattr(releases, name, SINCE[name]._replace(release=releases.OLDEST))


UNSEEN = {
    "DEFAULT_TARGETS_OR_PARAMETERS": "the wording of an error",
    "EXCLUSION_TOLD": "the wording of an error",
    "CONV_OWN_CLASS": "shows in models that are too large to be recorded",
    "MOE_REWRITE": "shows with transformers 5, which the releases before are not recorded with",
    "CAST_LETS_ROWS_TRAIN": "the recorded models are float32; test_half_precision asks the newest",
    "OUT_PROJ_TYPE_ERROR": "no model has an attention whose out_proj is no Linear",
}
"""Why no recorded answer can show a behaviour."""


@pytest.mark.parametrize("name", sorted(SINCE.keys() - UNSEEN.keys()))
def test_every_behaviour_is_seen_in_some_answer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(monkeypatch, name)
    before = (0, SINCE[name].release[1] - 1)
    with pytest.raises((AssertionError, AttributeError, KeyError, TypeError)):
        test_answers_of_the_release(".".join(map(str, before)))


AS_OLD = "as old as its field, so that no release has the one without the other"
UNSEEN_CHECKS = {
    "alora-task": AS_OLD,
    "corda-config-ignored": AS_OLD,
    "corda-config-missing": AS_OLD,
    "eva-config-ignored": AS_OLD,
    "eva-config-missing": AS_OLD,
    "loftq-config-missing": "LoftQ needs bitsandbytes, which the releases are recorded without",
    "lora-bias-with-dora": AS_OLD,
    "lora-bias-with-init": AS_OLD,
    "target-parameters-str": AS_OLD,
}
"""Why no recorded answer can show a check."""


def forget_check(monkeypatch: pytest.MonkeyPatch, code: str, since: releases.Release) -> None:
    """Let every release have a check, in the place of the one that it superseded."""
    kept = [each for each in table.CHECKS if (each.code, each.until) != (code, since)]
    changed = [
        each._replace(since=releases.OLDEST) if (each.code, each.since) == (code, since) else each
        for each in kept
    ]
    monkeypatch.setattr(table, "CHECKS", tuple(changed))


@pytest.mark.parametrize(
    ("code", "since"),
    sorted(
        {
            (check.code, check.since)
            for check in table.CHECKS
            if check.since > releases.OLDEST and check.code not in UNSEEN_CHECKS
        }
    ),
)
def test_every_check_is_seen_in_some_answer(
    code: str, since: releases.Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget_check(monkeypatch, code, since)
    with pytest.raises(AssertionError):
        test_answers_of_the_release(f"{since[0]}.{since[1] - 1}")


def test_the_task_type_is_checked_since_its_release(monkeypatch: pytest.MonkeyPatch) -> None:
    check = TASK_TYPE_CHECK._replace(since=releases.OLDEST)
    monkeypatch.setattr(post_init, "TASK_TYPE_CHECK", check)
    with pytest.raises(AssertionError):
        test_answers_of_the_release("0.13")


@pytest.mark.parametrize(
    ("asked", "followed"),
    [(None, (0, 21)), ("0.13", (0, 13)), ("v0.13.2", (0, 13)), ("0.5", (0, 10)), ("1.0", (0, 21))],
)
def test_release_that_is_followed(asked: str | None, followed: tuple[int, int]) -> None:
    assert releases.parse_release(asked) == followed


def test_no_version_is_refused() -> None:
    with pytest.raises(ValueError, match="no PEFT version"):
        plan({}, SMALL, peft="newest")


def test_fields_of_later_releases_are_left_out() -> None:
    config = {"target_modules": ["q_proj"], "exclude_modules": ["q_proj"]}
    old, new = plan(config, SMALL, peft="0.13"), plan(config, SMALL, peft="0.14")
    assert old is not None
    assert new is not None
    assert old.error is None
    assert old.targeted == 12
    assert new.error is not None
    assert new.error.code == "excluded-and-unmatched"
