"""Rules that said nothing of a config have nothing to say of one that has other numbers.

A folder of adapters of one model often has a few kinds of them, which differ in rank, alpha,
dropout and the order of their targets. What the rules about targets and heads say rests on what the
config reaches in the model, which is the same in all of a kind; those that were silent on one are
not asked again.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from loracheck.rules import RuleContext
    from loracheck.rules.rule import Rule
    from loracheck.trees.model import ModuleTree

    Key = tuple[object, ...]

FAMILIES = ("LC2", "LC4")
"""The rules about targets and heads."""

MORE = frozenset({"LC245", "LC405"})
"""Rules of these families that look at more than a config and its tree: the releases that a folder
pins, and the tree of the class that a checkpoint was saved with.
"""

MAX_KINDS = 2048
"""Kinds of configs that are kept; the oldest goes first."""

_kinds: dict[Key, tuple[ModuleTree, frozenset[str]]] = {}

_sets: dict[frozenset[str], frozenset[str]] = {}
"""Each set of rules once: most kinds have one of a few."""


def build_kind(context: RuleContext, codes: frozenset[str]) -> Key | None:
    """What two configs have in common that differ in their numbers alone; None for all but a sound
    adapter_config.json, or its like, and a known tree. `codes` are the rules that run.
    """
    setting, document, tree = context.setting, context.document, context.tree
    if setting.form != "adapter_config" or setting.method is not None or tree is None:
        return None
    # What a text may have beside its values: escapes, and the values of keys that come again.
    if document.format != "json" or "\\" in document.text or document.problems:
        return None
    split = context.split
    if split is None or setting.fields != setting.mapping:
        return None
    is_dropped = setting.fields.get("lora_dropout", 0.0) > 0
    resolved = context.resolved
    return (
        *(codes, id(tree), resolved.source, resolved.release, resolved.kind, context.peft),
        *(context.first, context.on_disk, is_dropped, split.words),
    )


def recall_silent_rules(kind: Key | None) -> frozenset[str]:
    """The codes of rules that need not be asked about a config of this kind."""
    entry = _kinds.get(kind) if kind is not None else None
    return entry[1] if entry is not None else _NONE


def keep_silent_rules(
    kind: Key | None, tree: ModuleTree | None, rules: Iterable[Rule], spoke: Container[str]
) -> None:
    """Note which of the rules that were asked had nothing to say about a config: all but those
    whose codes are in `spoke`.
    """
    if kind is None or tree is None or kind in _kinds:
        return
    if len(_kinds) >= MAX_KINDS:
        del _kinds[next(iter(_kinds))]
    if len(_sets) >= MAX_KINDS:
        _sets.clear()
    codes = (rule.code for rule in rules if rule.code.startswith(FAMILIES))
    shared = frozenset(code for code in codes if code not in spoke and code not in MORE)
    # The tree is kept beside, so that its id cannot pass to another.
    _kinds[kind] = tree, _sets.setdefault(shared, shared)


_NONE: frozenset[str] = frozenset()


def forget_all() -> None:
    """Forget what was silent."""
    _kinds.clear()
    _sets.clear()
