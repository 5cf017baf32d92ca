"""`LoraConfig(...)` calls in Python, and `get_peft_config({...})`. Unsloth's and xtuner's ways to
make one stand in python_tools.py. What model it is for stands in python_models.py.

The base model is followed to the `from_pretrained` call whose model the config is applied to, by
`get_peft_model(model, config)` or a trainer's `model=` and `peft_config=`; else it is the only one
that the file loads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from loracheck.documents.model import Unknown
from loracheck.documents.python.origin import AssignedLater

from .core.field_names import MAX_SETTINGS, field_names, get_heads, unknown_fields
from .core.lookup import get_text
from .core.python_base_models import about, add_load, calls_of, loads_of, nearest, only, trained
from .core.setting import Setting

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path

    from .core.python_base_models import Load

NAME = "peft-python"


def read(document: Document) -> list[Setting] | None:
    """One Setting for each LoraConfig that the file makes."""
    calls = calls_of(document)
    loads = loads_of(document)
    applied = _applied(document)
    found: list[Setting] = []
    for i, call in enumerate(calls):
        setting = _made(document, i, call)
        if setting is not None and len(found) < MAX_SETTINGS:
            if setting.tool_name == "unsloth":
                load = trained(i, document, loads, nearest(loads, i))
            else:
                uses = applied.get(i, [])
                near = about(loads, call)
                load = only(near) if not uses else trained(uses[0], document, loads, near)
                if uses and all(_loads_adapter(calls[use].name) for use in uses):
                    setting.purpose = "saved"
                if uses and all(_injected(calls[use], document.roots[use], loads) for use in uses):
                    setting.behaviour.planned["task_type"] = None
            add_load(setting, load)
            _prepare(setting)
            found.append(setting)
    return found


def _made(document: Document, number: int, call: Any) -> Setting | None:
    """The Setting of a call, if the call makes one."""
    path = _config(call.name, number, document.roots[number])
    if call.fails:
        return None  # a test of what PEFT refuses
    if path is not None:
        setting = _setting(document, path, call.complete)
        if call.lazy:
            from .core.python_calls import xtuner

            xtuner(setting)
        return setting
    if call.name.startswith("trl.") and call.name.endswith(".ModelConfig"):
        if document.roots[number].get("use_peft") is not True:
            return None
        from .trl import setting_of

        return setting_of(document, (number,), document.roots[number])
    if call.name.endswith(".get_peft_model") and "Fast" in call.name:
        from .core.python_calls import is_unsloth, unsloth

        if is_unsloth(call.name):
            return unsloth(document, number, call.name, call.complete)
    return None


def _config(name: str, number: int, arguments: dict[Any, Any]) -> Path | None:
    """The path of LoraConfig's arguments, if the call makes one. A LoraConfig of another package,
    or of the file's own, is not PEFT's.
    """
    package, _, last = name.rpartition(".")
    if package and package.partition(".")[0] != "peft":
        return None
    if last == "LoraConfig":
        return (number,)
    inner = next((k for k in (0, "config_dict") if isinstance(arguments.get(k), dict)), None)
    if last == "get_peft_config" and inner is not None:
        method = arguments[inner].get("peft_type")
        return (number, inner) if isinstance(method, str) and method.upper() == "LORA" else None
    return None


def _setting(document: Document, path: Path, complete: bool) -> Setting:
    arguments = document.roots[int(path[0])]
    for step in path[1:]:
        arguments = arguments[step]
    fields = {
        key: value
        for key, value in arguments.items()
        # An attribute of any name can be assigned to.
        if isinstance(key, str) and (key in field_names() or not isinstance(value, AssignedLater))
    }
    places: dict[str, Path] = {key: (*path, key) for key in fields}
    if 0 in arguments:  # LoraConfig's first parameter (PEFT 0.21.2 config.py, PeftConfigMixin)
        fields["task_type"], places["task_type"] = arguments[0], (*path, 0)
    base = fields.get("base_model_name_or_path")
    return Setting(
        tool_name=NAME,
        form="python",
        document=document,
        path=path,
        fields=fields,
        places=places,
        unknown_keys={key: (*path, key) for key in unknown_fields(fields)},
        model=base if isinstance(base, (str, Unknown)) else None,
        model_place=(*path, "base_model_name_or_path") if base else None,
        revision=get_text(fields, "revision"),
        heads=get_heads(fields.get("task_type")),
        complete=complete and not any(type(key) is int and key > 0 for key in arguments),
    )


def _injected(call: Any, arguments: dict[Any, Any], loads: list[Load]) -> bool:
    """Whether the call is `add_adapter` of a model of transformers, which puts the adapter in
    without PEFT's wrapper for the task: no head is trained or saved for it.
    """
    model = getattr(arguments.get("model"), "call", None)
    return str(call.name).endswith(".add_adapter") and any(load.root == model for load in loads)


def _loads_adapter(name: str) -> bool:
    """Whether a call with the config loads a trained adapter."""
    return name.rpartition(".from_pretrained")[0].rpartition(".")[2].startswith("Peft")


def _applied(document: Document) -> dict[int, list[int]]:
    """The root of each call that other calls are given -> those calls' roots."""
    found: dict[int, list[int]] = {}
    for root, arguments in enumerate(document.roots):
        for value in arguments.values():
            for given in getattr(value, "calls", ()):
                found.setdefault(given, []).append(root)
    return found


def _prepare(setting: Setting) -> None:
    """CorDA starts from what `preprocess_corda` has worked out on the model (PEFT 0.21.2
    tuners/lora/corda.py): in a file that calls it the wrapping does not fail for want of it.
    """
    init = setting.fields.get("init_lora_weights")
    if isinstance(init, str) and init.lower() == "corda" and _CORDA.search(setting.document.text):
        setting.behaviour.planned["init_lora_weights"] = True


_CORDA = re.compile(r"\bpreprocess_corda\(")
