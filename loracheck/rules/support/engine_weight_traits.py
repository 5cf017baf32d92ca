"""The traits of an adapter that only its weights, or the files beside them, tell.

PEFT 0.21.2 `utils/save_and_load.py` (`get_peft_model_state_dict`) gives the names: magnitudes under
`lora_magnitude_vector`, token rows under `token_adapter`, whole embeddings under their own names.
"""

from __future__ import annotations

from loracheck.engines import Trait
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .adapter_weights import INDEX_NAME, collect_matrix_ranks
from .chat_templates import describe_other_template
from .engine_layer_traits import BANK
from .pickled_weights import has_only_pickle
from .tokenizer_files import list_added_ids, list_tokenizer_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

    from .adapter_weights import AdapterWeights

_LAYER = compile_when_used(r"(^|\.)(layers|h|blocks?|layer)\.\d+\.")
ENDS = ("embed_tokens", "lm_head", "wte", "word_embeddings", "embed_in", "embed_out")
"""Last parts of the names of embeddings and heads, for a model whose tree is not known."""

INNER_NORMS = (
    *("input_layernorm", "post_attention_layernorm"),
    *("pre_feedforward_layernorm", "post_feedforward_layernorm"),
)
"""Names of norms that stand inside the layers alone (transformers 5.24.0 `models/`)."""

MARKS = {
    "lora_magnitude_vector": ("dora", "use_dora"),
    "token_adapter": ("tokens", "trainable_token_indices"),
}
"""Parts of tensor names that tell of a feature, with its trait and the field to speak of."""


def find_weight_traits(context: RuleContext) -> Iterator[Trait]:
    """What the tensors and the files beside the config have, each kind once."""
    weights = context.weights
    if context.compute_once(has_only_pickle):
        yield Trait("pickled", "peft_type")
    if weights is not None and weights.file == INDEX_NAME:
        yield Trait("sharded", "peft_type")
    if weights is not None and not weights.fault:
        saved = _list_saved_names(context)
        traits = [
            *_find_feature_traits(weights, saved),
            *_find_tensor_traits(context, weights, saved),
        ]
        traits += [Trait("parameters", "target_parameters")] * any(map(BANK.search, weights.layers))
        yield from {(trait.what, trait.value): trait for trait in traits}.values()
        if weights.foreign and all(
            name.endswith((".lora_a", ".lora_b")) for name in weights.foreign
        ):
            yield Trait("mlx", "peft_type")
        if weights.with_adapter_name:
            yield Trait("named-weights", "peft_type", weights.with_adapter_name[0])
    yield from _find_row_traits(context)
    yield from _find_token_traits(context)


def find_highest_rank(context: RuleContext) -> int:
    """The highest rank of the weights' matrices; 0 without any. What stacks the matrices of several
    experts is left out, and so are two matrices that do not fit each other.
    """
    weights = context.weights
    if weights is None or weights.fault or context.value("target_parameters"):
        return 0
    ranks = (
        collect_matrix_ranks(one) for name, one in weights.layers.items() if not BANK.search(name)
    )
    return max((max(rank) for rank in ranks if len(rank) == 1), default=0)


def has_lora_weights(context: RuleContext) -> bool:
    """Whether the weights are there to tell which layers have LoRA."""
    return context.weights is not None and bool(context.weights.layers)


def has_base_embedding(context: RuleContext) -> bool | None:
    """Whether the file holds base weights of a layer beside LoRA on it; None without weights."""
    weights = context.weights
    if weights is None or weights.fault:
        return None
    return any(".base_layer." in name for name in weights.others)


def _list_saved_names(context: RuleContext) -> set[str]:
    """Names of the modules that are trained in full, as the config has them and as PEFT adds
    them.
    """
    entries = context.value("modules_to_save")
    saved = {str(entry) for entry in entries} if isinstance(entries, (list, tuple)) else set()
    return saved | (
        {one.entry for one in context.plan.saved} if context.plan is not None else set()
    )


