"""Ask the real PEFT: build the config, inject it into a copy of the model, look at the result."""

from __future__ import annotations

import copy
import warnings
from typing import Any

from peft import LoraConfig, get_peft_model
from peft.tuners.lora.layer import LoraLayer, ParamWrapper
from peft.utils.other import ModulesToSaveWrapper, TrainableTokensWrapper

from .outcome import Outcome, plain_name
from .words import error_code, warning_code

IGNORED = (FutureWarning, DeprecationWarning, SyntaxWarning)
TORCH = ("Initializing zero-element tensors", "Using a non-tuple sequence")
"""torch's own warnings: for empty layers of a tiny model, and for odd token indices."""


def ask(model: Any, config: dict[str, Any], *, low_cpu: bool = False) -> Outcome:
    """PEFT's outcome for a config and a model; both are left as they are.

    Whatever PEFT raises is the outcome, so every exception is caught here on purpose.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            lora = LoraConfig(**copy.deepcopy(config))
            peft = get_peft_model(copy.deepcopy(model), lora, low_cpu_mem_usage=low_cpu)
        except Exception as error:  # noqa: BLE001 - the error is what we ask for
            name = type(error).__name__
            return _told(caught, (error_code(name, str(error)), name))
    return _told(caught, None, peft)


def _told(caught: Any, error: tuple[str, str] | None, peft: Any = None) -> Outcome:
    said = frozenset(
        (warning_code(str(w.message)), w.category.__name__)
        for w in caught
        if not issubclass(w.category, IGNORED) and not str(w.message).startswith(TORCH)
    )
    if peft is None:
        return Outcome(error, said, {}, frozenset(), frozenset(), None)
    names = {kind: set[str]() for kind in (ModulesToSaveWrapper, TrainableTokensWrapper)}
    for name, module in _listed(peft):
        for kind, found in names.items():
            if isinstance(module, kind):
                found.add(plain_name(name).removeprefix("base_model.model."))
    return Outcome(
        None,
        said,
        _wrapped(peft.base_model),
        frozenset(names[ModulesToSaveWrapper]),
        frozenset(names[TrainableTokensWrapper]),
        peft.get_nb_trainable_parameters(),
    )


def _listed(model: Any) -> list[tuple[str, Any]]:
    """Every module under every name; `modules_to_save: [""]` puts the model into itself."""
    try:
        return list(model.named_modules(remove_duplicate=False))
    except RecursionError:
        return list(model.named_modules())


def _wrapped(tuner: Any) -> dict[str, tuple[Any, Any, float]]:
    """Rank, alpha and scaling of everything PEFT lists as targeted."""
    layers: dict[str, Any] = {}
    found: dict[str, tuple[Any, Any, float]] = {}
    for name, module in _listed(tuner.model):
        if isinstance(module, ParamWrapper):
            found[f"{plain_name(name)}.{module.parameter_name}"] = _held(module)
        elif isinstance(module, LoraLayer):
            layers[name] = module
            layers.setdefault(plain_name(name), module)
    found.update((name, _held(layers.get(name))) for name in tuner.targeted_module_names)
    return found


def _held(layer: Any) -> tuple[Any, Any, float]:
    if layer is None:
        return ("?", "?", 0.0)
    return layer.r["default"], layer.lora_alpha["default"], layer.scaling["default"]
