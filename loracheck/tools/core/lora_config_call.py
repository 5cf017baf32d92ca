"""A call that makes PEFT's LoraConfig in Python, as a Setting of its arguments."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.documents.python.known_calls import (
    CONFIG_PACKAGES,
    OWN_FIELDS,
    is_likely_config,
)
from loracheck.documents.python.origin import AssignedLater
from loracheck.type_checking import TYPE_CHECKING

from .document_calls import get_calls
from .field_names import find_unknown_fields, get_field_names, get_heads
from .lookup import get_text
from .other_methods import find_method_of_call, restrict_fields
from .setting import Setting

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.python.document import Call


def read_lora_config(tool_name: str, document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of the document's root `number`, a call; None where it makes no config of PEFT's
    that names modules.
    """
    if is_likely_config(call.name):
        return _read_likely_config(tool_name, document, number, call)
    path = _find_arguments_path(call.name, number, document.roots[number])
    if path is not None and _is_placeholder(document, path):
        return None
    if path is not None:
        return _note_defaults(_build_setting(tool_name, document, path, call.complete), call)
    method = find_method_of_call(call.name)
    if method is None:
        return None
    setting = _note_defaults(_build_setting(tool_name, document, (number,), call.complete), call)
    return restrict_fields(setting, method)


def _read_likely_config(
    tool_name: str, document: Document, number: int, call: Call
) -> Setting | None:
    """The Setting of a class that extends or wraps LoraConfig, where all that it is given are
    LoraConfig's fields, and what it reaches is among them.
    """
    keys = {key for key in document.roots[number] if isinstance(key, str)}
    if "target_modules" not in keys or not keys <= get_field_names():
        return None
    setting = _note_defaults(_build_setting(tool_name, document, (number,), call.complete), call)
    setting.taken_for_config = call.name.rpartition(".")[2]
    return setting


def _note_defaults(setting: Setting, call: Call) -> Setting:
    """The setting with the fields that only have a default which the file gives."""
    setting.assumed_fields = {k: v for k, v in call.assumed.items() if isinstance(k, str)}
    if 0 in call.assumed:
        setting.assumed_fields["task_type"] = call.assumed[0]
    return setting


def _find_arguments_path(name: str, number: int, arguments: dict[Any, Any]) -> Path | None:
    """The path of LoraConfig's arguments, if the call makes one. A LoraConfig of another package,
    or of the file's own, is not PEFT's, beside the subclass of ms-swift.
    """
    package, _, last = name.rpartition(".")
    if package and package.partition(".")[0] not in CONFIG_PACKAGES:
        return None
    if last == "LoraConfig":
        return (number,)
    inner = next((k for k in (0, "config_dict") if isinstance(arguments.get(k), dict)), None)
    if last == "get_peft_config" and inner is not None:
        method = arguments[inner].get("peft_type")
        return (number, inner) if isinstance(method, str) and method.upper() == "LORA" else None
    return None


def _is_placeholder(document: Document, path: Path) -> bool:
    """Whether a config says in two ways that there is no adapter, a rank of 0 and an empty list of
    targets, in a file that puts none on: servers keep such a one for requests without an adapter
    (lmdeploy 0.10.0 lmdeploy/pytorch/models/patch.py, `add_adapters`).
    """
    given = document.roots[int(path[0])]
    if len(path) > 1 or given.get("r") != 0 or given.get("target_modules") != []:
        return False
    return not any(word in document.source for word in _PUTS_ON)


_PUTS_ON = ("get_peft_model", "inject_adapter_in_model", ".add_adapter(", "Trainer(", "LoraModel(")
"""Words of a file that may put the adapter of a config on a model."""


def _build_setting(tool_name: str, document: Document, path: Path, complete: bool) -> Setting:
    arguments = document.roots[int(path[0])]
    tool_fields = OWN_FIELDS if get_calls(document)[int(path[0])].name.startswith("swift.") else ()
    for step in path[1:]:
        arguments = arguments[step]
    fields = {
        key: value
        for key, value in arguments.items()
        # An attribute of any name can be assigned to.
        if isinstance(key, str)
        and key not in tool_fields
        and (key in get_field_names() or not isinstance(value, AssignedLater))
    }
    places: dict[str, Path] = {key: (*path, key) for key in fields}
    if 0 in arguments:  # LoraConfig's first parameter (PEFT 0.21.2 config.py, PeftConfigMixin)
        fields["task_type"], places["task_type"] = arguments[0], (*path, 0)
    base = fields.get("base_model_name_or_path")
    return Setting(
        tool_name=tool_name,
        form="python",
        document=document,
        path=path,
        fields=fields,
        places=places,
        unknown_keys={key: (*path, key) for key in find_unknown_fields(fields)},
        model=base if isinstance(base, (str, Unknown)) else None,
        model_place=(*path, "base_model_name_or_path") if base else None,
        revision=get_text(fields, "revision"),
        heads=get_heads(fields.get("task_type")),
        complete=complete and not any(type(key) is int and key > 0 for key in arguments),
    )
