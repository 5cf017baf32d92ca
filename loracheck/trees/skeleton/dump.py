"""`dump(model)`: the module tree of a built model as JSON data, the same under real torch and under
the stand-in.
"""

from __future__ import annotations

import sys
from collections import Counter
from importlib import import_module
from typing import Any


def _import_sibling(name: str) -> Any:
    """A module of this folder, which is the package's or, in the builder's process, stands first on
    the import path.
    """
    return import_module(f"{__package__}.{name}" if __package__ else name)


_layer_facts = _import_sibling("layer_facts")
_model_facts = _import_sibling("model_facts")
FORMAT = 2


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
    module = sys.modules.get("diffusers.models.modeling_utils")
    return module is not None and isinstance(model, module.ModelMixin)


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
            **_model_facts.collect_facts(model, settings),
            **walk.embedding_alias(model),
            **_model_facts.find_conversion(getattr(config, "model_type", None), walk.stacked),
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
        for child_name, child in module._modules.items():
            if child is None:
                continue
            if id(child) in self.names:
                self.aliases.append([dotted + child_name, self.names[id(child)]])
            else:
                children.append([child_name, self.add(dotted + child_name, child)])
        attributes = _layer_facts.describe_attributes(kind, module)
        return self._add_row([place, parameters, children, *([attributes] if attributes else [])])

    def _add_row(self, row: list[Any]) -> int:
        key = repr(row)
        if key not in self._places:
            self._places[key] = len(self.rows)
            self.rows.append(row)
        return self._places[key]

    def _add_class(self, cls: type) -> tuple[int, str | None]:
        class_entry = self._known.get(cls)
        if class_entry is None:
            kind = next((kind for kind, base in self._kinds if issubclass(cls, base)), None)
            entry = (f"{cls.__module__}.{cls.__qualname__}", kind)
            class_entry = self._known[cls] = (
                self.classes.setdefault(entry, len(self.classes)),
                kind,
            )
        return class_entry

    def _parameters(self, dotted: str, module: Any) -> list[list[Any]]:
        parameters: list[list[Any]] = []
        for name, parameter in module._parameters.items():
            if parameter is None:
                continue
            full = dotted + name
            first = self.first.setdefault(id(parameter), full)
            if first != full:
                self.ties.append([full, first])
            dtype = _layer_facts.get_dtype_name(parameter)
            parameters.append(
                [name, list(parameter.shape), *([] if dtype == self.dtype else [dtype])]
            )
        return parameters

    def name_of(self, model: Any, getter: str) -> str | None:
        """Full name of the module an accessor gives; None where a model has none or its accessor
        does not work.
        """
        try:
            embedding = getattr(model, getter)()
        except (NotImplementedError, AttributeError, TypeError, KeyError, IndexError, ValueError):
            return None
        return self.names.get(id(embedding))

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
    kinds = [(name, getattr(nn, name)) for name in _layer_facts.KINDS.split()]
    helpers = sys.modules.get("transformers.pytorch_utils")
    return kinds if helpers is None else [*kinds, ("Conv1D", helpers.Conv1D)]


def _find_common_dtype(model: Any) -> str:
    """The dtype of most parameters, the first one among equals; float32 for a model without any."""
    counted = Counter(_layer_facts.get_dtype_name(each) for each in model.parameters())
    return counted.most_common(1)[0][0] if counted else "float32"
