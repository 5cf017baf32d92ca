"""From a config.json and wanted heads to a built model, with nothing but transformers' own code."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_refusal = import_module("sandbox.refusal")
_admission = import_module("sandbox.admission")
_kept_experts = import_module("kept_experts")

HEADS = """
CausalLM Seq2SeqLM ImageTextToText MultimodalLM SpeechSeq2Seq MaskedLM PreTraining CTC
TextToWaveform TextToSpectrogram ImageClassification AudioClassification ObjectDetection
SemanticSegmentation InstanceSegmentation UniversalSegmentation MaskGeneration DepthEstimation
MaskedImageModeling ZeroShotImageClassification SequenceClassification
"""
"""Tried in this order when neither the request nor the config names a class; the base model comes
last.
"""


def prepare() -> None:
    """Import all that every build takes of transformers, and shut its own ways to checkpoints."""
    import_module("transformers")
    for name in ("modeling_utils", "models.auto.configuration_auto", "models.auto.modeling_auto"):
        import_module(f"transformers.{name}")
    import_module("sandbox.loading").forbid()


def construct(
    settings: Mapping[str, Any], heads: Sequence[str] = (), num_labels: int | None = None
) -> tuple[Any, str, dict[str, Any]]:
    """Build the model of a config.json on the meta device.

    Returns the model, the head that was built and facts about the config (`quantization`). `heads`
    are tried in order, each the end of an auto class ("CausalLM", "" for the base model) or a class
    of transformers. Raises RefusalError where transformers knows no such model or head; whatever
    transformers' constructors raise passes through.
    """
    import_module("torch.nn.modules._count").COUNT.start()
    _accept_parallel_styles()
    config = build_config(settings)
    if num_labels is not None:
        config.num_labels = num_labels
    head, cls, config = choose(config, heads or list_usual_heads(settings), asked=bool(heads))
    with import_module("torch").device("meta"):
        model = cls.from_config(config) if hasattr(cls, "from_config") else cls._from_config(config)
    return model, head, describe_quantisation(settings)


class _AnyStyle:
    """A table that has every name."""

    def __contains__(self, name: object) -> bool:
        return True


def _accept_parallel_styles() -> None:
    """transformers 4.52 looks every model's plan for tensor parallelism up in a table that it has
    only beside torch.distributed (integrations/tensor_parallel.py), which the stand-in lacks.
    """
    modeling = import_module("transformers.modeling_utils")
    if getattr(modeling, "ALL_PARALLEL_STYLES", modeling) is None:
        modeling.__dict__["ALL_PARALLEL_STYLES"] = _AnyStyle()


def build_config(settings: Mapping[str, Any]) -> Any:
    """The config object of a config.json. Raises RefusalError for an unknown model type."""
    mapping = import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING
    model_type = settings.get("model_type")
    if model_type == "mistral" and "layer_types" in settings and "ministral" in mapping:
        model_type = "ministral"  # as AutoConfig.from_pretrained of transformers 5 does
    if not isinstance(model_type, str) or model_type not in mapping:
        version = import_module("transformers").__version__
        if settings.get("auto_map"):
            reason = f"transformers {version} does not know {model_type!r}"
            raise _refusal.RefusalError(
                "remote-code", f"{reason}; its code comes with the checkpoint and is not run"
            )
        named = (
            "config.json names no model_type"
            if model_type is None
            else f"no model_type {model_type!r}"
        )
        raise _refusal.RefusalError("unknown-model-type", f"{named} in transformers {version}")
    cls = mapping[model_type]
    values = {**_admission.admit(settings, cls, mapping), "model_type": model_type}
    decode = getattr(cls, "_decode_special_floats", None)  # {"__float__": "Infinity"}
    return cls.from_dict(values if decode is None else decode(values))


def describe_quantisation(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The checkpoint's quantisation method, also where it stands in a part's config; the tree is
    the plain one.
    """
    parts = [
        settings,
        *(
            value
            for value in settings.values()
            if isinstance(value, dict) and "model_type" in value
        ),
    ]
    for part in parts:
        for name in _admission.QUANTISATION:
            described = part.get(name)
            if isinstance(described, dict) and described:
                wrote = settings.get("transformers_version")
                kept = _kept_experts.keeps_experts(described, wrote)
                facts: dict[str, Any] = {"experts_kept": True} if kept else {}
                return {"quantization": _get_method(described), **facts}
    return {}


def _get_method(quantization: Mapping[str, Any]) -> str:
    method = quantization.get("quant_method") or quantization.get("quant_algo") or "unknown"
    if (
        method == "bitsandbytes"
        or quantization.get("load_in_4bit")
        or quantization.get("load_in_8bit")
    ):
        return "bitsandbytes-4bit" if quantization.get("load_in_4bit") else "bitsandbytes-8bit"
    return str(method)


def list_usual_heads(settings: Mapping[str, Any]) -> list[str]:
    """The checkpoint's own class, then the usual heads."""
    heads = settings.get("architectures") or []
    return [*(name for name in heads[:1] if isinstance(name, str)), *HEADS.split(), ""]


def choose(config: Any, heads: Sequence[str], *, asked: bool = True) -> tuple[str, Any, Any]:
    """The first of the heads that there is, its class (which may be an auto class) and the config
    that it takes. Raises RefusalError where there is none.
    """
    for head in heads:
        model_class = _find_auto_class(config, head) or _find_own_class(config, head)
        if model_class is not None:
            return head, *model_class
    kind = type(config).__name__
    tried = ", ".join(heads) if asked else "any head"
    raise _refusal.RefusalError(
        "no-such-head",
        f"transformers {import_module('transformers').__version__} has no {tried} for {kind}",
    )


def _find_auto_class(config: Any, head: str) -> tuple[Any, Any] | None:
    head_name = head.removeprefix("AutoModelFor")
    name = "AutoModel" if head_name in ("", "Model", "AutoModel") else f"AutoModelFor{head_name}"
    auto = getattr(import_module("transformers.models.auto.modeling_auto"), name, None)
    if auto is None or getattr(auto, "_model_mapping", None) is None:
        return None
    return (auto, config) if type(config) in auto._model_mapping else None


def _find_own_class(config: Any, name: str) -> tuple[Any, Any] | None:
    """A class of transformers by name, with the part of the config that it takes."""
    cls = getattr(import_module("transformers"), name, None) if name.isidentifier() else None
    wanted = getattr(cls, "config_class", None)
    if not isinstance(cls, type) or wanted is None or not hasattr(cls, "_from_config"):
        return None
    if isinstance(config, wanted):
        return cls, config
    text = config.get_text_config() if hasattr(config, "get_text_config") else config
    if isinstance(text, wanted):
        return cls, text
    return (cls, config) if _is_given_for(config, cls) else None


def _is_given_for(config: Any, cls: type) -> bool:
    """Whether an auto class makes this class of a config of another model type, as
    AutoModelForImageTextToText makes Gemma 3 of ShieldGemma 2's (transformers 5.0.0
    models/auto/modeling_auto.py).
    """
    autos = vars(import_module("transformers.models.auto.modeling_auto")).values()
    mappings = [getattr(auto, "_model_mapping", None) for auto in autos if isinstance(auto, type)]
    for mapping in mappings:
        if mapping is not None and type(config) in mapping:
            given = mapping[type(config)]
            if cls in (given if isinstance(given, (list, tuple)) else (given,)):
                return True
    return False
