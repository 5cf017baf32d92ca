"""What stops a run of OneTrainer (the commit that its module names): LoRA on no part."""

from __future__ import annotations

from types import MappingProxyType

from loracheck.tools.core.refusal import Refusal, equals, is_turned_off, unless
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PARTS: Mapping[tuple[str, int], tuple[str, ...]] = MappingProxyType(
    {
        ("unet", 1): (
            *("STABLE_DIFFUSION_15", "STABLE_DIFFUSION_15_INPAINTING", "STABLE_DIFFUSION_20"),
            *("STABLE_DIFFUSION_20_BASE", "STABLE_DIFFUSION_21", "STABLE_DIFFUSION_21_BASE"),
        ),
        ("unet", 2): ("STABLE_DIFFUSION_XL_10_BASE", "STABLE_DIFFUSION_XL_10_BASE_INPAINTING"),
        ("transformer", 1): ("PIXART_ALPHA", "PIXART_SIGMA", "SANA", "CHROMA_1", "QWEN"),
        ("transformer", 2): ("FLUX_DEV_1", "FLUX_FILL_DEV_1", "HUNYUAN_VIDEO"),
        ("transformer", 3): ("STABLE_DIFFUSION_3", "STABLE_DIFFUSION_35"),
        ("transformer", 4): ("HI_DREAM_FULL",),
    }
)
"""The denoiser, and how many text encoders LoRA can go on -> model types
(modules/modelSetup/*LoRASetup.py, setup_model)."""


def _list_refusals() -> Iterator[Refusal]:
    """For each kind of model: none of its parts is trained. All are, where the file is silent."""
    for (denoiser, encoders), types in _PARTS.items():
        names = [f"text_encoder{'' if n == 1 else f'_{n}'}" for n in range(1, encoders + 1)]
        yield Refusal(
            (
                equals(f"{denoiser}.train", False),
                *(is_turned_off(f"{name}.train", default=True) for name in names),
                equals("model_type", *types),
                unless("additional_embeddings"),
            ),
            'no part of the model is trained, and the run stops ("optimizer got an empty parameter '
            'list")',
            f"set train of `{denoiser}` to true",
            "modules/modelSetup/BaseModelSetup.py (_create_model_part_parameters), "
            "util/config/TrainConfig.py (default_values)",
        )


REFUSALS = tuple(_list_refusals())
