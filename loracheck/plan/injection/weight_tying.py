"""Tied embeddings: what PEFT warns of, and what `ensure_weight_tying` changes.

Source: PEFT 0.21.2 (older releases: releases.py), tuners/tuners_utils.py `_check_tied_modules`,
tuners/lora/model.py `_add_modules_to_save_to_tie` and `_add_targets_to_tie`, utils/other.py
`_get_module_names_tied_with_embedding`.
"""

from __future__ import annotations

import re

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import contains, list_entries, remove_duplicates
from loracheck.plan.errors import RefusedError
from loracheck.plan.matching import regexes
from loracheck.plan.matching.match import SAVE, list_entries_to_save, list_suffixes
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.warning_log import WarningLog
    from loracheck.trees.model import ModuleTree

EMBEDDING_NAMES = ("embed_tokens", "lm_head")
"""PEFT's EMBEDDING_LAYER_NAMES (utils/constants.py)."""

_ADVICE = (
    "This can lead to complications, for example when merging the adapter or converting your model "
    "to formats other than safetensors. "
    "Check the discussion here: https://github.com/huggingface/peft/issues/2777"
)


def require_input_embeddings(tree: ModuleTree) -> None:
    """`model.get_input_embeddings()`, which transformers refuses for models without one."""
    if dict(tree.extra).get("no_input_embeddings"):
        return
    if tree.pretrained and tree.input_embeddings is None and not tree.partial:
        name = (tree.cls or "").rpartition(".")[2]
        text = (
            f"`get_input_embeddings` not auto-handled for {name}; please override in the subclass."
        )
        raise RefusedError("no-input-embeddings", "NotImplementedError", text)


def find_embedding_name(tree: ModuleTree) -> str | None:
    """The name by which `get_input_embeddings` reaches the embedding; a shared one has several, and
    what PEFT puts under the first is not seen under the others.
    """
    alias = dict(tree.extra).get("embedding_alias")
    return alias if isinstance(alias, str) else tree.input_embeddings


def find_tied_modules(tree: ModuleTree) -> tuple[str, ...]:
    """Full names of the modules tied to the input embedding, itself left out.

    A built tree says it in `extra`; for others it is read off the shared parameters.
    """
    if not tree.partial:
        extra = dict(tree.extra)
        usual = "yes" if tree.tied_words and extra.get("tied_weights_keys") else "no"
        if extra.get("embeddings_asked", usual) == "yes":
            require_input_embeddings(tree)
        return tuple(extra.get("tied_modules", ()))
    embedding = tree.input_embeddings
    if not tree.tied_words or embedding is None:
        return ()
    tied = {name for name, first in tree.aliases if first == embedding}
    for name, first in tree.ties:
        owners = {name.rpartition(".")[0], first.rpartition(".")[0]}
        if embedding in owners:
            tied |= owners - {embedding}
    return tuple(sorted(tied))


def find_tieable_modules(tree: ModuleTree) -> tuple[str, ...]:
    """The modules that the model's class can tie to the input embedding, whether it does or not.

    Pairs that are tied although the model says it ties nothing are those of a part, which PEFT does
    not ask.
    """
    if tree.tied_words:
        return find_tied_modules(tree)
    tieable: set[str] = set()
    keys = dict(tree.extra).get("tied_weights_keys")
    if isinstance(keys, dict):
        if {name for pair in tree.ties for name in pair} & keys.keys():
            return ()
        embedding = tree.input_embeddings
        tieable |= {
            k.rpartition(".")[0] for k, v in keys.items() if v.rpartition(".")[0] == embedding
        }
    elif keys:
        tieable |= {str(key).rpartition(".")[0] for key in keys}
    return tuple(sorted(tieable))


def warn_tied_targets(
    config: EffectiveConfig, tree: ModuleTree, log: WarningLog, targeted: list[str]
) -> None:
    """`_get_tied_target_modules`: older releases warned once a tied layer had been wrapped."""
    if config.has(releases.TIED_CHECKED_BEFORE) or not config.has(releases.TIED_TARGETS_WARN):
        return
    last = config.has(releases.TIED_TARGETS_BY_LAST_PART)
    names = [name.rpartition(".")[2] if last else name for name in targeted]
    if tree.tied_words and any(name in EMBEDDING_NAMES for name in names):
        embeddings = [
            name
            for name, compared_name in zip(targeted, names, strict=True)
            if compared_name in EMBEDDING_NAMES
        ]
        text = (
            f"Model with `tie_word_embeddings=True` and the tied_target_modules={embeddings!r} are "
            "part of the adapter. This can lead to complications, for example when merging the "
            "adapter or converting your model to formats other than safetensors. See for example "
            "https://github.com/huggingface/peft/issues/2018."
        )
        log.add("tied-targets", text, field="target_modules")


