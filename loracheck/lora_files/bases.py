"""Which base model a LoRA file is for: as its metadata names it, and by the trees that it fits."""

from __future__ import annotations

import re
from functools import cache

from loracheck.named_tuple import NamedTuple
from loracheck.trees.build_error import BuildError
from loracheck.trees.layouts import load_layout
from loracheck.trees.sources.diffusers_bundle import find_pipeline, load_index
from loracheck.type_checking import TYPE_CHECKING

from .naming import ModelNames, find_own_name
from .reach import convert_rows, find_loader, get_node_sides, hold_against
from .sides import UNKNOWN

if TYPE_CHECKING:
    from typing import Any

    from loracheck.trees.model import ModuleTree

    from .model import LoraFile, LoraModule
    from .reach import Names
    from .sides import Sides

NAMED = {
    "sd_v1": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "sd_1.5": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "stable-diffusion-v1": "stable-diffusion-v1-5/stable-diffusion-v1-5",
    "sd_v2": "stabilityai/stable-diffusion-2-1",
    "sd_2.1": "stabilityai/stable-diffusion-2-1",
    "stable-diffusion-v2-512": "stabilityai/stable-diffusion-2-1",
    "stable-diffusion-v2-768-v": "stabilityai/stable-diffusion-2-1",
    "sdxl_base_v1-0": "stabilityai/stable-diffusion-xl-base-1.0",
    "sdxl_1.0": "stabilityai/stable-diffusion-xl-base-1.0",
    "stable-diffusion-xl-v1-base": "stabilityai/stable-diffusion-xl-base-1.0",
    "flux1": "black-forest-labs/FLUX.1-dev",
    "flux-1-dev": "black-forest-labs/FLUX.1-dev",
    "flux.1-dev": "black-forest-labs/FLUX.1-dev",
    "flux-1-schnell": "black-forest-labs/FLUX.1-schnell",
    "flux.2-dev": "black-forest-labs/FLUX.2-dev",
    "flux.2-klein-4b": "black-forest-labs/FLUX.2-klein-4B",
    "flux.2-klein-9b": "black-forest-labs/FLUX.2-klein-9B",
    "chroma": "lodestones/Chroma1-HD",
    "lumina-2": "Alpha-VLLM/Lumina-Image-2.0",
    "lumina2": "Alpha-VLLM/Lumina-Image-2.0",
    "qwen-image": "Qwen/Qwen-Image",
    "qwen-image-edit": "Qwen/Qwen-Image-Edit",
    "qwen_image": "Qwen/Qwen-Image",
    "z-image": "Tongyi-MAI/Z-Image",
    "hunyuan-video": "hunyuanvideo-community/HunyuanVideo",
    "hunyuan_video": "hunyuanvideo-community/HunyuanVideo",
}
"""What `ss_base_model_version` and `modelspec.architecture` say -> the hub id whose tree it has.
Sources: kohya-ss/sd-scripts 48d368fa `library/sai_model_spec.py`, `train_network.py`;
kohya-ss/musubi-tuner 30c658c `utils/sai_model_spec.py`; ostris/ai-toolkit 27a03a9
`toolkit/metadata.py`. Names that stand for models of several sizes (wan2.1) are not in it.
"""


_WELL_KNOWN = frozenset(NAMED.values())


class Base(NamedTuple):
    """Bundled checkpoints that have one tree."""

    models: tuple[str, ...]
    tree: ModuleTree

    @property
    def name(self) -> str:
        """The id that it is best known by."""
        return next((model for model in self.models if model in _WELL_KNOWN), self.models[0])


def find_named_base(file: LoraFile) -> str | None:
    """The hub id of the base model that the metadata names; None where it names none that is known
    by its sizes.
    """
    base = file.metadata.base
    if base is None:
        return None
    return NAMED.get(base.partition("/")[0].strip().lower())


@cache
def list_bundled_bases() -> tuple[Base, ...]:
    """The checkpoints of diffusers that are shipped with loracheck, those of one tree together."""
    by_place: dict[tuple[int, ...], list[str]] = {}
    for model, place in load_index().entries.items():
        by_place.setdefault(tuple(place), []).append(model)
    pipelines = ((models, find_pipeline(models[0])) for models in by_place.values())
    return tuple(Base(tuple(models), one.tree) for models, one in pipelines if one is not None)


