"""Models of every architecture transformers knows, tiny or real in width, by one rule for all.

A spec is "model_type/Head": the config class's defaults, every known size made small, and the Auto
class of that head ("CausalLM" is AutoModelForCausalLM). With "@real" at its end the widths stay.
"plain/name" are hand-written modules without transformers (see plain.py).
"""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any

import torch
import transformers
from transformers import CONFIG_MAPPING
from transformers.models.auto import modeling_auto as auto

from . import diffusers_models
from .plain_modules import PLAIN


def _sizes(small: int, names: str) -> dict[str, int]:
    return dict.fromkeys(names.split(), small)


SMALL: dict[str, Any] = {
    **_sizes(32, "hidden_size d_model n_embd dim embed_dim"),
    **_sizes(
        48,
        "intermediate_size ffn_dim d_ff n_inner encoder_ffn_dim decoder_ffn_dim hidden_dim "
        "ffn_hidden_size",
    ),
    **_sizes(3, "num_hidden_layers n_layer n_layers"),
    **_sizes(
        2,
        "num_layers encoder_layers decoder_layers num_decoder_layers num_encoder_layers depth "
        "num_blocks",
    ),
    **_sizes(
        4,
        "num_attention_heads n_head n_heads num_heads encoder_attention_heads "
        "decoder_attention_heads",
    ),
    **_sizes(8, "head_dim d_kv kv_channels"),
    **_sizes(
        64, "max_position_embeddings n_positions n_ctx max_source_positions max_target_positions"
    ),
    **_sizes(24, "moe_intermediate_size shared_expert_intermediate_size"),
    **_sizes(4, "num_experts num_local_experts n_routed_experts moe_num_experts"),
    **_sizes(16, "q_lora_rank kv_lora_rank qk_head_dim num_mel_bins"),
    **_sizes(8, "qk_nope_head_dim qk_rope_head_dim v_head_dim"),
    **_sizes(1, "n_group topk_group n_shared_experts mamba_n_groups n_groups"),
    **_sizes(8, "state_size ssm_state_size mamba_d_head mamba_d_state patch_size"),
    **_sizes(32, "image_size projection_dim mamba_d_ssm"),
    **_sizes(4, "rotary_dim time_step_rank conv_kernel mamba_n_heads"),
    **_sizes(2, "num_key_value_heads num_experts_per_tok type_vocab_size expand"),
    "conv_dim": (32,) * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
    "mamba_num_heads": 4,
    "mamba_head_dim": 8,
    "first_k_dense_replace": 1,
    "embedding_size": 16,
    "vocab_size": 99,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}

FIRST = (
    "Model",
    "CausalLM",
    "SequenceClassification",
    "TokenClassification",
    "QuestionAnswering",
    "Seq2SeqLM",
    "MaskedLM",
    "ImageTextToText",
    "SpeechSeq2Seq",
    "ImageClassification",
    "AudioClassification",
    "CTC",
)
"""Heads that give their name to a class which several auto classes share."""

REAL = "@real"
"""Ends a spec whose model has its config's own widths."""

LARGEST = 3_000_000
"""Elements of a model that is still built with real weights; larger ones get shapes only."""


def shrink(config: Any, overrides: dict[str, Any] | None = None) -> Any:
    """Make every known size of a config, and of the configs inside it, small."""
    for value in list(vars(config).values()):
        if hasattr(value, "to_dict") and hasattr(value, "model_type"):
            shrink(value, overrides)
    for name, small in {**SMALL, **(overrides or {})}.items():
        present = config.__dict__.get(name)
        if name in config.attribute_map or type(present) is not type(small):
            continue
        setattr(config, name, small)
    layers = getattr(config, "num_hidden_layers", None)
    kinds = config.__dict__.get("layer_types")
    if isinstance(kinds, list) and isinstance(layers, int):
        config.layer_types = kinds[:layers]
    return config


@lru_cache(maxsize=1)
def _load_auto_classes() -> dict[str, dict[str, Any]]:
    """Every auto class of transformers as a head: its name to model type to class name."""
    found = {
        name.removeprefix("Auto").removeprefix("ModelFor"): cls._model_mapping._model_mapping
        for name, cls in sorted(vars(auto).items())
        if name.startswith("Auto") and getattr(cls, "_model_mapping", None) is not None
    }
    return {head: found[head] for head in (*(h for h in FIRST if h in found), *found)}


def list_classes(model_type: str) -> dict[str, str]:
    """Head name to class name for one model type."""
    found: dict[str, str] = {}
    for head, table in _load_auto_classes().items():
        names = table.get(model_type)
        name = names[0] if isinstance(names, (tuple, list)) else names
        if name:
            found[head] = name
    return found


def list_heads(model_type: str) -> list[str]:
    """The heads of one model type; one for each class, the first of those that share it."""
    found: dict[str, str] = {}
    for head, name in list_classes(model_type).items():
        found.setdefault(name, head)
    return list(found.values())


def list_specs() -> list[str]:
    """Every spec there is: tiny ones of every head, real widths of one each type, the plain."""
    tiny: list[str] = []
    real: list[str] = []
    for kind in sorted(CONFIG_MAPPING.keys()):
        own = [f"{kind}/{head}" for head in list_heads(kind)]
        tiny += own
        real += [f"{spec}{REAL}" for spec in own[:2][-1:]]
    return [*tiny, *real, *(f"plain/{name}" for name in PLAIN)]


class NotBuiltError(Exception):
    """The spec's model cannot be built: what its constructor says."""


def build(spec: str, **changes: Any) -> Any:
    """The model of a spec. Raises NotBuiltError.

    Tiny with real (random) weights; on the meta device where its widths are the config's own,
    where it stays large, or where only the config's own widths fit together.
    """
    kind, _, head = spec.removesuffix(REAL).partition("/")
    if kind == "plain":
        torch.manual_seed(0)
        return PLAIN[head]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if kind == diffusers_models.KIND:
                return diffusers_models.build(head)
            return (
                build_real_width(spec) if spec.endswith(REAL) else _build_tiny(kind, head, changes)
            )
        except Exception as error:  # whatever a constructor dislikes, the spec is out
            said = " ".join(str(error).split())
            raise NotBuiltError(f"{type(error).__name__}: {said[:120]}") from error


def _build_tiny(kind: str, head: str, changes: dict[str, Any]) -> Any:
    cls = getattr(transformers, list_classes(kind)[head])
    try:
        with torch.device("meta"):
            sketch = cls(shrink(CONFIG_MAPPING[kind](), changes))
    except Exception:  # noqa: BLE001 - sizes that do not go together
        return build_real_width(f"{kind}/{head}")
    if sum(p.numel() for p in sketch.parameters()) > LARGEST:
        return sketch
    torch.manual_seed(0)
    return cls(shrink(CONFIG_MAPPING[kind](), changes))


def is_on_meta(model: Any) -> bool:
    """Whether the model has shapes only, no weights."""
    return any(parameter.is_meta for parameter in model.parameters())


def build_real_width(spec: str) -> Any:
    """The model of a spec with its config's own widths, on the meta device: shapes, no weights."""
    kind, _, head = spec.removesuffix(REAL).partition("/")
    with warnings.catch_warnings(), torch.device("meta"):
        warnings.simplefilter("ignore")
        return getattr(transformers, list_classes(kind)[head])(CONFIG_MAPPING[kind]())


@lru_cache(maxsize=4)
def build_cached(spec: str) -> Any:
    """The model of a spec; never change it, copy it."""
    return build(spec)
