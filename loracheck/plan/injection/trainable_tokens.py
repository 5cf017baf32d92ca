"""trainable_token_indices: single rows of an embedding that train.

Source: PEFT 0.21.2 (older releases: releases.py), utils/other.py
`set_additional_trainable_modules`, tuners/trainable_tokens.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.indexing import BadIndexError, indexed
from loracheck.plan.graph.module_graph import UNCOPYABLE, Mod, Par, unique
from loracheck.plan.model import Tokens

from .lora_layers import unknown_class
from .modules_to_save import Hit, Saving, check_module
from .weight_tying import accessed, needs_embedding, tied_modules

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.plan.config.lora_config import Lora
    from loracheck.plan.result.warning_log import Warned
    from loracheck.trees.model import ModuleTree

FIELD = "trainable_token_indices"


def add_tokens(lora: Lora, tree: ModuleTree, root: Mod, warned: Warned) -> list[Tokens]:
    """Wrap the embeddings of which rows train. Raises RefusedError as PEFT would."""
    layers = _layers(lora, tree, root)
    _not_saved(lora, layers)
    skipped, mismatch = _tied_targets(lora, tree, root, layers)
    found: list[Tokens] = []
    for entry, indices in layers.items():
        if entry in skipped:
            continue
        wrap = partial(_wrapper, lora, indices=indices, tied=None, warned=warned)
        hits = _strict(lora, root, [entry], wrap)
        found += [_told(hit, indices) for hit in hits]
    ensured = bool(lora.ensure_weight_tying) and lora.has(releases.TOKENS_OF_TIED_LAYERS)
    if not tree.tied_words and ensured:
        text = (
            "ensure_weight_tying=True but the model does not have tied weights "
            "(tie_word_embeddings=False). Weight tying will not be applied for "
            "trainable_token_indices."
        )
        warned.add("ensure-tying-untied-tokens", text, field="ensure_weight_tying")
    if not tree.tied_words:
        return found
    needs_embedding(tree)
    embedding = _embedding(root, tree)
    if embedding is not None and embedding.role == "tokens" and (ensured or not mismatch):
        found += _tie(lora, tree, root, embedding, warned)
    return found


def _layers(lora: Lora, tree: ModuleTree, root: Mod) -> dict[str, Any]:
    value = lora.trainable_token_indices
    if isinstance(value, dict):
        return value
    needs_embedding(tree)
    return {_embedding_name(root, tree) or "embed_tokens": value}


def _embedding_name(root: Mod, tree: ModuleTree) -> str | None:
    """The input embedding's name now: inside a saved module it is the copy's."""
    found = _embedding(root, tree)
    return next((name for name, mod in root.named() if mod is found), None)


def _not_saved(lora: Lora, layers: dict[str, Any]) -> None:
    for name in layers if lora.modules_to_save is not None else ():
        if name in lora.modules_to_save:
            text = (
                "The embedding layer is already marked to be trained fully, either specify "
                f'`modules_to_save=[..., "{name}", ...]` or '
                f"`trainable_tokens={{'{name}': x}}` but not both."
            )
            raise RefusedError("tokens-also-saved", "ValueError", text, FIELD, name)


def _tied_targets(
    lora: Lora, tree: ModuleTree, root: Mod, layers: dict[str, Any]
) -> tuple[set[str], bool]:
    """Entries that weight tying takes care of, and whether tied entries differ in their rows."""
    compared = lora.has(releases.TOKENS_OF_TIED_LAYERS)
    if len(layers) < 2 or not tree.tied_words or not compared:
        return set(), False
    tied = _tied_now(root, tree)
    needs_embedding(tree)
    embedding = _embedding_name(root, tree) or ""
    keys = [name for name in layers if _is_tied(name, embedding, tied)]
    if len(keys) < 2:
        return set(), False
    if all(layers[key] == layers[keys[0]] for key in keys[1:]):
        return set(keys) & set(tied), False
    if lora.ensure_weight_tying:
        told = ", ".join(f"{key}: {layers[key]}" for key in keys)
        text = (
            "Cannot ensure weight tying when different token indices are specified for tied "
            f"layers. Conflicting layers: {told}."
        )
        raise RefusedError("tokens-tying-mismatch", "ValueError", text, FIELD)
    return set(), True


def _is_tied(name: str, embedding: str, tied: list[str]) -> bool:
    if embedding.endswith(name):
        return True
    return any(other.endswith(name) or name in other.split(".") for other in tied)


def _strict(lora: Lora, root: Mod, entries: list[str], wrap: Callable[[Mod], Mod]) -> list[Hit]:
    """`_set_trainable(strict_module_check=True)` with a TrainableTokensWrapper."""
    reached = any(name.endswith(tuple(entries)) for name, _ in root.named(twice=True))
    if not reached:
        text = f"Target modules {set(entries)} not found in the base model. "
        text += "Please check the target modules and try again."
        raise RefusedError("tokens-no-module", "ValueError", text, FIELD, entries[0])
    return Saving(lora, root, entries, "tokens", wrap).all()


def _wrapper(lora: Lora, target: Mod, indices: Any, tied: Mod | None, warned: Warned) -> Mod:
    adapter = Mod("adapter", "TrainableTokensLayer", target.group)
    adapter.base = target
    adapter.children["base_layer"] = target
    if lora.has(releases.TOKENS_OF_LINEAR):
        unknown_class(warned, target.unwrapped(), FIELD)
    if tied is None:
        delta = Mod("part", "ParameterDict", target.group)
        shape = _rows(lora, target, indices)
        delta.pars["default"] = Par(shape, target.group.count)
        if _trained(target) and not lora.has(releases.TOKENS_DETACHED):
            adapter.label = UNCOPYABLE
    else:
        delta = tied.children["token_adapter"].children["trainable_tokens_delta"]
    adapter.children["trainable_tokens_delta"] = delta
    wrapper = Mod("tokens", target.kind, target.group, target.node)
    wrapper.base = target
    wrapper.children["token_adapter"] = adapter
    check_module(lora, target, FIELD)
    return wrapper


def _rows(lora: Lora, target: Mod, indices: Any) -> tuple[int, ...]:
    """Shape of the trained rows: `weight[indices]`."""
    base = _innermost(target)
    weight = base.pars.get("weight")
    if weight is None:
        text = f"'{base.class_name}' object has no attribute 'weight'"
        raise RefusedError("without-weight", "AttributeError", text, FIELD)
    _has_width(lora, base)
    try:
        return indexed(tuple(weight.shape), indices)
    except BadIndexError as error:
        code = "tokens-range" if " is out of bounds " in error.text else "tokens-type"
        raise RefusedError(code, error.exception, error.text, FIELD) from None


def _trained(target: Mod) -> bool:
    """Whether the weight that the rows are taken from trains itself."""
    weight = _innermost(target).pars.get("weight")
    return weight is not None and weight.grad


def _innermost(target: Mod) -> Mod:
    """The layer whose weight is meant: of a module saved in full it is the copy's."""
    base = target.unwrapped()
    while base.role == "saved" and base.copy is not None:
        base = base.copy
    return base


