"""The rows of several registries as one table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId
from loracheck.trees.sources.bundle import find_model, find_tree, load_index

if TYPE_CHECKING:
    from collections.abc import Iterable

ID = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
"""An id of the Hub or of ModelScope: owner and name."""

_QUANTISED = re.compile(r"-(awq|gptq|fp8|nvfp4|int[48]|bnb)\b", re.IGNORECASE)

RENAMED = {"LLaMAForCausalLM": "LlamaForCausalLM"}
"""Classes that conversions of before transformers 4.28 name, and the ones that they became (vLLM
0.33.0, vllm/model_executor/models/registry.py; only the letters' case differs).
"""

BUNDLE = "loracheck's bundle"
"""Source of the rows of bundled models."""


def merge(rows: Iterable[ModelId], *further: Iterable[ModelId]) -> list[ModelId]:
    """One row for each id, in any case of letters. Where registries name different originals or
    architectures none is kept; the source is that of the original, or the first. The rows of
    `further` (an engine may have classes of its own for a checkpoint) count for ids of which those
    before say no architecture. Of a bundled model the class is one that its config.json names: a
    registry may list the class that an example loads, or an engine's own part of it.
    """
    found = _merge(rows)
    for more in further:
        known = {row.id.lower(): row for row in found}
        found = _merge([*found, *filter(None, (_leave_known(row, known) for row in more))])
    return _follow_copies(_part_unlike(found))


def _leave_known(row: ModelId, known: dict[str, ModelId]) -> ModelId | None:
    """What a further row adds to the ones that are known."""
    own = known.get(row.id.lower())
    renamed = _find_renamed(row, own, known)
    if renamed is not None or own is None or own.architecture is None:
        return renamed or row
    if row.copy_of is None or own.copy_of is not None:
        return None
    return row._replace(architecture=None)


def _find_renamed(row: ModelId, own: ModelId | None, known: dict[str, ModelId]) -> ModelId | None:
    """The row of an original under an owner's other name (THUDM/glm-4-9b, zai-org/glm-4-9b): one id
    is a copy of both, and they have the same name after the owner's.
    """
    if own is None or own.copy_of is None or row.copy_of is None:
        return None
    first, second = own.copy_of.lower(), row.copy_of.lower()
    original = known.get(first)
    if first == second or first.partition("/")[2] != second.partition("/")[2]:
        return None
    if original is None or original.copy_of is not None:
        return None
    return ModelId(row.copy_of, own.copy_of, None, row.source)


def _follow_copies(rows: list[ModelId]) -> list[ModelId]:
    """The rows, with a copy of a copy as one of the first original."""
    copies = {row.id.lower(): row.copy_of for row in rows if row.copy_of}
    found = []
    for row in rows:
        seen, last = {row.id.lower()}, row.copy_of
        while last and last.lower() not in seen and copies.get(last.lower()):
            seen.add(last.lower())
            last = copies[last.lower()]
        found.append(row._replace(copy_of=last))
    return found


def _part_unlike(rows: list[ModelId]) -> list[ModelId]:
    """The rows without the copies that are of another class than their original: they were made
    from it and are no copies.
    """
    classes = {row.id.lower(): row.architecture for row in rows}
    found = []
    for row in rows:
        own, other = row.architecture, classes.get((row.copy_of or "").lower())
        unlike = own and other and _spell(own) != _spell(other)
        found.append(row._replace(copy_of=None) if unlike else row)
    return found


def _merge(rows: Iterable[ModelId]) -> list[ModelId]:
    groups: dict[str, list[ModelId]] = {}
    for row in rows:
        if ID.fullmatch(row.id):
            groups.setdefault(row.id.lower(), []).append(row)
    for name in load_index().entries:
        own = ModelId(name, None, None, BUNDLE)
        groups[name.lower()] = [own, *groups.get(name.lower(), [])]
    return [_one(group) for group in groups.values()]


def _one(rows: list[ModelId]) -> ModelId:
    first = rows[0]
    originals: dict[str, ModelId] = {}
    for row in rows:
        if row.copy_of and not _is_slip(row):
            originals.setdefault(row.copy_of.lower(), row)
    classes = {_spell(row.architecture): row.architecture for row in rows[::-1] if row.architecture}
    cls = next(iter(classes.values())) if len(classes) == 1 else None
    cls = RENAMED.get(cls or "", cls)
    told = next((row.source for row in rows if cls and row.architecture), first.source)
    exact = load_index().place(first.id) is not None
    own = list_bundled_classes(first.id) if exact else []
    if own and (cls is None or _spell(cls) not in map(_spell, own)):
        cls, told = own[0], BUNDLE
    if len(originals) != 1 or exact:
        return ModelId(first.id, None, cls, told)
    row = next(iter(originals.values()))
    return ModelId(first.id, row.copy_of, cls, row.source)


def list_bundled_classes(model: str) -> list[str]:
    """The classes of a bundled model: that of its newest tree, then those of its config.json."""
    tree, found = find_tree(model), find_model(model)
    named = found.config.get("architectures") or () if found is not None else ()
    return list(dict.fromkeys([*([tree.cls] if tree is not None and tree.cls else []), *named]))


def _is_slip(row: ModelId) -> bool:
    """Whether the original is of the same owner: two names of one owner are two models, and the
    registry's row a slip (Qwen2.5-Coder-72B beside Qwen2.5-Math-72B in LLaMA-Factory), but for a
    quantised checkpoint that bears the original's name. Unsloth's own uploads never name one of
    Unsloth.
    """
    original = row.copy_of or ""
    if row.id.lower().startswith(original.lower()) and _QUANTISED.match(row.id[len(original) :]):
        return False
    return original.partition("/")[0].lower() == row.id.partition("/")[0].lower()


def _spell(cls: str) -> str:
    """The class, alike for two spellings (Ernie4_5_ForCausalLM, Ernie4_5ForCausalLM)."""
    return cls.replace("_", "").lower()
