"""The traits of a LoRA file that programs treat differently, in the words of the engines' data."""

from __future__ import annotations

from collections import Counter

from loracheck.engines import Trait
from loracheck.lora_files.model import DENOISER
from loracheck.lora_files.naming import ModelNames, count_layouts, detect_layout, find_own_name
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.lora_files.model import LoraModule
    from loracheck.rules.lora_file_context import LoraFileContext

XLABS_WHOLE = ("single_blocks.37.processor.qkv", "double_blocks.18.processor.qkv2")
"""Modules by which ComfyUI knows XLabs' names (0.3.64 `comfy/lora_convert.py`)."""


def find_traits(context: LoraFileContext) -> list[Trait]:
    """The traits, each with the number of modules that have it."""
    base = [Trait("base-model", "")] if context.is_for_diffusers else []
    traits = [*base, *_name_traits(context), *_count_kind_traits(context)]
    return [*traits, *_find_alpha_traits(context)]


def _name_traits(context: LoraFileContext) -> Iterator[Trait]:
    file = context.file
    if "bfl" in count_layouts(file):
        yield Trait("keys-bfl", "")
        return
    names = ModelNames(context.tree) if context.tree is not None else None
    words = Counter(
        word
        for module in file.changed
        if (word := _find_key_trait(module, names, context)) is not None
    )
    for word, count in words.items():
        yield Trait(word, "", count=count)
    marked = sum(module.adapter is not None for module in file.changed)
    if marked:
        yield Trait("adapter-name", "", count=marked)


def _find_key_trait(
    module: LoraModule, names: ModelNames | None, context: LoraFileContext
) -> str | None:
    """The trait of one module's names; None where it is not known whose names they are."""
    if module.prefix.part != DENOISER:
        return "keys-text-encoder"
    layout = detect_layout(module)
    if layout == "peft":
        return "keys-peft" if module.prefix.text == "base_model.model." else "keys-wrapped"
    if layout == "xlabs":
        stems = context.file.modules.keys()
        return "keys-xlabs" if stems >= set(XLABS_WHOLE) else "keys-xlabs-partial"
    if layout in ("diffusers-processor", "lora-transformer", "lycoris"):
        return f"keys-{layout}"
    if names is None or not context.is_for_diffusers:
        return None
    has_name = find_own_name(module, names) is not None
    if layout == "diffusers":
        unet = module.prefix.text == "unet."
        words = "keys-diffusers-unet" if unet else "keys-diffusers"
        return words if has_name else "keys-diffusers-original"
    if layout == "comfyui":
        return "keys-comfyui-own" if has_name else "keys-original"
    if layout == "lora-unet":
        return "keys-kohya-own" if has_name else "keys-kohya-original"
    return "keys-bare-own" if has_name else "keys-bare-original"


def _count_kind_traits(context: LoraFileContext) -> Iterator[Trait]:
    words = Counter(
        "kind-locon" if module.is_convolution and module.kind == "lora" else f"kind-{module.kind}"
        for module in context.file.changed
    )
    for word, count in words.items():
        yield Trait(word, "", count=count)
    magnitudes = sum(module.is_dora for module in context.file.changed)
    if magnitudes:
        yield Trait("kind-dora", "", count=magnitudes)


def _find_alpha_traits(context: LoraFileContext) -> Iterator[Trait]:
    file = context.file
    modules = [module for module in file.changed if module.kind == "lora"]
    ranks = {module.rank for module in modules}
    if len({module.alpha for module in modules} - {None}) > 1:
        yield Trait("alphas-differ", "")
    if not modules or any("alpha" in module.tensors for module in modules):
        return
    alpha = file.metadata.alpha
    if alpha is None and len(ranks) > 1:
        yield Trait("mixed-ranks", "")
    if any(scale != 1 for scale in file.told_scales):
        yield Trait("alpha-metadata", "", " and ".join(f"{one:g}" for one in file.told_scales[:3]))
