"""`read_module`: from an `nn.Module` to its `ModuleTree`."""

from __future__ import annotations

import dataclasses
import sys
from collections import Counter

from loracheck.trees.fold import MAX_MODULES, MAX_NESTING, MAX_PATH, fold_children
from loracheck.trees.libraries import LIBRARIES
from loracheck.trees.model import ModuleTree, Node, Parameter
from loracheck.trees.skeleton.layer_facts import get_dtype_name
from loracheck.trees.skeleton.model_facts import collect_facts, find_conversion
from loracheck.type_checking import TYPE_CHECKING

from .adapters import strip_adapter, strip_wrappers
from .classes import (
    find_kind,
    find_quantisation,
    find_weight_quantisation,
    get_class_path,
    has_base,
    read_attributes,
)
from .embeddings import find_alias, find_name
from .errors import LiveModelError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

MAX_PARAMETERS = 1_000_000
"""Parameters of all modules; the largest models have some hundred thousand."""


def is_module(value: Any) -> bool:
    """Whether a value is a model: it has children and parameters as an `nn.Module` has them."""
    try:
        return hasattr(value._modules, "items") and hasattr(value._parameters, "items")
    except Exception:  # noqa: BLE001 - whatever its properties raise, it is no module
        return False


def read_module(model: Any) -> ModuleTree:
    """The tree of a live model. A model that PEFT has wrapped is read as the one beneath its
    adapters, as `add_adapter` sees it. Raises LiveModelError for a model that cannot be read: one
    that contains itself, has too many modules, or raises when it is looked at.
    """
    try:
        return _read(strip_adapter(strip_wrappers(model)))
    except LiveModelError:
        raise
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {_format_error(error):.200}"
        raise LiveModelError(f"the model cannot be read: {reason}") from error


def _format_error(error: BaseException) -> str:
    """What an error of the model's own code says, which may raise as well."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - whatever it raises, the error has no words
        return "no message"


def _read(model: Any) -> ModuleTree:
    walk = _Walk(model)
    root = walk.add("", model)
    settings = _get_settings(model)
    extra: dict[str, Any] = {}
    embeddings = find_name(model, "get_input_embeddings", walk.names)
    model_type = settings.get("model_type")
    if hasattr(getattr(model, "config", None), "to_dict"):
        extra |= collect_facts(model, settings)
        extra |= find_alias(model, embeddings, walk.aliases)
        extra |= find_conversion(model_type, walk.stacked)
    method = walk.quantisation or _find_quantization_method(settings)
    library, version = _find_library_version(type(model))
    return ModuleTree(
        root,
        model_type=model_type if isinstance(model_type, str) else None,
        cls=type(model).__name__,
        library=library,
        library_version=version,
        dtype=walk.dtype,
        input_embeddings=embeddings,
        output_embeddings=find_name(model, "get_output_embeddings", walk.names),
        tied_words=bool(settings.get("tie_word_embeddings")),
        generates=hasattr(model, "prepare_inputs_for_generation"),
        pretrained=has_base(type(model), "PreTrainedModel", "transformers"),
        ties=tuple(walk.ties),
        aliases=tuple(walk.aliases),
        extra=_convert_to_items(extra | ({"quantization": method} if method else {})),
    )


class _Walk:
    """One pass over a model, parents before children, every module and parameter object once.

    `names` are the modules' names by the id of the object, `quantisation` is the method of its
    linear layers, `stacked` tells whether a module that is no known layer holds weights of many
    (fused experts).
    """

    def __init__(self, model: Any) -> None:
        self.dtype = _find_common_dtype(model)
        self.names: dict[int, str] = {}
        self.ties: list[tuple[str, str]] = []
        self.aliases: list[tuple[str, str]] = []
        self.stacked = False
        self.quantisation: str | None = None
        self._first: dict[int, str] = {}
        self._nodes: dict[Any, Node] = {}
        self._kinds: dict[type, str | None] = {}

    def add(self, name: str, module: Any) -> Node:
        """The module's node; equal modules have one and the same."""
        self.names[id(module)] = name
        cls = type(module)
        if cls not in self._kinds:
            self._kinds[cls] = find_kind(cls)
            self.quantisation = self.quantisation or find_quantisation(cls)
        kind = self._kinds[cls]
        dotted = f"{name}." if name else ""
        parameters = tuple(self._parameters(dotted, module))
        self.stacked |= kind is None and any(len(one.shape) > 2 for one in parameters)
        children: list[tuple[str, Node]] = []
        for child_name, wrapped, child in _iterate_children(module):
            seen_name = self.names.get(id(child))
            if seen_name is not None:
                self.aliases.append((dotted + child_name, seen_name))
            else:
                children.append((child_name, self.add(dotted + child_name, child)))
            self.names.setdefault(id(wrapped), self.names[id(child)])
        attributes = _convert_to_items(read_attributes(kind, module))
        key = (
            cls,
            parameters,
            tuple((child_name, id(node)) for child_name, node in children),
            repr(attributes),
        )
        if key not in self._nodes:
            folded = fold_children(children)
            self._nodes[key] = Node(get_class_path(cls), kind, parameters, folded, attributes)
        return self._nodes[key]

    def _parameters(self, dotted: str, module: Any) -> Iterator[Parameter]:
        for name, parameter in module._parameters.items():
            if parameter is None:
                continue
            full = dotted + name
            first = self._first.setdefault(id(parameter), full)
            if first != full:
                self.ties.append((full, first))
            dtype = get_dtype_name(parameter)
            self.quantisation = self.quantisation or find_weight_quantisation(parameter)
            shape = _get_unpacked_shape(parameter, module)
            yield Parameter(name, shape, None if dtype == self.dtype else dtype)


