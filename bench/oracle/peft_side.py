"""Ask the real PEFT: build the config, inject it into a copy of the model, look at the result."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import warnings
from typing import Any

import peft
from peft import LoraConfig, get_peft_model
from peft.tuners.lora import layer as lora_layer
from peft.tuners.lora.layer import LoraLayer
from peft.utils import other
from peft.utils.other import ModulesToSaveWrapper

from loracheck.plan import PEFT

from .messages import error_code, warning_code
from .outcome import Outcome, plain_name

IGNORED = (FutureWarning, DeprecationWarning, SyntaxWarning)
TORCH = ("Initializing zero-element tensors", "Using a non-tuple sequence")
"""torch's own warnings: for empty layers of a tiny model, and for odd token indices."""

RELEASE: str = peft.__version__
FIELDS = frozenset(field.name for field in dataclasses.fields(LoraConfig))
"""What the installed release's LoraConfig takes; any other keyword is a TypeError."""
LOW_CPU = "low_cpu_mem_usage" in inspect.signature(get_peft_model).parameters
"""Since 0.14; without it a model on the meta device cannot be asked about."""
LOSES_NESTED_LAYERS = not hasattr(other, "AuxiliaryTrainingWrapper")
"""Before 0.15 layers wrapped inside a saved module were lost when that was copied once more."""


class _Missing:
    """Stands for a class that the installed release does not have yet."""


ParamWrapper: Any = getattr(lora_layer, "ParamWrapper", _Missing)
TrainableTokensWrapper: Any = getattr(other, "TrainableTokensWrapper", _Missing)


def ask_peft(model: Any, config: dict[str, Any], *, low_cpu: bool = False) -> Outcome:
    """PEFT's outcome for a config and a model; both are left as they are.

    Whatever PEFT raises is the outcome, so every exception is caught here on purpose.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            lora = LoraConfig(**copy.deepcopy(config))
            options = {"low_cpu_mem_usage": True} if low_cpu else {}
            wrapped = get_peft_model(copy.deepcopy(model), lora, **options)
        except Exception as error:  # noqa: BLE001 - the error is what we ask for
            name = type(error).__name__
            found = _read_messages(caught, (error_code(name, str(error)), name))
        else:
            found = _read_messages(caught, None, wrapped)
    return found._replace(dead=_find_unmatched(model, config, found))


def _find_unmatched(
    model: Any, config: dict[str, Any], found: Outcome
) -> frozenset[tuple[str, str]]:
    """Entries that matched nothing; asked of the newest release only."""
    if RELEASE != PEFT:
        return frozenset()
    from . import entries

    return entries.unmatched_by_peft(model, config, found)


def _read_messages(caught: Any, error: tuple[str, str] | None, model: Any = None) -> Outcome:
    said = frozenset(
        (warning_code(str(w.message)), w.category.__name__)
        for w in caught
        if not issubclass(w.category, IGNORED) and not str(w.message).startswith(TORCH)
    )
    if model is None:
        return Outcome(error, said, {}, frozenset(), frozenset(), None)
    kinds: tuple[Any, ...] = (ModulesToSaveWrapper, TrainableTokensWrapper)
    names = {kind: set[str]() for kind in kinds}
    for name, module in _list_modules(model):
        for kind, found in names.items():
            if isinstance(module, kind):
                found.add(plain_name(name).removeprefix("base_model.model."))
    return Outcome(
        None,
        said,
        _read_wrapped(model.base_model),
        frozenset(names[ModulesToSaveWrapper]),
        frozenset(names[TrainableTokensWrapper]),
        model.get_nb_trainable_parameters(),
    )


def _list_modules(model: Any) -> list[tuple[str, Any]]:
    """Every module under every name; `modules_to_save: [""]` puts the model into itself."""
    try:
        return list(model.named_modules(remove_duplicate=False))
    except RecursionError:
        return list(model.named_modules())


def _read_wrapped(tuner: Any) -> dict[str, tuple[Any, Any, float]]:
    """Rank, alpha and scaling of everything PEFT lists as targeted."""
    layers: dict[str, Any] = {}
    found: dict[str, tuple[Any, Any, float]] = {}
    for name, module in _list_modules(tuner.model):
        if isinstance(module, ParamWrapper):
            found[f"{plain_name(name)}.{module.parameter_name}"] = _read_layer(module)
        elif isinstance(module, LoraLayer):
            layers[name] = module
            layers.setdefault(plain_name(name), module)
    targeted = [
        name for name in tuner.targeted_module_names if name in layers or not LOSES_NESTED_LAYERS
    ]
    found.update((name, _read_layer(layers.get(name))) for name in targeted)
    return found


def _read_layer(layer: Any) -> tuple[Any, Any, float]:
    if layer is None:
        return ("?", "?", 0.0)
    return layer.r["default"], layer.lora_alpha["default"], layer.scaling["default"]
