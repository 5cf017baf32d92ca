"""Which calls of a Python text become roots of its document, and under which name."""

from __future__ import annotations

import ast

from loracheck.type_checking import TYPE_CHECKING

from .call_index import get_last_name
from .known_calls import ADAPTER_WRAPPERS, CONFIG_ENDING, METHOD_CONFIGS, is_likely_config
from .training_calls import makes_training_arguments

if TYPE_CHECKING:
    from .bindings import Scope
    from .folding import Folder

    RootCall = tuple[ast.Call, Scope, str]
    """A call that becomes a root, the scope it stands in, and its name."""


ADAPTER_METHODS = frozenset({"add_adapter", "load_adapter"})
"""Methods that put an adapter on the model that they are called on."""

CONFIG_CALLS = frozenset({"LoraConfig", "get_peft_config"})
"""Calls that make a configuration, whose attributes may be assigned to later."""

ROOT_CALLS = (
    CONFIG_CALLS
    | ADAPTER_WRAPPERS
    | ADAPTER_METHODS
    | {"from_pretrained", "ModelConfig", "SentenceTransformer", "CrossEncoder"}
    | {"LLM", "EngineArgs", "AsyncEngineArgs", "LoRARequest"}  # vLLM's
    | {"run_exp"}  # LLaMA-Factory's, with its settings in a dict
    | {"LoRA", "VLMLoRA", "DoRA", "CanonicalLoRA"}  # Megatron-Bridge's
)
"""Last parts of the names of calls that become roots. The object that a method of ADAPTER_METHODS
is called on is given as its argument "model".
"""

ROOT_KEYWORDS = frozenset({"peft_config"})
"""Keywords that make a root of any call: a trainer is given its model beside its config."""


def get_root_call_name(call: ast.Call, scope: Scope, folder: Folder) -> str | None:
    """The dotted name of a call that becomes a root; None for every other call."""
    if not isinstance(call.func, (ast.Name, ast.Attribute)):
        return None
    lazy = find_lazy_target(call)
    if lazy is not None:
        name = folder.get_dotted_name(lazy, scope)
        return name if name and name.rpartition(".")[2] in ROOT_CALLS else None
    name = folder.get_dotted_name(call.func, scope)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else (name or "")
    if name and name.startswith("peft.") and name.rpartition(".")[2] in METHOD_CONFIGS:
        return name
    if name and is_likely_config(name) and _is_lora_config(call.func, scope):
        return name
    if last.rpartition(".")[2] in ROOT_CALLS or makes_training_arguments(last):
        return name or last
    if any(keyword.arg in ROOT_KEYWORDS for keyword in call.keywords):
        return name or last
    return None


def _is_lora_config(function: ast.expr, scope: Scope) -> bool:
    """Whether a class of the file's own has a LoraConfig for its base; True for an imported one."""
    owner = scope.find_owner(function.id) if isinstance(function, ast.Name) else None
    bindings = owner.bindings[function.id] if owner and isinstance(function, ast.Name) else []
    definitions = [
        binding.class_definition for binding in bindings if binding.class_definition is not None
    ]
    bases = [get_last_name(base) for one in definitions for base in one.bases]
    return not definitions or any(base.endswith(CONFIG_ENDING) for base in bases)


def find_lazy_target(call: ast.Call) -> ast.Name | ast.Attribute | None:
    """The class in `dict(type=X, ...)`, which is how config files of mmengine write a call; None
    for every other call.
    """
    if not isinstance(call.func, ast.Name) or call.func.id != "dict":
        return None
    for keyword in call.keywords:
        if keyword.arg == "type" and isinstance(keyword.value, (ast.Name, ast.Attribute)):
            return keyword.value
    return None