def find_bases(file: LoraFile, python: str | None = None) -> list[Base]:
    """The bundled checkpoints that have every layer of the file in its size, the best known first;
    empty where none has.

    First by the file's own names; where they are no model's, by the names that diffusers' loaders
    make of them.
    """
    modules = [module for module in file.denoiser if module.sides != UNKNOWN]
    if not modules:
        return []
    bases = [base for base in list_bundled_bases() if _fits_by_own_names(modules, base.tree)]
    bases = bases or _find_bases_by_loaders(modules, file, python)
    bases = bases or _find_bases_by_layout(modules) or _find_sd3(modules)
    return sorted(bases, key=lambda base: base.name not in _WELL_KNOWN)


def _fits_by_own_names(modules: list[LoraModule], tree: ModuleTree) -> bool:
    names = ModelNames(tree)
    layers: dict[str, Sides] = {}
    for module in modules:
        name = find_own_name(module, names)
        if name is None:
            return False
        layers[name] = module.sides
    return hold_against(layers, tree).whole


def _find_bases_by_loaders(
    modules: list[LoraModule], file: LoraFile, python: str | None
) -> list[Base]:
    pairs = [(base, find_loader(base.tree)) for base in list_bundled_bases()]
    loaders = sorted({loader for _, loader in pairs if loader is not None})
    try:
        names = convert_as_lora(modules, file, loaders, python)
    except BuildError:
        return []
    return [
        base
        for base, loader in pairs
        if loader in names and hold_against(names[loader].layers, base.tree).whole
    ]


def convert_as_lora(
    modules: list[LoraModule], file: LoraFile, loaders: list[str], python: str | None = None
) -> dict[str, Names]:
    """What the loaders make of the names of these modules where all of them were plain LoRA. Raises
    BuildError as `convert_names`.
    """
    rows = [row for module in modules for row in _write_rows(module, file)]
    rows += [
        [name, list(file.tensors[name].shape), None]
        for name in file.others
        if name.endswith(_TELLING)
    ]
    return convert_rows(rows, loaders, python)


_TELLING = "_norm.scale"
"""End of the names by which diffusers knows BFL's control LoRAs
(`loaders/lora_pipeline.py`, FluxLoraLoaderMixin.lora_state_dict)."""


def _write_rows(module: LoraModule, file: LoraFile) -> list[list[Any]]:
    """The tensors of a module as diffusers' loaders take them: those of another kind of change
    (LoHa, LoKr) as LoRA's two matrices with the same inputs and outputs, as only names and sizes
    are asked for.
    """
    if module.kind == "lora":
        return [
            [module.keys[role], list(tensor.shape), file.numbers.get(module.keys[role])]
            for role, tensor in module.tensors.items()
            if role in ("down", "up", "alpha")
        ]
    inputs, outputs = module.sides
    if inputs is None or outputs is None:
        return []
    return [
        [f"{module.stem}.lora_down.weight", [1, inputs], None],
        [f"{module.stem}.lora_up.weight", [outputs, 1], None],
        [f"{module.stem}.alpha", [], 1.0],
    ]


_BY_LAYOUT = {"hunyuan-video": "hunyuanvideo-community/HunyuanVideo"}
"""Layout (`trees/layouts.py`) whose names diffusers' loaders do not take with underscores, of a
model in one size -> the hub id of that model.
"""


def _find_bases_by_layout(modules: list[LoraModule]) -> list[Base]:
    """The models in whose first layout every module has its name; sizes are not looked at."""
    bases = []
    for layout, model in _BY_LAYOUT.items():
        names = ModelNames(load_layout(layout))
        if all(find_own_name(module, names) is not None for module in modules):
            bases += [base for base in list_bundled_bases() if model in base.models]
    return bases


_SD3 = re.compile(
    r"(?:lora_unet_|(?:model\.)?diffusion_model\.)?joint_blocks[._]\d+[._](?:x|context)_block[._]"
)
"""Names of layers in Stability's own layout for Stable Diffusion 3, which no loader of diffusers
takes with underscores (kohya-ss/sd-scripts 48d368fa `library/sd3_models.py`, MMDiT).
"""


def _find_sd3(modules: list[LoraModule]) -> list[Base]:
    """The models of Stable Diffusion 3 whose width the inputs of `attn_qkv` have."""
    if not all(_SD3.match(module.stem) for module in modules):
        return []
    widths = {one.sides[0] for one in modules if re.search(r"attn[._]qkv$", one.stem)}
    return [base for base in list_bundled_bases() if _get_sd3_width(base.tree) in widths]


def _get_sd3_width(tree: ModuleTree) -> int | None:
    """-1 for another model."""
    query = tree.find("transformer_blocks.0.attn.to_q")
    if tree.cls != "SD3Transformer2DModel" or query is None:
        return -1
    return get_node_sides(query)[0]