def _is_saved(module: str, saved: set[str]) -> bool:
    """Whether a module is one of those that are trained in full, or inside of one."""
    return any(f".{entry}." in f".{module}." for entry in saved)


def _find_feature_traits(weights: AdapterWeights, saved: set[str]) -> Iterator[Trait]:
    for name in weights.others:
        for mark, (what, field) in MARKS.items():
            if mark in name:
                yield Trait(what, field)
        if name.endswith(".bias") and not _is_saved(name.removesuffix(".bias"), saved):
            yield Trait("lora-bias", "lora_bias") if ".lora_B." in name else Trait("bias", "bias")


def _find_tensor_traits(
    context: RuleContext, weights: AdapterWeights, saved: set[str]
) -> Iterator[Trait]:
    """Whole tensors that the config does not speak of."""
    tree = context.tree
    ends = {tree.input_embeddings, tree.output_embeddings} if tree is not None else set()
    for name in weights.others:
        module, _, parameter = name.rpartition(".")
        leaf = module.rpartition(".")[2]
        if parameter != "weight" or ".base_layer" in name or any(m in name for m in MARKS):
            continue
        if not _is_saved(module, saved):
            end = module in ends or leaf in ENDS
            what = "whole-tensor" if end else classify_saved_name(module)
            yield Trait(what, "modules_to_save", leaf)


def _find_row_traits(context: RuleContext) -> Iterator[Trait]:
    """A whole embedding or head with other rows than the model's."""
    weights, tree = context.weights, context.tree
    if weights is None or tree is None or tree.partial:
        return
    for name in (tree.input_embeddings, tree.output_embeddings):
        node = tree.find(name) if name else None
        weight = node.parameter("weight") if node is not None else None
        there = weights.others.get(f"{name}.weight")
        if (
            weight is not None
            and there is not None
            and there.shape[:1] not in ((), weight.shape[:1])
        ):
            yield Trait("other-rows", "modules_to_save", there.shape[0])
            return


def _find_token_traits(context: RuleContext) -> Iterator[Trait]:
    """Tokens of an added_tokens.json beside the adapter: all, and those above the vocabulary; those
    of its tokenizer; its chat template where it is not the base model's.
    """
    ids = context.compute_once(list_added_ids)
    if ids:
        yield Trait("added-tokens", "base_model_name_or_path", len(ids))
    new = _count_above_rows(context, ids)
    if new:
        yield Trait("new-tokens", "base_model_name_or_path", new)
    unknown = _count_above_rows(context, context.compute_once(list_tokenizer_ids)[1])
    if unknown:
        yield Trait("tokenizer-tokens", "base_model_name_or_path", unknown)
    template = context.compute_once(describe_other_template)
    if template is not None:
        yield Trait("chat-template", "base_model_name_or_path", template)


def _count_above_rows(context: RuleContext, ids: list[int]) -> int:
    """How many ids are above the rows of the model's embedding; 0 where these are not known."""
    tree = context.tree
    node = tree.find(tree.input_embeddings) if tree is not None and tree.input_embeddings else None
    weight = node.parameter("weight") if node is not None else None
    return sum(one >= weight.shape[0] for one in ids) if weight is not None else 0


def classify_saved_entry(context: RuleContext, entry: str) -> str:
    """The trait of a module trained in full of which the config's entry is known, and no tree: by
    the names that the weights have, or by the entry itself.
    """
    others = context.weights.others if context.weights is not None else {}
    names = [f".{name.rpartition('.')[0]}." for name in others]
    kinds = {classify_saved_name(name[:-1]) for name in names if f".{entry}." in name}
    inner = next((kind for kind in sorted(kinds) if "-inner" in kind), None)
    if inner is not None or entry in INNER_NORMS:
        return inner or "saved-inner-norm"
    return classify_saved_name(f".{entry}")


def classify_saved_name(name: str) -> str:
    """The trait of a module trained in full, by its whole name: a norm, inside the layers."""
    inner = "-inner" if _LAYER.search(name) else ""
    norm = "-norm" if "_layernorm" in name or ".norm" in name else ""
    return f"saved{inner}{norm}"
