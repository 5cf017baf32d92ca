"""The adapter's name is left in the names of a LoRA file.

## What
Names such as `….lora_A.default.weight`: the state dict of the wrapped model was saved as it is.

## Why
PEFT takes the name out when it saves. Loaders that look for `lora_A.weight` pass over these names,
and diffusers' converters stop at them. Seen in https://github.com/nv-tlabs/ChronoEdit/issues/22.

## Bad
```lora
blocks.0.self_attn.q.lora_A.default.weight F16 [16, 5120]
blocks.0.self_attn.q.lora_B.default.weight F16 [5120, 16]
```

## Good
```lora
diffusion_model.blocks.0.self_attn.q.lora_A.weight F16 [16, 5120]
diffusion_model.blocks.0.self_attn.q.lora_B.weight F16 [5120, 16]
```

## Fix
Take it out of the names, or save `get_peft_model_state_dict(model)`.

## Source
PEFT 0.21.2 `utils/save_and_load.py` (get_peft_model_state_dict); ComfyUI 0.3.64
`comfy/weight_adapter/lora.py`, which knows `default` since 0.3.50.
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.rules.support.phrases import count_of
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC613"
NAME = "lora-adapter-name"
SEVERITY = "warning"


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for the file."""
    modules = context.file.changed
    marked = [module for module in modules if module.adapter is not None]
    if not marked:
        return
    key = next(iter(marked[0].keys.values()))
    short = key.replace(f".{marked[0].adapter}", "", 1)
    yield Hit(
        f"the adapter's name `{marked[0].adapter}` stands in the names of "
        f"{count_of(len(marked), len(modules), 'module')}, where most loaders do not look for it",
        Span(1, 1, 1, 1),
        help=f"write the names without it: `{short}`",
        notes=(f"first `{key}`",),
    )
