"""What a transformers release changes for users, from the bundled trees: a page."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from loracheck.trees.groups import Splitter, group_modules
from loracheck.trees.sources.bundle import ABSENT, TYPE_PREFIX, find_model, find_tree, load_index

KINDS = frozenset({"Linear", "Conv1D", "Embedding", "Conv1d", "Conv2d", "Conv3d"})
"""Kinds of modules that LoRA wraps."""

SHOWN = 4
"""Names that are listed for a model type; the rest are counted."""


class Change(NamedTuple):
    """What a release changes for one model type."""

    name: str
    gone: tuple[str, ...]
    come: tuple[str, ...]
    conversion: tuple[str | None, str | None]


def list_changes(release: str, before: str) -> tuple[list[str], list[str], list[Change]]:
    """Model types that are new, those that are gone, and those with other wrappable names or
    another conversion of experts, against the release before.
    """
    new: list[str] = []
    gone: list[str] = []
    changed: list[Change] = []
    for name in load_index(types=True).entries:
        here, there = _variant(name, release), _variant(name, before)
        if ABSENT in (here, there):
            if here != there:
                (new if there == ABSENT else gone).append(name.removeprefix(TYPE_PREFIX))
        elif here != there:
            changed += find_change(name, release, before)
    return new, gone, changed


def find_change(name: str, release: str, before: str) -> list[Change]:
    """What a release changes for a bundled model; nothing, or one entry."""
    variants = [_variant(name, one) for one in (before, release)]
    if ABSENT in variants:
        return []
    there, here = (_find_names(name, variant) for variant in variants)
    if there is None or here is None:
        return []
    found = Change(
        name.removeprefix(TYPE_PREFIX),
        tuple(sorted(there.wrapped - here.wrapped)),
        tuple(sorted(here.wrapped - there.wrapped)),
        (there.conversion, here.conversion),
    )
    return [found] if found.gone or found.come or there.conversion != here.conversion else []


@cache
def _variants(name: str) -> dict[str, int]:
    """Release -> which of a bundled model's trees it builds."""
    model = find_model(name)
    assert model is not None
    return {release: model.find_variant(release) for release in model.releases}


def _variant(name: str, release: str) -> int:
    return _variants(name)[release]


class _Names(NamedTuple):
    """What of a tree is compared."""

    wrapped: frozenset[str]
    """The templates of modules that LoRA wraps."""

    conversion: str | None
    """How PEFT rewrites the names of experts."""


@cache
def _find_names(name: str, variant: int) -> _Names | None:
    """Those of one of a model's trees, which most releases share."""
    release = next(one for one, number in _variants(name).items() if number == variant)
    tree = find_tree(name, release=release)
    if tree is None:
        return None
    wrapped = frozenset(
        re.sub(r"\.\d+(?=\.|$)", ".*", group.template)
        for group in group_modules(tree, Splitter())
        if group.node.kind in KINDS
    )
    return _Names(wrapped, dict(tree.extra).get("conversion"))


def make_page(release: str, before: str) -> str:
    """The page of a release."""
    new, gone, changed = list_changes(release, before)
    lines = [
        f"# transformers {release}",
        "",
        f"What is different for LoRA configs, against {before}. Made by `make release-transformers "
        f"VERSION={release}` from the default config of every model type.",
        "",
        f"Model types that are new: {_join_sorted(new)}.",
        "",
        f"Model types that are gone: {_join_sorted(gone)}.",
        "",
    ]
    if not changed:
        return "\n".join([*lines, "No module that LoRA wraps has another name.", ""])
    lines += ["| model type | names no more | names instead, or new |", "| --- | --- | --- |"]
    lines += [f"| {one.name} | {_cell(one.gone)} | {_cell(one.come)} |" for one in changed]
    rewritten = [one for one in changed if one.conversion[0] != one.conversion[1]]
    if rewritten:
        told = ", ".join(f"{o.name} ({o.conversion[0]} to {o.conversion[1]})" for o in rewritten)
        lines += ["", f"Conversions of checkpoints, by which PEFT rewrites experts' names: {told}."]
    return "\n".join([*lines, ""])


def _join_sorted(names: list[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _cell(names: tuple[str, ...]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:SHOWN])
    more = f", and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{shown}{more}" or "-"
