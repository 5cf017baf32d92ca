"""An adapter that cannot be put in the place of another.

## What
`hotswap_adapter(model, folder, adapter_name=...)` with an adapter whose lora_dropout, use_rslora,
use_dora or alpha_pattern is not that of the adapter on the model, or that has LoRA on modules where
that one has none; `prepare_model_for_compiled_hotswap` with a target_rank below the rank of the
adapter on the model.

## Why
PEFT raises ValueError ("Configs are incompatible") or RuntimeError ("unexpected keys found").
Other ranks and other lora_alpha are fine since PEFT 0.15, and so is an adapter with fewer modules.

## Bad
```python
from peft import LoraConfig, get_peft_model
from peft.utils.hotswap import prepare_model_for_compiled_hotswap
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(base, LoraConfig(r=64, target_modules=["q_proj"], task_type="CAUSAL_LM"))
prepare_model_for_compiled_hotswap(model, target_rank=32)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from peft.utils.hotswap import prepare_model_for_compiled_hotswap
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(base, LoraConfig(r=64, target_modules=["q_proj"], task_type="CAUSAL_LM"))
prepare_model_for_compiled_hotswap(model, target_rank=128)
```

## Fix
Train adapters that are to be swapped with the same fields and targets; else load both and choose
with `set_adapter`.

## Source
PEFT 0.21.2 `utils/hotswap.py` (`check_hotswap_configs_compatible`,
`hotswap_adapter_from_state_dict`, `_get_padded_linear`); PEFT 0.14.0 and 0.15.2 of the same name.
Executed.
"""

from __future__ import annotations

from loracheck.config.joining.adapter import Trouble, get_highest_rank
from loracheck.config.joining.hot_swap import SWAPS_SINCE, check_hot_swap
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.script_adapters import (
    build_script_hit,
    collect_adapters,
    find_maker,
    get_literal,
)
from loracheck.rules.support.script_calls import get_model_argument, read_calls
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Use
    from loracheck.rules.adapters_context import AdaptersContext
    from loracheck.rules.support.script_adapters import AdapterSet
    from loracheck.rules.types import Hit

CODE = "LC166"
NAME = "adapter-not-swapped"
SEVERITY = "error"

_SWAPS, _PREPARES = "hotswap.hotswap_adapter", "hotswap.prepare_model_for_compiled_hotswap"


def check_adapters(context: AdaptersContext) -> Iterator[Hit]:
    """Hits at every call that swaps an adapter, or prepares a model for it."""
    script = read_calls(context.document, "hotswap")
    for number, use in enumerate(script.uses if script is not None else ()):
        if not use.name.endswith((_SWAPS, _PREPARES)) or use.fails or script is None:
            continue
        maker = find_maker(script, get_model_argument(use))
        if maker is None or not use.complete or context.peft < SWAPS_SINCE:
            continue
        adapters = collect_adapters(script, maker, number, context.read_folder)
        swaps = use.name.endswith(_SWAPS)
        troubles = (
            _check_swap(context, use, adapters) if swaps else _check_target_rank(use, adapters)
        )
        for trouble in troubles:
            yield build_script_hit(context.document, use, trouble)


def _check_swap(context: AdaptersContext, use: Use, adapter_set: AdapterSet) -> Iterator[Trouble]:
    name = get_literal(use, 2, "adapter_name")
    folder = get_literal(use, 1, "model_name_or_path")
    if type(name) is not str or type(folder) is not str:
        return
    if name not in adapter_set.adapters:
        if adapter_set.complete:
            message = f"the model has no adapter `{name}` to be swapped"
            yield Trouble("raises", message, f"it has {quote_names(list(adapter_set.adapters))}")
        return
    there, new = adapter_set.adapters[name], context.read_folder(folder)
    # The fields are held against those of the active adapter, which is the only one for certain.
    if there is not None and new is not None and len(adapter_set.adapters) == 1:
        yield from check_hot_swap(there, new, context.peft)


def _check_target_rank(use: Use, adapter_set: AdapterSet) -> Iterator[Trouble]:
    target = get_literal(use, "target_rank")
    for one in adapter_set.adapters.values() if type(target) is int else ():
        rank = get_highest_rank(one) if one is not None else None
        if one is not None and rank is not None and rank > target:
            yield Trouble(
                "raises",
                f"target_rank {target} is below the rank {rank} of `{one.name}`: its matrices "
                "cannot be padded",
                f"write target_rank={rank}, the highest rank of all adapters to come, or more",
            )