def _iterate_children(module: Any) -> Iterator[tuple[str, Any, Any]]:
    """The children with their names: each as it stands there, and beneath PEFT's layers."""
    for name, child in module._modules.items():
        if child is not None:
            yield name, child, strip_adapter(child)


def _find_common_dtype(model: Any) -> str:
    """The dtype of most parameters, the first one among equals; float32 for a model without any.
    Raises LiveModelError for a model that is no tree of bounded size.
    """
    seen: set[int] = set()
    counts: Counter[str] = Counter()
    visited: set[int] = set()
    looked_at = 0

    def visit(name: str, module: Any, above: tuple[int, ...]) -> None:
        nonlocal looked_at
        seen.add(id(module))
        for parameter in module._parameters.values():
            looked_at += 1
            if looked_at > MAX_PARAMETERS:
                raise LiveModelError(f"the model has more than {MAX_PARAMETERS:,} parameters")
            if parameter is not None and id(parameter) not in visited:
                visited.add(id(parameter))
                counts[get_dtype_name(parameter)] += 1
        inside = (*above, id(module))
        for child_name, _, child in _iterate_children(module):
            if not isinstance(child_name, str):
                raise LiveModelError(f"the name {child_name!r:.100} of a module is no text")
            if not child_name or "." in child_name:  # torch's add_module refuses both
                raise LiveModelError(
                    f"the name {child_name!r:.100} of a module is empty or has a dot"
                )
            full = f"{name}.{child_name}" if name else child_name
            _require_bounds(full, child, inside)
            looked_at += 1
            if len(seen) >= MAX_MODULES or looked_at > MAX_PARAMETERS:
                raise LiveModelError(f"the model has more than {MAX_MODULES:,} modules")
            if id(child) not in seen:
                visit(full, child, inside)

    visit("", model, ())
    return counts.most_common(1)[0][0] if counts else "float32"


def _require_bounds(name: str, module: Any, above: tuple[int, ...]) -> None:
    if id(module) in above:
        raise LiveModelError(f"the module {name!r:.200} contains itself")
    if len(above) > MAX_NESTING:
        raise LiveModelError(f"modules are nested deeper than {MAX_NESTING} levels")
    if len(name) > MAX_PATH:
        raise LiveModelError(f"a module's name is longer than {MAX_PATH} characters")
    if not is_module(module):
        kind = type(module).__name__
        raise LiveModelError(f"the module {name!r} is a {kind}, which has no modules or parameters")


def _get_unpacked_shape(parameter: Any, module: Any) -> tuple[int, ...]:
    """The shape; of weights that bitsandbytes has packed, two to a byte, or that EETQ has turned,
    the one before.
    """
    shape = tuple(int(size) for size in parameter.shape)
    is_transposed = len(shape) == 2 and find_quantisation(type(module)) == "eetq"
    if is_transposed or type(parameter).__name__ == "Params4bit":
        return int(module.out_features), int(module.in_features)
    return shape


def _get_settings(model: Any) -> dict[str, Any]:
    """The model's config as PEFT reads it (PEFT 0.21.2 tuners/tuners_utils.py,
    `BaseTuner.get_model_config`); empty where it has none.
    """
    config: Any = getattr(model, "config", None)
    if hasattr(config, "to_dict"):
        config = config.to_dict()
    elif dataclasses.is_dataclass(config) and not isinstance(config, type):
        config = dataclasses.asdict(config)
    return config if isinstance(config, dict) else {}


def _find_quantization_method(settings: dict[str, Any]) -> str | None:
    """The method of quantisation that the model's config names."""
    quantization = settings.get("quantization_config")
    if not isinstance(quantization, dict):
        return None
    method = quantization.get("quant_method")
    name = str(getattr(method, "value", method)) if method is not None else None
    if name == "bitsandbytes":
        return f"bitsandbytes-{'4bit' if quantization.get('load_in_4bit') else '8bit'}"
    return name


def _find_library_version(cls: type) -> tuple[str, str | None]:
    """The library whose code the model is, and its version here."""
    packages = {base.__module__.partition(".")[0] for base in cls.__mro__}
    names = (library.name for library in LIBRARIES)
    name = next((name for name in names if name in packages), "torch")
    version = getattr(sys.modules.get(name), "__version__", None)
    return name, str(version).partition("+")[0] if version is not None else None


def _convert_to_items(facts: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((name, _convert_to_tuples(value)) for name, value in facts.items())


def _convert_to_tuples(value: Any) -> Any:
    return tuple(map(_convert_to_tuples, value)) if isinstance(value, (list, tuple)) else value
