"""What is said of a config whose model is one of several: what is wrong with every one of them.

Where the models differ nothing is said, as only a run tells which of them is taken.
"""

from __future__ import annotations

from loracheck.documents.model import OneOf
from loracheck.findings import LEVELS
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request, ResolvedTree
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Hit, Rule
    from loracheck.tools.core.setting import Setting

GUESSES = frozenset({"LC241"})
"""Rules that say of a name without a model what the models tell better."""

MAX_MODELS = 8
"""Most models that one setting is held against."""


def add_alternatives(
    resolved: ResolvedTree, setting: Setting, folder: str, settings: LintSettings
) -> ResolvedTree:
    """The answer with the trees of all models that the setting may be of; as it is where the model
    is another, or one of them has no tree.
    """
    model = setting.model
    if not isinstance(model, OneOf) or settings.model is not None or setting.own_lora:
        return resolved
    plain = not (setting.submodule or setting.behaviour.wrapper or setting.own_model)
    if settings.find_tree is not None or len(model.texts) > MAX_MODELS or not plain:
        return resolved
    request = Request(
        *("", setting.revision, setting.heads, setting.num_labels, folder),
        names_do=True,
        part=setting.part,
    )
    trees = [(one, resolve(request._replace(model=one), settings.trees)) for one in model.texts]
    if any(answer.tree is None for _, answer in trees):
        return resolved
    names = _join_names(model.texts)
    reason = f"a run takes one of {names}; only what is wrong with each of them is told"
    return ResolvedTree(None, reason=reason, alternatives=tuple(trees))


def select_common_hits(
    names: Sequence[str], without_model: list[tuple[Rule, Hit]], sides: list[list[tuple[Rule, Hit]]]
) -> Iterator[tuple[Rule, Hit]]:
    """What is said without a model, and the errors and warnings that all sides have; `names` are
    the models of the sides.
    """
    without = {(rule.code, hit.at) for rule, hit in without_model}
    common: list[tuple[Rule, Hit]] = []
    for rule, hit in sides[0]:
        key = rule.code, hit.at
        others = [one for side in sides[1:] for other, one in side if (other.code, one.at) == key]
        hits = [hit, *others]
        severities = [one.severity or rule.severity for one in hits]
        severity = min(severities, key=LEVELS.__getitem__)
        if key in without or len(hits) != len(sides) or severity == "note":
            continue
        common.append((rule, _join_hits(hits, names)._replace(severity=severity)))
    places = {hit.at for _, hit in common}
    for rule, hit in without_model:
        if rule.code not in GUESSES or hit.at not in places:
            yield rule, hit
    yield from common


def _join_hits(hits: list[Hit], names: Sequence[str]) -> Hit:
    """One hit for those of all models: the first one, without what only it says."""
    first = hits[0]
    note = f"so with each of {_join_names(names)}"
    if all(hit.help == first.help and hit.fix == first.fix for hit in hits):
        return first._replace(notes=(note,))
    return first._replace(notes=(note,), help=None, fix=None, repeat=None)


def _join_names(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}"
