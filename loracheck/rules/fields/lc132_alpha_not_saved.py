"""A LoRA of diffusers whose alpha is lost when it is saved.

## What
A model gets LoRA by `add_adapter(LoraConfig(...))` with a `lora_alpha` unlike `r`, and is saved by
`save_lora_weights` without the adapter's metadata.

## Why
`save_lora_weights` writes the matrices alone. `load_lora_weights` takes the rank for alpha where
the file tells none, so that a LoRA that was trained with r=16 and lora_alpha=4 comes back four
times as strong. Seen in huggingface/diffusers issue 6087 and Yuanshi9815/OminiControl issue 63.

## Bad
```python
from diffusers import FluxPipeline, FluxTransformer2DModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
name = "black-forest-labs/FLUX.1-dev"
model = FluxTransformer2DModel.from_pretrained(name, subfolder="transformer")
model.requires_grad_(False)
model.add_adapter(LoraConfig(r=16, lora_alpha=4, target_modules=["to_q", "to_k", "to_v"]))
state = get_peft_model_state_dict(model)
FluxPipeline.save_lora_weights("out", transformer_lora_layers=state)
```

## Good
```python
from diffusers import FluxPipeline, FluxTransformer2DModel
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
name = "black-forest-labs/FLUX.1-dev"
model = FluxTransformer2DModel.from_pretrained(name, subfolder="transformer")
model.requires_grad_(False)
model.add_adapter(LoraConfig(r=16, lora_alpha=16, target_modules=["to_q", "to_k", "to_v"]))
state = get_peft_model_state_dict(model)
FluxPipeline.save_lora_weights("out", transformer_lora_layers=state)
```

## Fix
Hand the config over as well, from diffusers 0.35 on:
`transformer_lora_adapter_metadata=model.peft_config["default"].to_dict()`, or train with an alpha
that is the rank. What is saved already is loaded as it was trained with
`set_adapters(name, lora_alpha / r)`.

## Source
diffusers 0.42.1 `loaders/lora_pipeline.py` (`save_lora_weights`), `utils/peft_utils.py`
(`get_peft_kwargs`). Executed on a tiny Flux, with and without metadata.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_config_call, get_literal, has_argument
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC132"
NAME = "alpha-not-saved"
SEVERITY = "warning"

_KEEPS_ALPHA = ("metadata", ".alpha", "network_alpha", "to_kohya", "scaling", "set_adapters")
"""Words of a file that saves alpha, or makes up for it."""

_DEFAULT = 8
"""PEFT's `r` and `lora_alpha` where a config names none."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such save; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "diffusers", "save_lora_weights", "LoraConfig")
    if not context.first or script is None or any(w in document.source for w in _KEEPS_ALPHA):
        return
    configs = [
        config
        for use in script.by_name.get("add_adapter", ())
        if (config := find_config_call(script, use, 0, "adapter_config")) is not None
    ]
    saves = [use for use in script.by_name.get("save_lora_weights", ()) if not use.fails]
    for config in {one.number: one for one in configs}.values():
        if len(saves) and all(use.complete for use in saves):
            yield from _check_config(document, config, saves[-1])


def _check_config(document: Document, config: Use, save: Use) -> Iterator[Hit]:
    rank, alpha = _read_number(config, "r"), _read_number(config, "lora_alpha")
    if rank is None or alpha is None or rank == alpha or rank <= 0 or alpha <= 0:
        return
    key = next((key for key in save.arguments if str(key).endswith("_lora_layers")), None)
    metadata = str(key).replace("_lora_layers", "_lora_adapter_metadata")
    ending = f'give it {metadata}=model.peft_config["default"].to_dict() (diffusers 0.35), or '
    yield Hit(
        f"alpha {alpha:g} is not saved: the LoRA is loaded with its rank, {rank:g}, for it, and "
        f"works {rank / alpha:.3g} times as strongly as in the training",
        get_call_span(document, save),
        help=f"{ending if key is not None else ''}write lora_alpha={rank:g}",
        spans=((get_call_span(document, config), "trained with it"),),
    )


def _read_number(config: Use, key: str) -> float | None:
    """A number of a config, PEFT's default where it names none; None where it is not known."""
    if not has_argument(config, key):
        return _DEFAULT
    value = get_literal(config, key)
    return value if type(value) in (int, float) else None
