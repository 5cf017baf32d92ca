"""The model beneath PEFT's layers and wrappers, as it was before an adapter was put on it.

Source: PEFT 0.21.2 `peft_model.py` (PeftModel.base_model), `tuners/tuners_utils.py`
(BaseTuner.model, BaseTunerLayer.base_layer), `utils/other.py`
(AuxiliaryTrainingWrapper.original_module, TrainableTokensWrapper.token_adapter); transformers
5.24.0 `integrations/peft.py` (PeftAdapterMixin has `peft_config` on the model itself).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .classes import has_base
from .errors import LiveModelError

if TYPE_CHECKING:
    from typing import Any

OUTER_WRAPPERS = ("_orig_mod", "module", "_fsdp_wrapped_module")
"""The one child of a model that torch.compile, DistributedDataParallel or FSDP has wrapped (torch
2.13.0 `_dynamo/eval_frame.py`, `nn/parallel/distributed.py`, `distributed/fsdp/`).
"""

MOST_WRAPPERS = 64
"""Wrappers around one module; more are taken for a model that has no end."""

_PARTS = (
    ("PeftModel", "base_model"),
    ("PeftMixedModel", "base_model"),
    ("BaseTuner", "model"),
    ("BaseTunerLayer", "base_layer"),
    ("TrainableTokensWrapper", "token_adapter"),
    ("AuxiliaryTrainingWrapper", "original_module"),
    ("ModulesToSaveWrapper", "original_module"),
)
"""Class of PEFT -> the child that it wraps."""


def strip_adapter(module: Any) -> Any:
    """The module that PEFT's wrappers stand around; the module itself where there are none."""
    for _ in range(MOST_WRAPPERS):
        inner = _find_wrapped_part(module)
        if inner is None:
            return module
        module = inner
    raise LiveModelError(f"more than {MOST_WRAPPERS} wrappers of PEFT around one module")


def _find_wrapped_part(module: Any) -> Any:
    cls = type(module)
    for name, part in _PARTS:
        if has_base(cls, name, "peft"):
            return module._modules.get(part)
    return None


def strip_wrappers(model: Any) -> Any:
    """The model that stands inside of wrappers of torch, if it has an adapter; else `model`: PEFT
    then wraps the wrapper, whose names begin with its own child's.
    """
    inner = model
    for _ in range(MOST_WRAPPERS):
        parts = inner._modules
        name = next((name for name in OUTER_WRAPPERS if name in parts), None)
        if name is None or len(parts) > 1 or parts[name] is None:
            break
        inner = parts[name]
    return inner if _has_adapters(inner) else model


def find_adapters(model: Any) -> dict[str, Any]:
    """The config of each adapter of a live model by the adapter's name, the active one first; empty
    for a model without adapters.
    """
    inner = strip_wrappers(model)
    if not _has_adapters(inner):
        return {}
    adapters = {str(name): config for name, config in inner.peft_config.items()}
    active = _get_active_name(inner, adapters)
    return {active: adapters[active], **adapters} if active in adapters else adapters


def _has_adapters(model: Any) -> bool:
    return isinstance(getattr(model, "peft_config", None), dict) and bool(model.peft_config)


def _get_active_name(model: Any, adapters: dict[str, Any]) -> str:
    active = getattr(model, "active_adapter", None)
    if callable(active) and not has_base(type(model), "PeftModel", "peft"):
        return next(iter(adapters))  # of transformers a method, which may give several
    if isinstance(active, (list, tuple)) and active:
        active = active[0]
    return active if isinstance(active, str) else next(iter(adapters))
