"""PEFT's own tables, generated from the installed PEFT (`python -m bench.oracle.tables`)."""

from __future__ import annotations

from functools import cache
from os.path import dirname, join

import loracheck.quick_json as json
from loracheck.type_checking import TYPE_CHECKING

from .config.releases import NEWEST

if TYPE_CHECKING:
    from typing import Any

    from .config.releases import Release

PATH = join(dirname(__file__), "tables.json")


@cache
def load_tables() -> dict[str, Any]:
    """Keys: `targets` (model type to default target modules), `moe_own` (model types whose
    conversion PEFT names itself), `moe_targets`, `moe_fused` (by conversion), `peft` (the release).
    """
    with open(PATH, encoding="utf-8") as file:
        tables: dict[str, Any] = json.load(file)
    return tables


@cache
def _load_older_targets() -> dict[str, list[list[Any]]]:
    with open(join(dirname(__file__), "older_targets.json"), encoding="utf-8") as file:
        targets: dict[str, list[list[Any]]] = json.load(file)
    return targets


def find_default_targets(model_type: str | None, release: Release = NEWEST) -> Any:
    """The targets that a release takes for a model type without target_modules; None for none.

    `older_targets.json` lists, for each model type, the releases that changed its entry.
    """
    if release == NEWEST:
        return load_tables()["targets"].get(model_type)
    default_targets = None
    for since, targets in _load_older_targets().get(str(model_type), ()):
        if tuple(map(int, since.split("."))) <= release:
            default_targets = targets
    return default_targets
