"""Where a script freezes, or thaws, every parameter of a model that has its adapter."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .script_calls import find_source_call, get_model_argument, is_trainer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use

_SETS = r"\.requires_grad(?:_\(\s*False\s*\)|\s*=\s*False)"
_LOOP = compile_when_used(
    r"for\s+(?:\w+\s*,\s*)?(\w+)\s+in\s+[\w.]+\.(?:named_)?parameters\(\)\s*:\s*(?:#[^\n]*\n)?\s*"
    rf"\1{_SETS}",
    words=("parameters(",),
)
"""A loop over all parameters whose first statement freezes each, whatever its name."""

_SETS_ON = r"\.requires_grad(?:_\(\s*(?:True)?\s*\)|\s*=\s*True)"
_THAWING_LOOP = compile_when_used(
    r"for\s+(?:\w+\s*,\s*)?(\w+)\s+in\s+[\w.]+\.(?:named_)?parameters\(\)\s*:\s*(?:#[^\n]*\n)?\s*"
    rf"\1{_SETS_ON}",
    words=("parameters(",),
)
"""A loop over all parameters whose first statement thaws each, whatever its name."""

_FREEZES = compile_when_used(
    r"requires_grad(?:_\(\s*False|\s*=(?!\s*True\b))|set_requires_grad\(|freeze",
    words=("requires_grad", "freeze"),
)
"""What may freeze the base model again."""

_THAWS = compile_when_used(
    r"requires_grad(?:_\(\s*(?:True)?\s*\)|\s*=(?!\s*False\b))|set_adapter\(|enable_adapter"
    r"|set_requires_grad\(|unfreeze",
    words=("requires_grad", "_adapter", "unfreeze"),
)
"""What may make the adapter trainable again."""


def find_freezes(document: Document, script: Script) -> Iterator[Use]:
    """Each call `parameters()` whose loop freezes all that it goes over, and each
    `requires_grad_(False)`. None where the text thaws parameters anywhere.
    """
    if "requires_grad" not in document.source or _THAWS.search(document.source):
        return
    for name in ("parameters", "named_parameters", "requires_grad_"):
        for use in script.by_name.get(name, ()):
            if not use.fails and _freezes_all(document.text, use):
                yield use


def find_thaws(document: Document, script: Script) -> Iterator[Use]:
    """Each call `parameters()` whose loop thaws all that it goes over, and each
    `requires_grad_(True)`. None where the text freezes parameters anywhere.
    """
    if "requires_grad" not in document.source or _FREEZES.search(document.source):
        return
    for name in ("parameters", "named_parameters", "requires_grad_"):
        for use in script.by_name.get(name, ()):
            if not use.fails and _thaws_all(document.text, use):
                yield use


def _thaws_all(text: str, use: Use) -> bool:
    if use.last == "requires_grad_":
        return [operand.value for operand in use.arguments.values()] in ([], [True])
    line = text.rfind("\n", 0, use.place.start) + 1
    loop = _THAWING_LOOP.search(text, line)
    return loop is not None and loop.start() < use.place.start < loop.end()


def _freezes_all(text: str, use: Use) -> bool:
    if use.last == "requires_grad_":
        return [operand.value for operand in use.arguments.values()] == [False]
    line = text.rfind("\n", 0, use.place.start) + 1
    loop = _LOOP.search(text, line)
    return loop is not None and loop.start() < use.place.start < loop.end()


def is_trained(script: Script, freeze: Use) -> bool:
    """Whether a trainer, or an optimiser of torch, gets the model behind the freeze."""
    return any(
        given is not None and given.call_number == freeze.owner.call_number
        for use in script.uses[freeze.number + 1 :]
        for given in (_get_trained_model(script, use),)
    )


def _get_trained_model(script: Script, use: Use) -> Operand | None:
    if is_trainer(use):
        return get_model_argument(use)
    if not use.name.startswith("torch.optim."):
        return None
    parameters = find_source_call(script, use.arguments.get(0, use.arguments.get("params")))
    return parameters.owner if parameters is not None else None
