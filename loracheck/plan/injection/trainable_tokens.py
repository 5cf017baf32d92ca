"""trainable_token_indices: single rows of an embedding that train.

Source: PEFT 0.21.2 (older releases: releases.py), utils/other.py
`set_additional_trainable_modules`, tuners/trainable_tokens.
"""

from __future__ import annotations

from functools import partial

from loracheck.plan.config import releases
from loracheck.plan.config.module_lists import COLLECTIONS, contains
from loracheck.plan.errors import RefusedError
from loracheck.plan.graph.indexing import BadIndexError, index_shape
from loracheck.plan.graph.module_graph import UNCOPYABLE, Module, Parameter, list_unique_parameters
from loracheck.plan.model import Tokens
from loracheck.type_checking import TYPE_CHECKING

from .lora_layers import warn_unknown_class
from .modules_to_save import AuxiliaryModule, AuxiliaryWrapper, check_module
from .weight_tying import find_embedding_name, find_tied_modules, require_input_embeddings

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.documents.values import Value
    from loracheck.plan.config.effective_config import EffectiveConfig
    from loracheck.plan.warning_log import WarningLog
    from loracheck.trees.model import ModuleTree

FIELD = "trainable_token_indices"
_HALF = ("float16", "bfloat16")


def add_tokens(
    config: EffectiveConfig, tree: ModuleTree, root: Module, log: WarningLog
) -> list[Tokens]:
    """Wrap the embeddings of which rows train. Raises RefusedError as PEFT would."""
    layers = _list_token_layers(config, tree, root)
    _refuse_saved(config, layers)
    skipped, mismatch = _find_tied_entries(config, tree, root, layers)
    tokens: list[Tokens] = []
    wrapped: list[AuxiliaryModule] = []
    for entry, indices in layers.items():
        if entry in skipped:
            continue
        wrap = partial(_build_wrapper, config, indices=indices, tied=None, log=log)
        hits = _wrap_entries(config, root, [entry], wrap)
        tokens += [_build_tokens(hit, indices) for hit in hits]
        wrapped += hits
    tokens += _add_tied_tokens(config, tree, root, log, mismatch=mismatch)
    if config.inference_mode and config.has(releases.CAST_LETS_ROWS_TRAIN):
        _let_half_rows_train(wrapped, tree.dtype)
    return tokens


def _let_half_rows_train(hits: list[AuxiliaryModule], dtype: str) -> None:
    """What casting adapters to float32 does to rows of float16 and bfloat16 weights."""
    for hit in hits:
        weight = _find_innermost(hit.module).parameters["weight"]
        if (weight.dtype or dtype) in _HALF:
            delta = hit.wrapper.children["token_adapter"].children["trainable_tokens_delta"]
            for parameter in delta.parameters.values():
                parameter.requires_grad = True


def _add_tied_tokens(
    config: EffectiveConfig, tree: ModuleTree, root: Module, log: WarningLog, *, mismatch: bool
) -> list[Tokens]:
    """The rows of layers that are tied to the embedding."""
    ensures_tying = bool(config.ensure_weight_tying) and config.has(releases.TOKENS_OF_TIED_LAYERS)
    if not tree.tied_words and ensures_tying:
        text = (
            "ensure_weight_tying=True but the model does not have tied weights "
            "(tie_word_embeddings=False). Weight tying will not be applied for "
            "trainable_token_indices."
        )
        log.add("ensure-tying-untied-tokens", text, field="ensure_weight_tying")
    if not tree.tied_words:
        return []
    require_input_embeddings(tree)
    embedding = _get_embedding(root, tree)
    if embedding is not None and embedding.role == "tokens" and (ensures_tying or not mismatch):
        return _wrap_tied_layers(config, tree, root, embedding, log)
    return []


def _list_token_layers(config: EffectiveConfig, tree: ModuleTree, root: Module) -> dict[str, Value]:
    value = config.trainable_token_indices
    if isinstance(value, dict):
        return value
    require_input_embeddings(tree)
    return {_find_wrapped_name(root, tree) or "embed_tokens": value}


def _find_wrapped_name(root: Module, tree: ModuleTree) -> str | None:
    """The input embedding's name now: inside a saved module it is the copy's."""
    embedding = _get_embedding(root, tree)
    return next((name for name, module in root.named_modules() if module is embedding), None)


