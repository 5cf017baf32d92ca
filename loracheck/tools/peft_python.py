"""`LoraConfig(...)` calls in Python, and `get_peft_config({...})`. A tool's own ways to make one
are read by the tool's module.

The base model is followed to the `from_pretrained` call whose model the config is applied to, by
`get_peft_model(model, config)` or a trainer's `model=` and `peft_config=`; else it is the only one
that the file loads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .core.field_names import MAX_SETTINGS
from .core.index import load_index
from .core.lora_config_call import read_lora_config
from .core.python_base_models import (
    apply_load,
    candidate_loads,
    find_applied_load,
    find_loads,
    get_calls,
    loads_before,
    single_load,
)
from .core.registry import import_tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.python.document import Call
    from loracheck.documents.values import Value

    from .core.python_base_models import Load
    from .core.setting import Setting

NAME = "peft-python"


def read(document: Document) -> list[Setting] | None:
    """One Setting for each LoraConfig that the file makes."""
    calls = get_calls(document)
    loads = find_loads(document)
    users = _find_users(document)
    found: list[Setting] = []
    for i, call in enumerate(calls):
        setting = _read_call(document, i, call)
        if setting is not None and len(found) < MAX_SETTINGS:
            if setting.form == "tool" and call.name.endswith(".get_peft_model"):
                # The tool's call is the one that applies the config.
                load = find_applied_load(i, document, loads, loads_before(loads, i))
            else:
                load = _load_for(setting, call, users.get(i, []), document, loads)
            apply_load(setting, load)
            _note_prepared_init(setting)
            found.append(setting)
    return found


def _load_for(
    setting: Setting, call: Call, uses: list[int], document: Document, loads: list[Load]
) -> Load | None:
    """The model that a config is for. `uses` are the calls that are given the config: what they do
    with it is noted in the setting.
    """
    calls, near = get_calls(document), candidate_loads(loads, call)
    if not uses:
        return single_load(near)
    if all(_loads_adapter(calls[use].name) for use in uses):
        setting.purpose = "saved"
    if all(_injects(calls[use], document.roots[use], loads) for use in uses):
        setting.behaviour.planned["task_type"] = None
    return find_applied_load(uses[0], document, loads, near)


def _read_call(document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of a call, if the call makes one."""
    if call.fails:
        return None  # a test of what PEFT refuses
    name = f"dict(type={call.name.rpartition('.')[2]})" if call.lazy else call.name
    for pattern, tool in load_index().calls:
        if re.fullmatch(pattern, name):
            found: Setting | None = import_tool(tool).read_call(document, number, call)
            return found
    return read_lora_config(NAME, document, number, call)


def _injects(call: Call, arguments: dict[Any, Value], loads: list[Load]) -> bool:
    """Whether the call is `add_adapter` of a model of transformers, which puts the adapter in
    without PEFT's wrapper for the task: no head is trained or saved for it.
    """
    model = getattr(arguments.get("model"), "call", None)
    return call.name.endswith(".add_adapter") and any(load.root == model for load in loads)


def _loads_adapter(name: str) -> bool:
    """Whether a call with the config loads a trained adapter."""
    return name.rpartition(".from_pretrained")[0].rpartition(".")[2].startswith("Peft")


def _find_users(document: Document) -> dict[int, list[int]]:
    """The root of each call that other calls are given -> those calls' roots."""
    found: dict[int, list[int]] = {}
    for root, arguments in enumerate(document.roots):
        for value in arguments.values():
            for given in getattr(value, "calls", ()):
                found.setdefault(given, []).append(root)
    return found


def _note_prepared_init(setting: Setting) -> None:
    """CorDA starts from what `preprocess_corda` has worked out on the model (PEFT 0.21.2
    tuners/lora/corda.py): in a file that calls it the wrapping does not fail for want of it.
    """
    init = setting.fields.get("init_lora_weights")
    if isinstance(init, str) and init.lower() == "corda" and _CORDA.search(setting.document.text):
        setting.behaviour.planned["init_lora_weights"] = True


_CORDA = re.compile(r"\bpreprocess_corda\(")
