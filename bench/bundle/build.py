"""Builds many models with the transformers of an interpreter (see `child`)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

CHILD = Path(__file__).parent / "child.py"

HEADS = (
    "CausalLM",
    "Seq2SeqLM",
    "MaskedLM",
    "SequenceClassification",
    "TokenClassification",
    "QuestionAnswering",
    "Model",
)
"""Heads that every model is built with, beside its own class."""


class Answer(NamedTuple):
    """What came of one model."""

    trees: dict[str, Any]
    """Head -> dump, or the name of the head with the same class; empty where nothing was built."""

    reason: str | None
    """Why the config's own class could not be built."""


def build_trees(
    python: str, configs: dict[str, dict[str, Any]] | None, heads: tuple[str, ...] = HEADS
) -> dict[str, Answer]:
    """The answers by name. `configs` None stands for the default config of every model type; models
    of one config are built once. Raises CalledProcessError where the interpreter fails.
    """
    names: dict[str, list[str]] = {}
    for name, config in (configs or {}).items():
        names.setdefault(json.dumps(config, sort_keys=True), []).append(name)
    once = {same[0]: (configs or {})[same[0]] for same in names.values()}
    request = {"heads": heads, **({"types": True} if configs is None else {"configs": once})}
    done = subprocess.run(
        [python, str(CHILD)],
        input=json.dumps(request),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    found = {}
    for line in done.stdout.splitlines():
        data = json.loads(line)
        found[data["name"]] = Answer(data["trees"], data["reason"])
    if configs is None:
        return found
    return {name: found[same[0]] for same in names.values() for name in same}
