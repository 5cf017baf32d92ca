"""Ask the plan, and bring its answer to the form PEFT's is in."""

from __future__ import annotations

import json
import warnings
from typing import Any

from loracheck.plan import PEFT, Plan, plan
from loracheck.trees.fold import decode
from loracheck.trees.model import FORMAT, ModuleTree
from loracheck.trees.skeleton import dump as skeleton

from .messages import plan_code
from .outcome import Outcome, plain_name

LOW_CPU = "eva-low-cpu"
"""PEFT's hint to ask with low_cpu_mem_usage."""

WHOLE = "base_model.model"
"""The name of the whole model in PEFT's own tree."""


def build_tree(model: Any) -> ModuleTree:
    """The model's tree, through the same dump and folding that loracheck uses."""
    return decode(dump_model(model))


def dump_model(model: Any) -> dict[str, Any]:
    """The dump of a model as JSON has it."""
    found: dict[str, Any] = json.loads(json.dumps(_dump(model)))
    return found


def _dump(model: Any) -> dict[str, Any]:
    if hasattr(model, "config"):
        return skeleton.dump(model)
    walk = skeleton._Walk(model)
    root = walk.add("", model)
    return {
        "format": FORMAT,
        "cls": type(model).__name__,
        "transformers": None,
        "dtype": walk.dtype,
        "pretrained": False,
        "ties": walk.ties,
        "aliases": walk.aliases,
        "classes": [list(entry) for entry in walk.classes],
        "nodes": walk.rows,
        "root": root,
    }


def ask_plan(
    tree: ModuleTree,
    config: dict[str, Any],
    release: str | None = None,
    *,
    low_cpu: bool = False,
) -> Outcome:
    """The plan's outcome for a config and a tree, by that PEFT release or the newest.

    `low_cpu` says that PEFT is asked with `low_cpu_mem_usage`, of which no config knows. A warning
    from the plan itself is an error.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = plan(config, tree, peft=release)
    if found is None:
        raise ValueError("the plan says nothing")
    error = (plan_code(found.error.code, release), found.error.exception) if found.error else None
    wrapped = {
        name: (one.rank, one.alpha, one.scaling) for one in found.wrapped for name in one.names()
    }
    told = [one for one in found.warnings if not (low_cpu and one.code == LOW_CPU)]
    counts = None
    if found.trainable is not None and found.total is not None:
        counts = found.trainable, found.total
    return Outcome(
        error,
        frozenset((one.code, one.category) for one in told),
        wrapped,
        frozenset(plain_name(name) or WHOLE for one in found.saved for name in one.names()),
        frozenset(plain_name(name) for one in found.tokens for name in one.names()),
        counts,
        _find_unmatched(found, config, tree, release),
    )


def _find_unmatched(
    found: Plan, config: dict[str, Any], tree: ModuleTree, release: str | None
) -> frozenset[tuple[str, str]]:
    """Entries that matched nothing, where PEFT is asked the same."""
    if release not in (None, PEFT):
        return frozenset()
    from . import entries

    return entries.unmatched_by_plan(found, config, tree.model_type)