def _refuse_saved(config: EffectiveConfig, layers: dict[str, Value]) -> None:
    saved = config.modules_to_save
    if saved is not None and not isinstance(saved, (str, *COLLECTIONS)):
        text = f"argument of type '{type(saved).__name__}' is not iterable"
        raise RefusedError("wrong-type", "TypeError", text, "modules_to_save")
    for name in layers:
        if contains(saved, name):
            text = (
                "The embedding layer is already marked to be trained fully, either specify "
                f'`modules_to_save=[..., "{name}", ...]` or '
                f"`trainable_tokens={{'{name}': x}}` but not both."
            )
            raise RefusedError("tokens-also-saved", "ValueError", text, FIELD, name)


def _find_tied_entries(
    config: EffectiveConfig, tree: ModuleTree, root: Module, layers: dict[str, Value]
) -> tuple[set[str], bool]:
    """Entries that weight tying takes care of, and whether tied entries differ in their rows."""
    compared = config.has(releases.TOKENS_OF_TIED_LAYERS)
    if len(layers) < 2 or not tree.tied_words or not compared:
        return set(), False
    tied = _find_tied_names(root, tree)
    require_input_embeddings(tree)
    embedding = _find_wrapped_name(root, tree) or ""
    keys = [name for name in layers if _is_tied(name, embedding, tied)]
    if len(keys) < 2:
        return set(), False
    if all(layers[key] == layers[keys[0]] for key in keys[1:]):
        return set(keys) & set(tied), False
    if config.ensure_weight_tying:
        indices = ", ".join(f"{key}: {layers[key]}" for key in keys)
        text = (
            "Cannot ensure weight tying when different token indices are specified for tied "
            f"layers. Conflicting layers: {indices}."
        )
        raise RefusedError("tokens-tying-mismatch", "ValueError", text, FIELD)
    return set(), True


def _is_tied(name: str, embedding: str, tied_names: list[str]) -> bool:
    if embedding.endswith(name):
        return True
    return any(other.endswith(name) or name in other.split(".") for other in tied_names)


def _wrap_entries(
    config: EffectiveConfig, root: Module, entries: list[str], wrap: Callable[[Module], Module]
) -> list[AuxiliaryModule]:
    """`_set_trainable(strict_module_check=True)` with a TrainableTokensWrapper."""
    reached = any(name.endswith(tuple(entries)) for name, _ in root.named_modules(twice=True))
    if not reached:
        text = f"Target modules {set(entries)} not found in the base model. "
        text += "Please check the target modules and try again."
        raise RefusedError("tokens-no-module", "ValueError", text, FIELD, entries[0])
    return AuxiliaryWrapper(config, root, entries, "tokens", wrap).wrap_all()


def _build_wrapper(
    config: EffectiveConfig, target: Module, indices: Value, tied: Module | None, log: WarningLog
) -> Module:
    adapter = Module("adapter", "TrainableTokensLayer", target.group)
    adapter.base = target
    adapter.children["base_layer"] = target
    if config.has(releases.TOKENS_OF_LINEAR):
        warn_unknown_class(log, target.get_base_layer(), FIELD)
    if tied is None:
        delta = Module("part", "ParameterDict", target.group)
        shape = _find_row_shape(config, target, indices)
        delta.parameters["default"] = Parameter(shape, target.group.count)
        if _is_trained(target) and not config.has(releases.TOKENS_DETACHED):
            adapter.label = UNCOPYABLE
    else:
        delta = tied.children["token_adapter"].children["trainable_tokens_delta"]
    adapter.children["trainable_tokens_delta"] = delta
    wrapper = Module("tokens", target.kind, target.group, target.node)
    wrapper.base = target
    wrapper.children["token_adapter"] = adapter
    check_module(config, target, FIELD)
    return wrapper


def _find_row_shape(config: EffectiveConfig, target: Module, indices: Value) -> tuple[int, ...]:
    """Shape of the trained rows: `weight[indices]`."""
    base = _find_innermost(target)
    weight = base.parameters.get("weight")
    if weight is None:
        text = f"'{base.class_name}' object has no attribute 'weight'"
        raise RefusedError("without-weight", "AttributeError", text, FIELD)
    _check_width(config, base)
    try:
        return index_shape(tuple(weight.shape), indices)
    except BadIndexError as error:
        code = "tokens-range" if " is out of bounds " in error.text else "tokens-type"
        raise RefusedError(code, error.exception, error.text, FIELD) from None


