"""`LoraConfig(...)` calls in Python, and `get_peft_config({...})`. A tool's own ways to make one
are read by the tool's module.

The base model is the one that reaches the call which puts the config on it (`get_peft_model(model,
config)`, a trainer's `model=` and `peft_config=`); where that cannot be followed it is unknown. A
`torch.nn.Module` of the file has the models that its `__init__` loads and the layers of torch that
it writes; where it may have others, nothing is said that rests on these.

What an option of the command line (argparse, click, typer), a dataclass or a parameter gives has
that one's default, and is judged one step softer, with a note. Constants imported from another file
of the project are read there, one step far. A class whose name ends in LoraConfig, which extends it
or is imported, is taken for LoraConfig where all that it is given are LoraConfig's fields and it
reaches PEFT: one step softer, with a note.
"""

from __future__ import annotations

from loracheck.documents.model import Reason
from loracheck.documents.python.known_calls import ADAPTER_WRAPPERS
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .core.behaviour import Server
from .core.document_calls import get_calls
from .core.field_names import MAX_SETTINGS
from .core.index import load_index, matches_name
from .core.lora_config_call import read_lora_config
from .core.python_applications import (
    assume_load,
    build_unknown_load,
    find_applied_load,
    find_task_of_wrapper,
    find_users,
    find_wrapper_prefix,
    get_model_sources,
    merge_loads,
)
from .core.python_base_models import apply_load, find_loads
from .core.registry import import_tool
from .core.run_commands import fill_in_run_model

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.python.document import Call
    from loracheck.documents.python.sources import Source

    from .core.python_base_models import Load
    from .core.setting import Setting

NAME = "peft-python"


def read(document: Document) -> list[Setting] | None:
    """One Setting for each LoraConfig that the file makes."""
    calls = get_calls(document)
    loads = find_loads(document)
    users = find_users(document)
    settings: list[Setting] = []
    for i, call in enumerate(calls):
        setting = _read_call(document, i, call)
        if setting is not None and setting.taken_for_config and not users.get(i):
            continue  # nothing shows that PEFT gets it
        if setting is not None and len(settings) < MAX_SETTINGS:
            given_to = users.get(i, [])
            if given_to and all(calls[use].fails for use in given_to):
                continue  # a test of the error that the config brings
            if setting.form == "tool" and call.name.endswith(".get_peft_model"):
                # The tool's call is the one that applies the config.
                load: Load | None = find_applied_load(i, document, loads)
            else:
                load = _load_for(setting, i, given_to, loads)
            apply_load(setting, load)
            fill_in_run_model(setting)
            _note_prepared_init(setting)
            settings.append(setting)
    return settings


def _load_for(
    setting: Setting, number: int, uses: list[int], loads: dict[int, Load]
) -> Load | None:
    """The model that a config is for, its call being the root `number`. `uses` are the calls that
    are given the config: what they do with it is noted in the setting.
    """
    document = setting.document
    calls = get_calls(document)
    if not uses and calls[number].lazy:
        # A config file of mmengine holds one model, with its LoRA beside it.
        lazy = [load for root, load in loads.items() if calls[root].lazy]
        return merge_loads(lazy) if lazy else None
    if not uses:
        models = [load for load in loads.values() if not load.pipeline]
        if not models or setting.model is not None:
            return None
        return assume_load(models) or build_unknown_load(_UNUSED, (number,))
    if all(_loads_adapter(calls[use].name) for use in uses):
        setting.purpose = "saved"
    if all(_injects(document, use, loads) for use in uses):
        setting.behaviour.planned["task_type"] = None
    load = find_applied_load(uses[0], document, loads)
    sources = [one for one in get_model_sources(document, uses[0]) if uses[0] not in one.wrapped]
    if {calls[one.root].name.rpartition(".")[2] for one in sources} & _LOADED_AGAIN:
        setting.behaviour.server = Server("transformers")
    setting.behaviour.on_adapter = any(one.wrapped for one in sources)
    if sources and all(one.wrapped for one in sources):
        return _load_of_second(setting, uses[0], sources, load)
    is_tool_call = setting.form == "tool" and setting.model is not None
    return None if is_tool_call and load.cls == "" else load


def _load_of_second(setting: Setting, use: int, sources: list[Source], load: Load) -> Load:
    """The model of an adapter that is put on a model which has one. PEFT 0.21.2, run: `add_adapter`
    of the wrapper takes the names of the model inside, and its class; for `get_peft_model` they
    begin with the wrapper's.
    """
    name = get_calls(setting.document)[use].name.rpartition(".")[2]
    if name == "add_adapter":
        setting.behaviour.on_adapter = False
        tasks = {find_task_of_wrapper(setting.document, one) for one in sources}
        if len(tasks) == 1 and Ellipsis not in tasks:
            setting.behaviour.planned["task_type"] = tasks.pop()
        return load
    prefixes = {find_wrapper_prefix(setting.document, one) for one in sources}
    prefix = prefixes.pop() if len(prefixes) == 1 else None
    if name not in ADAPTER_WRAPPERS or prefix is None:
        return build_unknown_load(Reason(_WRAPPED), (use,))
    setting.behaviour.wrapper = prefix
    return load


_WRAPPED = "the model has an adapter already"

_LOADED_AGAIN = frozenset({"CrossEncoder", "SentenceTransformer"})
"""Classes that load what they have saved by transformers' load_adapter: sentence-transformers 6.2.0
`base/modules/transformer.py`, through the model class's from_pretrained.
"""

_UNUSED = Reason("nothing in the file puts this config on a model")


def _read_call(document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of a call, if the call makes one."""
    if call.fails:
        return None  # a test of what PEFT refuses
    name = f"dict(type={call.name.rpartition('.')[2]})" if call.lazy else call.name
    for pattern, tool in load_index().calls:
        if matches_name(pattern, name):
            setting: Setting | None = import_tool(tool).read_call(document, number, call)
            return setting
    return read_lora_config(NAME, document, number, call)


def _injects(document: Document, use: int, loads: dict[int, Load]) -> bool:
    """Whether the call is `add_adapter` of a model of transformers, which puts the adapter in
    without PEFT's wrapper for the task: no head is trained or saved for it.
    """
    if not get_calls(document)[use].name.endswith(".add_adapter"):
        return False
    sources = get_model_sources(document, use)
    return any(one.root in loads and not one.wrapped for one in sources)


def _loads_adapter(name: str) -> bool:
    """Whether a call with the config loads a trained adapter."""
    return name.rpartition(".from_pretrained")[0].rpartition(".")[2].startswith("Peft")


def _note_prepared_init(setting: Setting) -> None:
    """CorDA starts from what `preprocess_corda` has worked out on the model (PEFT 0.21.2
    tuners/lora/corda.py): in a file that calls it the wrapping does not fail for want of it.
    """
    init = setting.fields.get("init_lora_weights")
    if isinstance(init, str) and init.lower() == "corda" and _CORDA.search(setting.document.text):
        setting.behaviour.planned["init_lora_weights"] = True


_CORDA = compile_when_used(r"\bpreprocess_corda\(")
