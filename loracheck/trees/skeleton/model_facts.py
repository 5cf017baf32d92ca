"""What PEFT and its users ask of a model beyond its modules, for `dump` and for `trees/live/`."""

from __future__ import annotations

import sys
from typing import Any


def collect_facts(model: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """What PEFT and its users ask of a model beyond its modules; empty answers are left out."""
    config = model.config
    text = _get_text_config(config)
    parts = {name: part["model_type"] for name, part in settings.items() if _is_config(part)}
    facts = {
        "architectures": settings.get("architectures"),
        "base_model_prefix": getattr(model, "base_model_prefix", None),
        "is_encoder_decoder": bool(getattr(config, "is_encoder_decoder", False)),
        "has_encoder": hasattr(model, "get_encoder"),
        "vocab_size": _number(text, "vocab_size"),
        "hidden_size": _number(text, "hidden_size"),
        "num_hidden_layers": _number(text, "num_hidden_layers"),
        "num_labels": _number(config, "num_labels"),
        "sub_configs": parts,
        "without_generate": _has_no_generate(model),
        "tied_modules": list_tied_modules(model),
        "no_input_embeddings": _has_no_embeddings(model),
        "embeddings_asked": _describe_embedding_need(model),
        "tied_weights_keys": _get_tied_keys(model),
    }
    return {name: value for name, value in facts.items() if value not in (None, "", [], {}, False)}


OWN_CONVERSION = "own"


def find_conversion(model_type: str | None, stacked: bool) -> dict[str, str]:
    """`{"conversion": type}`: the model type whose conversion of checkpoints this one follows, or
    OWN_CONVERSION where it follows none and has one. PEFT looks there for fused experts
    (peft/utils/transformers_weight_conversion.py; transformers/conversion_mapping.py, since 5.0).

    A type that follows another has that one's conversions. For the rest transformers' whole table
    is built, which takes a third of a second, so only a model with stacked weights is asked about.
    """
    tables = sys.modules.get("transformers.conversion_mapping")
    if tables is None:
        return {}
    followed = tables._MODEL_TO_CONVERSION_PATTERN.get(model_type)
    if followed is None and stacked and tables.get_checkpoint_conversion_mapping(model_type):
        followed = OWN_CONVERSION
    return {} if followed is None else {"conversion": followed}


def _get_text_config(config: Any) -> Any:
    """The part that describes the language model; the whole where there are two (MusicGen)."""
    try:
        return config.get_text_config()
    except (AttributeError, ValueError):
        return config


def _has_no_generate(model: Any) -> bool:
    """Whether a model prepares inputs for generation but is no GenerationMixin."""
    return hasattr(model, "prepare_inputs_for_generation") and not hasattr(model, "generate")


def _has_no_embeddings(model: Any) -> bool:
    """Whether the accessor works and gives nothing; transformers raises for most such models."""
    try:
        return model.get_input_embeddings() is None
    except (NotImplementedError, AttributeError, TypeError, KeyError, IndexError, ValueError):
        return False


def _is_config(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("model_type"), str)


def _number(config: Any, name: str) -> int | None:
    value = getattr(config, name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _describe_embedding_need(model: Any) -> str | None:
    """For a model that refuses to name its input embeddings: whether PEFT asks for them to find
    what is tied ("yes", "no").
    """
    try:
        model.get_input_embeddings()
    except (NotImplementedError, AttributeError, TypeError, KeyError, IndexError, ValueError):
        tied = getattr(model.config, "tie_word_embeddings", None) is not False
        return (
            "yes" if tied and isinstance(getattr(model, "_tied_weights_keys", None), dict) else "no"
        )
    return None


def _get_tied_keys(model: Any) -> Any:
    keys = getattr(model, "all_tied_weights_keys", None) or getattr(
        model, "_tied_weights_keys", None
    )
    if isinstance(keys, dict):
        return dict(sorted(keys.items()))
    return sorted(key if isinstance(key, str) else key.pattern for key in keys or ())


def list_tied_modules(model: Any) -> list[str]:
    """Modules tied to the input embeddings, as PEFT finds them.

    Source: `_get_module_names_tied_with_embedding`, peft/utils/other.py, PEFT 0.21.2.
    """
    if getattr(model.config, "tie_word_embeddings", None) is False:
        return []
    keys = getattr(model, "_tied_weights_keys", None)
    if isinstance(keys, dict):
        keys = _list_embedding_ties(model)
    # Zamba2 of transformers 4 lists a compiled pattern, on which PEFT's own search fails
    return sorted({key.rpartition(".")[0] for key in keys or () if isinstance(key, str)})


def _list_embedding_ties(model: Any) -> list[str]:
    sources: dict[str, str] = {}
    for name, module in model.named_modules():
        keys = getattr(module, "_tied_weights_keys", None)
        dotted = f"{name}." if name else ""
        if isinstance(keys, dict):
            sources.update({dotted + key: dotted + source for key, source in keys.items()})
    try:
        embedding = {id(each) for each in model.get_input_embeddings().parameters()}
    except (NotImplementedError, AttributeError):
        return []
    named = model.named_parameters(remove_duplicate=False)
    names = {_strip_wrappers(name) for name, parameter in named if id(parameter) in embedding}
    return [key for key, source in sources.items() if source in names]


def _strip_wrappers(name: str) -> str:
    """A parameter's name in the model without an adapter: PEFT's layers and wrappers keep what they
    stand around under names of their own (0.21.2 tuners/tuners_utils.py, utils/other.py).
    """
    parts = ("base_layer", "original_module", "token_adapter")
    return ".".join(part for part in name.split(".") if part not in parts)
