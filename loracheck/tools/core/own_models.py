"""A model that is an object of a class of the file: what it holds, and the models it loads."""

from __future__ import annotations

from loracheck.documents.python.own_modules import OwnModule
from loracheck.type_checking import TYPE_CHECKING

from .behaviour import LoadedPart, OwnModel
from .document_calls import get_calls
from .lookup import get_text
from .python_base_models import find_quantization, get_heads_of_class, is_no_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.documents.model import Document
    from loracheck.documents.python.sources import Source

    from .python_base_models import Load


def find_own_model(
    sources: Sequence[Source], document: Document, loads: dict[int, Load]
) -> OwnModel | None:
    """The model that all sources come to, where that is an object of one class of the file."""
    classes = {one.own_class for one in sources}
    modules = getattr(document, "modules", {})
    wrapped = any(one.wrapped or one.component for one in sources)
    module = modules.get(next(iter(classes))) if len(classes) == 1 and not wrapped else None
    if module is None:
        return None
    module = _remove_non_modules(module, document)
    parts = {
        root: _build_loaded_part(loads[root]) for root in _iterate_roots(module) if root in loads
    }
    return OwnModel(module, {root: part for root, part in parts.items() if part is not None})


def _remove_non_modules(module: OwnModule, document: Document) -> OwnModule:
    """The module without the tokenizers and configs that it loads, which are no modules."""
    calls = get_calls(document)
    parts = []
    for name, part in module.parts:
        if isinstance(part, int) and is_no_model(calls[part].name):
            continue
        parts.append(
            (name, _remove_non_modules(part, document) if isinstance(part, OwnModule) else part)
        )
    return module._replace(parts=tuple(parts))


def _iterate_roots(module: OwnModule) -> Iterator[int]:
    for _, part in module.parts:
        if isinstance(part, int):
            yield part
        elif isinstance(part, OwnModule):
            yield from _iterate_roots(part)


def _build_loaded_part(load: Load) -> LoadedPart | None:
    """The load as a request for its tree; None where the model is not known for certain."""
    if type(load.model) is not str or load.tool or load.pipeline or load.inside:
        return None
    if _CHANGED & load.arguments.keys():
        return None
    labels = load.arguments.get("num_labels")
    return LoadedPart(
        load.model,
        get_text(load.arguments, "revision"),
        get_heads_of_class(load.cls) if load.cls else (),
        labels if type(labels) is int and 0 < labels < 1_000_000 else None,
        load.part,
        find_quantization(load.arguments),
    )


_CHANGED = frozenset({"config", "add_pooling_layer", "num_hidden_layers", "quantization_config"})
"""Arguments of `from_pretrained` with which the model may have other modules, or other layers."""
