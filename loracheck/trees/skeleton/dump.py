"""`dump(model)`: the module tree of a built model as JSON data, the same under real torch and under
the stand-in.
"""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from importlib import import_module
from typing import Any

FORMAT = 2
KINDS = """
Linear Embedding Conv1d Conv2d Conv3d MultiheadAttention ModuleList ModuleDict Sequential
ParameterList ParameterDict
"""
_CONV = ("groups", "kernel_size", "in_channels", "out_channels")
_RECORDED = {
    "Conv1d": _CONV,
    "Conv2d": _CONV,
    "Conv3d": _CONV,
    "MultiheadAttention": ("embed_dim", "kdim", "vdim"),
}
_CONVOLUTIONS = {"Conv1d": 1, "Conv2d": 2, "Conv3d": 3}
_UNUSUAL = (("dilation", 1), ("padding_mode", "zeros"))
"""Attributes of a convolution that PEFT's LoRA layers do not copy, recorded where they differ."""
_SHAPED = {
    "Linear": ("out_features", "in_features"),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "Conv1D": ("nx", "nf"),
}


def dump(model: Any) -> dict[str, Any]:
    """The tree of a model of transformers or diffusers: nodes hash-consed, children before parents,
    in `named_modules()` order.
    """
    walk = _Walk(model)
    root = walk.add("", model)
    facts = (
        _describe_diffusers_model()
        if _is_of_diffusers(model)
        else _describe_transformers_model(model, walk)
    )
    return {
        "format": FORMAT,
        **facts,
        "cls": type(model).__name__,
        "dtype": walk.dtype,
        "ties": walk.ties,
        "aliases": walk.aliases,
        "classes": [list(each) for each in walk.classes],
        "nodes": walk.rows,
        "root": root,
    }


def _is_of_diffusers(model: Any) -> bool:
    known = sys.modules.get("diffusers.models.modeling_utils")
    return known is not None and isinstance(model, known.ModelMixin)


def _describe_diffusers_model() -> dict[str, Any]:
    """A model of diffusers has no accessors for embeddings, no tied weights, and a config that is a
    plain mapping (0.40.0 `configuration_utils.py`, FrozenDict): PEFT takes it for a plain module.
    """
    return {
        "library": "diffusers",
        "library_version": sys.modules["diffusers"].__version__,
        "pretrained": False,
        "extra": {},
    }


def _describe_transformers_model(model: Any, walk: _Walk) -> dict[str, Any]:
    config = model.config
    settings = config.to_dict()
    return {
        "model_type": getattr(config, "model_type", None),
        "transformers": sys.modules["transformers"].__version__,
        "input_embeddings": walk.name_of(model, "get_input_embeddings"),
        "output_embeddings": walk.name_of(model, "get_output_embeddings"),
        "tied_words": bool(settings.get("tie_word_embeddings")),
        "generates": hasattr(model, "prepare_inputs_for_generation"),
        "pretrained": True,
        "extra": {
            **collect_facts(model, settings),
            **walk.embedding_alias(model),
            **find_conversion(getattr(config, "model_type", None), walk.stacked),
        },
    }


class _Walk:
    """One pass over a model, parents before children, every module and parameter object once.
    `stacked` tells whether a module that is no known layer holds weights of many (fused experts).
    """

    def __init__(self, model: Any) -> None:
        self.dtype = _find_common_dtype(model)
        self.names: dict[int, str] = {}
        self.first: dict[int, str] = {}
        self.ties: list[list[str]] = []
        self.aliases: list[list[str]] = []
        self.classes: dict[tuple[str, str | None], int] = {}
        self.rows: list[list[Any]] = []
        self.stacked = False
        self._places: dict[str, int] = {}
        self._kinds = _list_kinds()
        self._known: dict[type, tuple[int, str | None]] = {}

    def add(self, name: str, module: Any) -> int:
        """The index of the module's row; everything below it is added first."""
        self.names[id(module)] = name
        place, kind = self._add_class(type(module))
        dotted = f"{name}." if name else ""
        parameters = self._parameters(dotted, module)
        self.stacked |= kind is None and any(len(shape) > 2 for _, shape, *_ in parameters)
        children = []
        for own, child in module._modules.items():
            if child is None:
                continue
            if id(child) in self.names:
                self.aliases.append([dotted + own, self.names[id(child)]])
            else:
                children.append([own, self.add(dotted + own, child)])
        attributes = _describe_attributes(kind, module)
        return self._add_row([place, parameters, children, *([attributes] if attributes else [])])

    def _add_row(self, row: list[Any]) -> int:
        key = repr(row)
        if key not in self._places:
            self._places[key] = len(self.rows)
            self.rows.append(row)
        return self._places[key]

    def _add_class(self, cls: type) -> tuple[int, str | None]:
        known = self._known.get(cls)
        if known is None:
            kind = next((kind for kind, base in self._kinds if issubclass(cls, base)), None)
            entry = (f"{cls.__module__}.{cls.__qualname__}", kind)
            known = self._known[cls] = (self.classes.setdefault(entry, len(self.classes)), kind)
        return known

    def _parameters(self, dotted: str, module: Any) -> list[list[Any]]:
        found: list[list[Any]] = []
        for name, parameter in module._parameters.items():
            if parameter is None:
                continue
            full = dotted + name
            first = self.first.setdefault(id(parameter), full)
            if first != full:
                self.ties.append([full, first])
            dtype = get_dtype_name(parameter)
            found.append([name, list(parameter.shape), *([] if dtype == self.dtype else [dtype])])
        return found

    def name_of(self, model: Any, getter: str) -> str | None:
        """Full name of the module an accessor gives; None where a model has none or its accessor
        does not work.
        """
        try:
            found = getattr(model, getter)()
        except (NotImplementedError, AttributeError, TypeError, KeyError, IndexError, ValueError):
            return None
        return self.names.get(id(found))

    def embedding_alias(self, model: Any) -> dict[str, str]:
        """`{"embedding_alias": name}` where `get_input_embeddings` reaches a shared embedding by
        another name than its first. PEFT replaces modules under the first name only.
        """
        first = self.name_of(model, "get_input_embeddings")
        names = [alias for alias, target in self.aliases if target == first]
        if not first or not names:
            return {}
        through = next((name for name in [first, *names] if self._is_needed(model, name)), first)
        return {} if through == first else {"embedding_alias": through}

    def _is_needed(self, model: Any, name: str) -> bool:
        """Whether the accessor finds something else once nothing has that name."""
        parent_name, _, leaf = name.rpartition(".")
        parent = model.get_submodule(parent_name)
        module = parent._modules[leaf]
        parent._modules[leaf] = None
        try:
            return model.get_input_embeddings() is not module
        except (NotImplementedError, AttributeError, TypeError, KeyError, IndexError, ValueError):
            return True
        finally:
            parent._modules[leaf] = module