def _has_width(lora: Lora, base: Mod) -> None:
    """`embedding_dim` or, in newer releases, `in_features` of the layer."""
    if base.kind == "Embedding" or not lora.has(releases.TOKENS_OF_EMBEDDINGS):
        return
    if not lora.has(releases.TOKENS_OF_LINEAR):
        text = f"'{base.class_name}' object has no attribute 'embedding_dim'"
        raise RefusedError("missing-attribute", "AttributeError", text, FIELD)
    if base.kind != "Linear":
        text = f"'{base.class_name}' object has no attribute 'in_features'"
        raise RefusedError("without-features", "AttributeError", text, FIELD)


def _told(hit: Hit, indices: Any) -> Tokens:
    delta = hit.wrapper.children["token_adapter"].children["trainable_tokens_delta"]
    size = sum(par.size for par in delta.pars.values())
    count = len(indices) if isinstance(indices, (list, tuple)) else 1
    return Tokens(hit.mod.group, hit.name, hit.entry, count, size)


def _embedding(root: Mod, tree: ModuleTree) -> Mod | None:
    """What `get_input_embeddings` gives now."""
    name = accessed(tree)
    return root.submodule(name) if name else None


def _tie(lora: Lora, tree: ModuleTree, root: Mod, embedding: Mod, warned: Warned) -> list[Tokens]:
    """Let the layers tied to the embedding follow its token rows."""
    entries = _tied_now(root, tree)
    if not entries:
        return []
    hits = _strict(lora, root, entries, lambda mod: _wrapper(lora, mod, None, embedding, warned))
    return [Tokens(hit.mod.group, hit.name, hit.entry, 0, 0, tied=True) for hit in hits]


def _tied_now(root: Mod, tree: ModuleTree) -> list[str]:
    """The tied layers' names as PEFT finds them once others may have wrapped them.

    PEFT looks for the parameter they are tied to by its old name, and knows the names that LoRA and
    token wrappers give it, but not those of a module saved in full.
    """
    sources = dict(tree.extra).get("tied_weights_keys")
    if isinstance(sources, (list, tuple)):  # the class lists names, which PEFT takes as they are
        return sorted(tied_modules(tree))
    embedding = _embedding(root, tree)
    held = {id(par) for par in unique(embedding)} if embedding is not None else set()
    found: list[str] = []
    for name in tied_modules(tree):
        owners = [tree.input_embeddings or ""]
        if isinstance(sources, dict):
            pairs = [(k.rpartition(".")[0], str(v).rpartition(".")[0]) for k, v in sources.items()]
            owners = [source for owner, source in pairs if owner == name]
        if any(_visible(root, owner, held) for owner in owners):
            found.append(_present(root, name))
    return sorted(found)


def _visible(root: Mod, owner: str, held: set[int]) -> bool:
    """Whether PEFT still finds the tied parameter under its owner's name."""
    mod = root
    for part in owner.split("."):
        if mod.role:
            return False
        mod = mod.get(part)
    if mod.role in ("tokens", "lora") and mod.base is not None:
        mod = mod.base
    return not mod.role and any(id(par) in held for par in mod.pars.values())


def _present(root: Mod, name: str) -> str:
    role = root.submodule(name).role
    if role == "lora":
        return f"{name}.base_layer"
    return f"{name}.token_adapter.base_layer" if role == "tokens" else name
