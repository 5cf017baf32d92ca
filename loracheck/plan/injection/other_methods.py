"""Layers of PEFT's methods beside LoRA: which modules each takes; what it makes of them is its own.

Source: PEFT 0.21.2 tuners/*/model.py, `_create_new_module`, as `config/module_kinds.json` has it.
"""

from __future__ import annotations

from loracheck.config.module_kinds import find_refusal
from loracheck.plan.config import releases
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from .layer_request import LoraLayer
from .lora_layers import make_empty_wrapper

if TYPE_CHECKING:
    from .layer_request import LayerRequest


def build_method_layer(request: LayerRequest, method: str) -> LoraLayer:
    """A layer without weights around the module. Raises RefusedError where the method of the newest
    PEFT has no layer for the module; of older releases it is not known.
    """
    module = request.module
    kind = None if module.role else module.kind
    refusal = find_refusal(method, kind) if request.config.release == releases.NEWEST else None
    if refusal is not None:
        raise RefusedError(
            "unsupported-module",
            refusal.exception,
            refusal.text.replace("{}", module.class_name),
            "target_modules",
            request.name,
        )
    return LoraLayer(make_empty_wrapper(request.config, module, "Module"), 1.0)
