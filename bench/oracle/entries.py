"""Which entries of a config matched nothing, asked of PEFT's own functions one entry at a time.

PEFT itself says so of some fields only, and not which entry it was. The plan's answer is its
`reaches`. Needs PEFT 0.21; older releases match elsewhere.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from peft import LoraConfig
from peft.import_utils import is_transformers_ge_v5
from peft.tuners.tuners_utils import (
    _ExcludedModule,
    check_target_module_exists,
    replicate_layers,
)
from peft.utils.other import _set_trainable, get_pattern_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.plan import Plan

    from .outcome import Outcome

Entries = frozenset[tuple[str, str]]

FIELDS = ("target_modules", "exclude_modules", "modules_to_save", "rank_pattern", "alpha_pattern")

ANSWERABLE = (
    "unsupported-module",
    "no-target-matches",
    "excluded-and-unmatched",
    "all-excluded",
    "modules-to-save-on-adapter",
)
"""Errors after which the question still makes sense: the names were all read."""


def list_entries(
    config: dict[str, Any], model_type: str | None, *, failed: bool
) -> Iterator[tuple[str, str]]:
    """Field and entry of everything that can be asked about.

    Left out is what PEFT rewrites before it matches anything: the names of fused experts. Keys of
    ranks and alphas mean nothing where nothing was wrapped.
    """
    old = rewritten_names(model_type)
    for field in FIELDS:
        value = config.get(field)
        if not value or (field == "target_modules" and str(value).lower() == "all-linear"):
            continue
        if failed and field.endswith("_pattern"):
            continue
        if field == "modules_to_save" and isinstance(value, str):
            continue  # PEFT takes its letters for the entries
        if old and (field.endswith("_pattern") or isinstance(value, str)):
            continue
        for entry in [value] if isinstance(value, str) else value:
            if not (old and entry.endswith(old)) and _compiles(entry):
                yield field, entry


def rewritten_names(model_type: str | None) -> tuple[str, ...]:
    """Names that the installed PEFT rewrites for a model type whose experts are fused."""
    if not is_transformers_ge_v5:
        return ()
    from peft.utils import transformers_weight_conversion as conversion

    base = conversion._MODEL_TO_CONVERSION_PATTERN.get(model_type)
    return tuple(conversion._MOE_TARGET_MODULE_MAPPING.get(base, ()))


def _compiles(entry: str) -> bool:
    """Whether it can be asked at all; PEFT may never have come to an expression that is none."""
    try:
        re.compile(entry)
    except re.error:
        return False
    return True


def unmatched_by_plan(plan: Plan, config: dict[str, Any], model_type: str | None) -> Entries:
    """What matched nothing, as the plan has it."""
    if plan.error and plan.error.code not in ANSWERABLE:
        return frozenset()
    dead = {(reach.field, reach.entry) for reach in plan.entry_matches if not reach.matched}
    return frozenset(
        pair for pair in list_entries(config, model_type, failed=bool(plan.error)) if pair in dead
    )


def unmatched_by_peft(model: Any, config: dict[str, Any], found: Outcome) -> Entries:
    """What matches nothing, by PEFT's own functions; `found` is what came of the config."""
    if found.error and found.error[0] not in ANSWERABLE:
        return frozenset()
    model_type = getattr(getattr(model, "config", None), "model_type", None)
    if config.get("layer_replication"):
        model = copy.deepcopy(model)
        replicate_layers(model, config["layer_replication"])
    names = [name for name, _ in model.named_modules() if name]
    return frozenset(
        (field, entry)
        for field, entry in list_entries(config, model_type, failed=bool(found.error))
        if not _matches_module(model, (names, tuple(found.wrapped)), field, entry, config)
    )


def _matches_module(
    model: Any, names: tuple[list[str], tuple[str, ...]], field: str, entry: str, config: Any
) -> bool:
    """Whether one entry alone matches a module."""
    modules, parameters = names
    if field == "modules_to_save":
        return _finds_saved_module(model, entry)
    if field.endswith("_pattern"):
        return any(get_pattern_key([entry], name) == entry for name in (*modules, *parameters))
    value = entry if isinstance(config[field], str) else [entry]
    if field == "exclude_modules":
        one = LoraConfig(target_modules=[], exclude_modules=value)
        return any(
            isinstance(check_target_module_exists(one, name), _ExcludedModule) for name in modules
        )
    one = LoraConfig(target_modules=value)
    return any(check_target_module_exists(one, name) for name in modules)


def _finds_saved_module(model: Any, entry: str) -> bool:
    """Whether PEFT finds a module to save for the entry; that it then refuses it is no matter."""
    try:
        _set_trainable(copy.deepcopy(model), "x", [entry], False, strict_module_check=True)
    except ValueError as error:
        return not str(error).startswith("Target modules")
    except Exception:  # noqa: BLE001 - found, and refused
        return True
    return True
