"""Configs of PEFT's methods beside LoRA: as a Setting of what chooses modules, or as a name."""

from __future__ import annotations

from loracheck.config.methods import find_method, find_method_of_config
from loracheck.type_checking import TYPE_CHECKING

from .document_calls import get_calls

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.config.methods import Method
    from loracheck.documents.model import Document

    from .setting import Setting


def restrict_fields(setting: Setting, method: Method) -> Setting | None:
    """The setting as one of the method's, with the fields that choose modules alone, and all values
    beside them; None where the method finds its modules in another way, so that there is nothing to
    judge.
    """
    if not method.fields:
        return None
    setting.method_values = setting.fields
    setting.fields = {k: v for k, v in setting.fields.items() if k in method.fields}
    setting.unknown_keys = {}
    setting.method = method.name
    return setting


def find_methods_passed_over(document: Document) -> tuple[str, ...]:
    """The methods that a document without a Setting configures, by their `peft_type`."""
    return tuple(dict.fromkeys(method.name for method in _find_methods(document)))


def _find_methods(document: Document) -> Iterator[Method]:
    calls = get_calls(document)
    for number, root in enumerate(document.roots):
        method = (
            find_method_of_call(calls[number].name)
            if number < len(calls)
            else find_method(root.get("peft_type"))
            if isinstance(root, dict)
            else None
        )
        if method is not None:
            yield method


def find_method_of_call(name: str) -> Method | None:
    """The method whose config a call of that dotted name makes; None for LoRA's and others."""
    package, _, last = name.rpartition(".")
    return find_method_of_config(last) if package.partition(".")[0] == "peft" else None