def check_tied_modules(config: EffectiveConfig, tree: ModuleTree, log: WarningLog) -> None:
    """`_check_tied_modules`: warn, or rewrite the config so that tied layers stay tied."""
    both = config.has(releases.TIED_CHECKED_BEFORE)
    if both:
        saves = any(_names_embedding(m) for m in list_entries_to_save(config))
    else:
        saves = any(m in EMBEDDING_NAMES for m in list_entries_to_save(config))
    targets = both and _targets_embedding(config.target_modules)
    tied = (
        find_tied_modules(tree)
        if config.has(releases.TIED_ASKS_CONFIG)
        else find_tieable_modules(tree)
    )
    if not config.ensure_weight_tying:
        if (saves or targets) and tied:
            text = (
                "Model has `tie_word_embeddings=True` and a tied layer is part of the adapter, "
                "but `ensure_weight_tying` is not set to True. "
            )
            log.add("tied-without-ensure", text + _ADVICE, field="ensure_weight_tying")
        return
    request = "You have requested `ensure_weight_tying`, but no tied modules "
    if not tied:
        text = f"{request}were found in the model"
        log.add("ensure-tying-untied-model", text, field="ensure_weight_tying")
    elif saves and not both:
        config.modules_to_tie = frozenset(tied) - set(list_entries_to_save(config))
    elif saves:
        _tie_saved(config, tree, tied)
    elif targets:
        _tie_targets(config, tree, tied)
    else:
        where = "either `modules_to_save` or `target_modules`" if both else "`modules_to_save`"
        text = f"{request}are added in {where}"
        log.add("ensure-tying-nothing-added", text, field="ensure_weight_tying")


def _names_embedding(entry: Value) -> bool:
    return str(entry).rpartition(".")[2] in EMBEDDING_NAMES


def _targets_embedding(targets: Any) -> bool:
    if isinstance(targets, str):
        match = regexes.compile_pattern(targets, "target_modules", whole=True)
        return any(match(name) for name in EMBEDDING_NAMES)
    list_suffixes(targets or None, "target_modules")
    return any(_names_embedding(m) for m in targets or ())


def _tie_saved(config: EffectiveConfig, tree: ModuleTree, tied_names: tuple[str, ...]) -> None:
    """Save the embedding alone; the tied layers follow it."""
    config.modules_to_tie = frozenset(tied_names)
    saved = config.modules_to_save
    name = tree.input_embeddings or ""
    if not contains(saved, name):
        if not isinstance(saved, list):
            raise _make_missing_method_error(saved, "append")
        saved.append(name)
    rest = list_entries(saved)
    _remove_first_match(rest, tied_names)
    if len(rest) < len(list_entries(saved)) and not isinstance(saved, (list, set)):
        raise _make_missing_method_error(saved, "remove")
    config.modules_to_save = rest


def _make_missing_method_error(value: Value, method: str) -> RefusedError:
    text = f"'{type(value).__name__}' object has no attribute '{method}'"
    return RefusedError("wrong-type", "AttributeError", text, SAVE)


def _tie_targets(config: EffectiveConfig, tree: ModuleTree, tied_names: tuple[str, ...]) -> None:
    """Target the embedding alone; the tied layers get its LoRA weights, turned round."""
    config.targets_to_tie = frozenset(tied_names)
    name = tree.input_embeddings or ""
    if isinstance(config.target_modules, str):
        config.target_modules = rf"(?:{config.target_modules}|^{re.escape(name)}$)"
        return
    targets = remove_duplicates(list_entries(config.target_modules), "target_modules")
    targets.setdefault(name, None)
    entries = list(targets)
    _remove_first_match(entries, tied_names)
    config.target_modules = remove_duplicates(entries, "target_modules")


def _remove_first_match(entries: list[Value], tied_names: tuple[str, ...]) -> None:
    """Take the first entry that matches each tied layer out of the list."""
    for key in tied_names:
        for entry in entries:
            if regexes.compile_whole_part(str(entry), SAVE)(key):
                entries.remove(entry)
                break