def _is_trained(target: Module) -> bool:
    """Whether the weight that the rows are taken from trains itself."""
    weight = _find_innermost(target).parameters.get("weight")
    return weight is not None and weight.requires_grad


def _find_innermost(target: Module) -> Module:
    """The layer whose weight is meant: of a module saved in full it is the copy's."""
    base = target.get_base_layer()
    while base.role == "saved" and base.copy is not None:
        base = base.copy
    return base


def _check_width(config: EffectiveConfig, base: Module) -> None:
    """`embedding_dim` or, in newer releases, `in_features` of the layer."""
    if base.kind == "Embedding" or not config.has(releases.TOKENS_OF_EMBEDDINGS):
        return
    if not config.has(releases.TOKENS_OF_LINEAR):
        text = f"'{base.class_name}' object has no attribute 'embedding_dim'"
        raise RefusedError("missing-attribute", "AttributeError", text, FIELD)
    if base.kind != "Linear":
        text = f"'{base.class_name}' object has no attribute 'in_features'"
        raise RefusedError("without-features", "AttributeError", text, FIELD)


def _build_tokens(hit: AuxiliaryModule, indices: Value) -> Tokens:
    delta = hit.wrapper.children["token_adapter"].children["trainable_tokens_delta"]
    size = sum(parameter.size for parameter in delta.parameters.values())
    count = len(indices) if isinstance(indices, (list, tuple)) else 1
    return Tokens(hit.module.group, hit.name, hit.entry, count, size)


def _get_embedding(root: Module, tree: ModuleTree) -> Module | None:
    """What `get_input_embeddings` gives now."""
    name = find_embedding_name(tree)
    return root.get_submodule(name) if name else None


def _wrap_tied_layers(
    config: EffectiveConfig, tree: ModuleTree, root: Module, embedding: Module, log: WarningLog
) -> list[Tokens]:
    """Let the layers tied to the embedding follow its token rows."""
    entries = _find_tied_names(root, tree)
    if not entries:
        return []
    hits = _wrap_entries(
        config, root, entries, lambda module: _build_wrapper(config, module, None, embedding, log)
    )
    return [Tokens(hit.module.group, hit.name, hit.entry, 0, 0, tied=True) for hit in hits]


def _find_tied_names(root: Module, tree: ModuleTree) -> list[str]:
    """The tied layers' names as PEFT finds them once others may have wrapped them.

    PEFT looks for the parameter they are tied to by its old name, and knows the names that LoRA and
    token wrappers give it, but not those of a module saved in full.
    """
    sources = dict(tree.extra).get("tied_weights_keys")
    if isinstance(sources, (list, tuple)):  # the class lists names, which PEFT takes as they are
        return sorted(find_tied_modules(tree))
    embedding = _get_embedding(root, tree)
    parameters = (
        {id(parameter) for parameter in list_unique_parameters(embedding)}
        if embedding is not None
        else set()
    )
    names: list[str] = []
    for name in find_tied_modules(tree):
        owners = [tree.input_embeddings or ""]
        if isinstance(sources, dict):
            pairs = [(k.rpartition(".")[0], str(v).rpartition(".")[0]) for k, v in sources.items()]
            owners = [source for owner, source in pairs if owner == name]
        if any(_is_visible(root, owner, parameters) for owner in owners):
            names.append(_find_present_name(root, name))
    return sorted(names)


def _is_visible(root: Module, owner: str, parameters: set[int]) -> bool:
    """Whether PEFT still finds the tied parameter under its owner's name."""
    module = root
    for part in owner.split("."):
        if module.role:
            return False
        module = module.get(part)
    if module.role in ("tokens", "lora") and module.base is not None:
        module = module.base
    return not module.role and any(
        id(parameter) in parameters for parameter in module.parameters.values()
    )


def _find_present_name(root: Module, name: str) -> str:
    role = root.get_submodule(name).role
    if role == "lora":
        return f"{name}.base_layer"
    return f"{name}.token_adapter.base_layer" if role == "tokens" else name
