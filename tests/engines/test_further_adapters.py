"""What is said of forty and more further adapters, engine by engine, is what the engines do.

further_verdicts.json was written from the engines' sources before loracheck was asked, in the words
of verdicts.json. What PEFT, transformers and merging do is not read but run.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("peft")

from .further_adapters import CASES, LOADERS, judge_loaders, make_adapter
from .test_verdicts import say_verdict

VERDICTS: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("further_verdicts.json").read_text("utf-8")
)


def test_each_adapter_has_its_verdicts() -> None:
    assert set(VERDICTS) == set(CASES)


@pytest.mark.parametrize("name", VERDICTS)
def test_the_engines_are_told_rightly(name: str, tmp_path: Path) -> None:
    make_adapter(name, tmp_path)
    told = {engine: say_verdict(tmp_path, engine) for engine in VERDICTS[name]}
    assert told == {engine: row[0] for engine, row in VERDICTS[name].items()}


@pytest.mark.parametrize("name", VERDICTS)
def test_the_loaders_do_so(name: str, tmp_path: Path) -> None:
    done = judge_loaders(name, tmp_path)
    assert done == {loader: VERDICTS[name][loader][0] for loader in LOADERS}