def _list_kinds() -> list[tuple[str, type]]:
    nn = import_module("torch.nn")
    kinds = [(name, getattr(nn, name)) for name in KINDS.split()]
    helpers = sys.modules.get("transformers.pytorch_utils")
    return kinds if helpers is None else [*kinds, ("Conv1D", helpers.Conv1D)]


def get_dtype_name(tensor: Any) -> str:
    """The name of a tensor's dtype, as "float32"."""
    return str(tensor.dtype).removeprefix("torch.")


def _find_common_dtype(model: Any) -> str:
    """The dtype of most parameters, the first one among equals; float32 for a model without any."""
    counted = Counter(get_dtype_name(each) for each in model.parameters())
    return counted.most_common(1)[0][0] if counted else "float32"


def _describe_attributes(kind: str | None, module: Any) -> dict[str, Any]:
    """What the shapes alone do not tell, and whether PEFT could make a layer of that class."""
    found = describe_layer(kind, module)
    return found | _find_constructor_error(module.__class__, kind) if kind in _RECORDED else found


def describe_layer(kind: str | None, module: Any) -> dict[str, Any]:
    """What the shapes alone do not tell."""
    if kind in _RECORDED:
        own = {name: _convert_tuple(getattr(module, name)) for name in _RECORDED[kind]}
        return own | _collect_unusual(module)
    weight = module._parameters.get("weight") if kind in _SHAPED else None
    if kind is None or weight is None:
        return {}
    expected = dict(zip(_SHAPED[kind], weight.shape, strict=False))
    own = {name: _convert_tuple(getattr(module, name, size)) for name, size in expected.items()}
    return {name: size for name, size in own.items() if size != expected[name]}


def _collect_unusual(module: Any) -> dict[str, Any]:
    found = {name: getattr(module, name, usual) for name, usual in _UNUSUAL}
    return {
        name: _convert_tuple(found[name])
        for name, usual in _UNUSUAL
        if found[name] not in (usual, (usual,) * len(getattr(module, "kernel_size", ())))
    }


@cache
def _find_constructor_error(cls: Any, kind: str) -> dict[str, str]:
    """`{"constructor_error": text}` for a convolution of a library's own that cannot be made as
    PEFT makes lora_A and lora_B of its class (peft/tuners/lora/layer.py `_ConvNd.update_layer`).
    """
    own = cls.__module__.startswith(("transformers.", "diffusers."))
    if kind not in _CONVOLUTIONS or not own:
        return {}
    sides = _CONVOLUTIONS[kind]
    ones = (1,) * sides
    try:
        cls(4, 8, (3,) * sides, ones, (0,) * sides, bias=False)
        cls(8, 4, ones, ones, groups=1, bias=False)
    except TypeError as error:
        return {"constructor_error": str(error)}
    return {}


def _convert_tuple(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def collect_facts(model: Any, settings: dict[str, Any]) -> dict[str, Any]:
    """What PEFT and its users ask of a model beyond its modules; empty answers are left out."""
    config = model.config
    text = _get_text_config(config)
    parts = {name: part["model_type"] for name, part in settings.items() if _is_config(part)}
    found = {
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
    return {name: value for name, value in found.items() if value not in (None, "", [], {}, False)}


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
