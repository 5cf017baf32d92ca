"""A prefix that was left in the names of a LoRA file, or that stands there twice.

## What
Names such as `transformer.base_model.model.…`, `unet.unet.…` or `…module.…`: a wrapper's own prefix
(PEFT's, torch.compile's, DataParallel's) was saved with them, or one was written before names that
had it.

## Why
Loaders look layers up by name. What has a word too many is passed over, and the LoRA is loaded and
does nothing. Seen in https://github.com/Comfy-Org/ComfyUI/issues/4347,
https://github.com/zai-org/CogVideo/issues/420 and
https://github.com/bghira/SimpleTuner/issues/766.

## Bad
```lora
transformer.base_model.model.transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer.base_model.model.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
```

## Good
```lora
transformer.transformer_blocks.0.attn.to_q.lora_A.weight F16 [16, 3072]
transformer.transformer_blocks.0.attn.to_q.lora_B.weight F16 [3072, 16]
```

## Fix
Write the names without the prefix, or save with the pipeline's `save_lora_weights` and the state
dict of `get_peft_model_state_dict`.

## Source
diffusers 0.42.1 `loaders/peft.py` (load_lora_adapter: the prefix), executed; PEFT 0.21.2
`utils/save_and_load.py`.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Span
from loracheck.rules.support.phrases import count_of
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.lora_file_context import LoraFileContext

CODE = "LC612"
NAME = "lora-prefix-left"
SEVERITY = "warning"
_WRAPPED = re.compile(r"((?:transformer|unet|diffusion_model)\.)(base_model\.model\.)")
_TWICE = re.compile(
    r"((?:transformer|unet|diffusion_model|base_model\.model|text_encoder)\.|lora_unet_)(\1)"
)
_MODULE = re.compile(r"((?:^|.*?\.))((?:module|_orig_mod|_fsdp_wrapped_module)\.)")


def check_lora_file(context: LoraFileContext) -> Iterator[Hit]:
    """One hit for each prefix that is left over, or PEFT's own where diffusers finds nothing."""
    modules = context.file.changed
    prefixed: dict[tuple[str, str], list[str]] = {}
    for module in modules:
        for pattern in (_TWICE, _WRAPPED, _MODULE):
            match = pattern.match(module.stem)
            if match is not None:
                prefixed.setdefault((match[1], match[2]), []).append(module.stem)
                break
    for (_, prefix), stems in prefixed.items():
        yield _build_hit(prefix, stems, len(modules))
    if not prefixed:
        yield from _check_peft_prefix(context)


def _build_hit(prefix: str, stems: list[str], count: int) -> Hit:
    name = stems[0]
    return Hit(
        f"`{prefix}` is left in the {'name' if count == 1 else 'names'} of "
        f"{count_of(len(stems), count, 'module')}, "
        "and loaders pass over what they do not know",
        Span(1, 1, 1, 1),
        help=f"write the names without it: `{name.replace(prefix, '', 1)}`",
        notes=(f"first `{name}`",),
    )


def _check_peft_prefix(context: LoraFileContext) -> Iterator[Hit]:
    """PEFT's prefix in a file that is not PEFT's, for a model where diffusers reaches nothing."""
    stems = [m.stem for m in context.file.denoiser if m.prefix.text == "base_model.model."]
    loaded = context.loaded_fit
    if not stems or context.file.path.endswith("adapter_model.safetensors"):
        return
    if context.engines and not context.serves("diffusers"):
        return  # LC620 says what these make of it
    if context.is_for_diffusers and loaded is not None and not loaded.reached:
        yield _build_hit("base_model.model.", stems, len(context.file.changed))._replace(
            help="write `transformer.` (`unet.`) in its place for load_lora_weights, or load it "
            "with PeftModel.from_pretrained"
        )
