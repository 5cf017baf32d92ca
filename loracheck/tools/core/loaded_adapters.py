"""Saved adapters that a Python file loads: `PeftModel.from_pretrained(base, "folder")`,
`model.load_adapter("folder")`.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import is_adapter_load
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .document_calls import get_calls
from .python_applications import find_applied_load, get_model_sources
from .python_base_models import apply_load, find_loads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path

    from .python_base_models import Load
    from .setting import Setting


class LoadedAdapter(NamedTuple):
    """One saved adapter that is put on a model of the file."""

    folder: str
    """The folder, as it is written."""

    place: Path
    """Where it stands."""

    base: Load
    """The model."""

    injected: bool
    """Whether transformers puts it in, without PEFT's wrapper for the task."""


def find_loaded_adapters(document: Document) -> Iterator[LoadedAdapter]:
    """The adapters whose folder and model are known, in the order of the text."""
    calls = get_calls(document)
    loads = None
    for root, call in enumerate(calls):
        arguments = document.roots[root]
        of_peft = is_adapter_load(call.name)
        keys = (1, "model_id") if of_peft else (0, "model_id", "peft_model_id")
        key = next((key for key in keys if key in arguments), None)
        if key is None or not (of_peft or call.name.rpartition(".")[2] == "load_adapter"):
            continue
        loads = find_loads(document) if loads is None else loads
        base = find_applied_load(root, document, loads)
        sources = get_model_sources(document, root)
        wrapped = {bool(one.wrapped) for one in sources}
        plain = type(arguments[key]) is str and "subfolder" not in arguments
        if not plain or len(wrapped) != 1 or (of_peft and wrapped == {True}):
            continue
        if type(base.model) is str or base.own is not None:
            injected = wrapped == {False} and not of_peft
            yield LoadedAdapter(arguments[key], (root, key), base, injected)


def put_on_base(setting: Setting, adapter: LoadedAdapter) -> None:
    """Make the setting of a saved adapter one of the model that it is put on here."""
    own_model = setting.model
    setting.heads, setting.revision, setting.purpose = (), None, "saved"
    apply_load(setting, adapter.base)
    if isinstance(own_model, str) and own_model != setting.model:
        setting.trained_on = own_model
    if adapter.injected:
        setting.behaviour.planned["task_type"] = None
