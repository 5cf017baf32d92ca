"""The embeddings of a live model, as PEFT asks for them."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

NOT_TOLD = (NotImplementedError, AttributeError, TypeError, KeyError, IndexError, ValueError)
"""What an accessor raises where a model has no such module."""


def find_name(model: Any, accessor: str, names: Mapping[int, str]) -> str | None:
    """Full name of the module that an accessor gives; None where a model has none. `names` has the
    names of all modules by the id of the object.
    """
    try:
        embedding = getattr(model, accessor)()
    except NOT_TOLD:
        return None
    return names.get(id(embedding))


def find_alias(model: Any, first: str | None, aliases: Sequence[tuple[str, str]]) -> dict[str, str]:
    """`{"embedding_alias": name}` where `get_input_embeddings` reaches a shared embedding by
    another name than its first, `first`. PEFT replaces modules under the first name only.
    """
    names = [alias for alias, target in aliases if target == first]
    if not first or not names:
        return {}
    through = next((name for name in [first, *names] if _is_needed(model, name)), first)
    return {} if through == first else {"embedding_alias": through}


def _is_needed(model: Any, name: str) -> bool:
    """Whether the accessor finds something else once nothing has that name."""
    try:
        there = model.get_input_embeddings()
        return _copy_without(model, name.split(".")).get_input_embeddings() is not there
    except NOT_TOLD:
        return True


def _copy_without(module: Any, parts: Sequence[str]) -> Any:
    """A copy of a module that lacks the one at the path: the modules on the way are shallow copies,
    all else is shared, and the model itself stays as it is.
    """
    copy = object.__new__(type(module))
    children = dict(module._modules)
    children[parts[0]] = _copy_without(children[parts[0]], parts[1:]) if parts[1:] else None
    copy.__dict__.update(vars(module), _modules=children)
    return copy
