"""The modules that trainers put LoRA on, from the trainers' own code: `headers.json`.

`python -m bench.lora_files.tools SD_SCRIPTS MUSUBI_TUNER`, over clones of kohya-ss/sd-scripts and
kohya-ss/musubi-tuner (their other requirements need not be installed), writes it anew. Each network
is made by the trainer's `create_network` on its own model without weights; of the blocks of
a stack the first two are kept.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import MagicMock

FILE = Path(__file__).parent / "headers.json"
ABSENT = [
    "torchvision",
    "cv2",
    "imagesize",
    "easydict",
    "voluptuous",
    "toml",
    "lpips",
    "av",
    "ftfy",
]
"""Packages that the trainers import and that no model needs."""

UNET = {
    "sample_size": 64,
    "attention_head_dim": 8,
    "cross_attention_dim": 768,
    "use_linear_projection": False,
    "upcast_attention": False,
}
SD3 = {
    "patch_size": 2,
    "depth": 24,
    "num_patches": 36864,
    "pos_embed_max_size": 192,
    "adm_in_channels": 2048,
    "qk_norm": None,
    "x_block_self_attn_layers": [],
    "context_embedder_in_features": 4096,
    "context_embedder_out_features": 1536,
    "model_type": "3medium",
}
WAN = {"in_dim": 16, "model_type": "t2v", "dim": 5120, "ffn_dim": 13824, "num_heads": 40}
SMALL_WAN = {**WAN, "dim": 1536, "ffn_dim": 8960, "num_heads": 12, "num_layers": 30}


class _Absent:
    """Finds a stand-in for each package of ABSENT."""

    def find_spec(self, name: str, path: Any = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.split(".")[0] in ABSENT else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        made: Any = MagicMock()
        made.__spec__, made.__path__, made.__name__ = spec, [], spec.name
        return made  # type: ignore[no-any-return]

    def exec_module(self, module: ModuleType) -> None:
        """Nothing to run."""


def _load(module: str, name: str) -> Any:
    return getattr(import_module(module), name)


def _flux() -> Any:
    return _load("library.flux_models", "Flux")(
        _load("library.flux_models", "configs")["dev"].params
    )


def _chroma() -> Any:
    return _load("library.chroma_models", "Chroma")(_load("library.chroma_models", "chroma_params"))


def _sd3() -> Any:
    return _load("library.sd3_models", "create_sd3_mmdit")(
        _load("library.sd3_models", "SD3Params")(**SD3)
    )


def _wan(**options: Any) -> Callable[[], Any]:
    return lambda: _load("musubi_tuner.wan.modules.model", "WanModel")(
        **{**WAN, "num_layers": 40, **options}, attn_mode="torch"
    )


def _hunyuan() -> Any:
    models = import_module("musubi_tuner.hunyuan_model.models")
    return models.HYVideoDiffusionTransformer(
        text_states_dim=4096,
        text_states_dim_2=768,
        **models.HUNYUAN_VIDEO_CONFIG["HYVideo-T/2-cfgdistill"],
    )


def _flux2(params: str) -> Callable[[], Any]:
    module = "musubi_tuner.flux_2.flux2_models"
    return lambda: _load(module, "Flux2")(_load(module, params)())


def _class(module: str, name: str, **options: Any) -> Callable[[], Any]:
    return lambda: _load(module, name)(**options)


NETWORKS: dict[str, tuple[str, str, Callable[[], Any], dict[str, Any]]] = {
    "sd15": (
        "stable-diffusion-v1-5/stable-diffusion-v1-5",
        "networks.lora",
        _class("library.original_unet", "UNet2DConditionModel", **UNET),
        {"conv_dim": 4, "conv_alpha": 1},
    ),
    "sdxl": (
        "stabilityai/stable-diffusion-xl-base-1.0",
        "networks.lora",
        _class("library.sdxl_original_unet", "SdxlUNet2DConditionModel"),
        {"conv_dim": 4, "conv_alpha": 1},
    ),
    "flux": ("black-forest-labs/FLUX.1-dev", "networks.lora_flux", _flux, {}),
    "chroma": ("lodestones/Chroma1-HD", "networks.lora_flux", _chroma, {}),
    "sd3": ("stabilityai/stable-diffusion-3-medium-diffusers", "networks.lora_sd3", _sd3, {}),
    "wan": (
        "Wan-AI/Wan2.1-T2V-14B-Diffusers",
        "musubi_tuner.networks.lora_wan",
        _wan(),
        {},
    ),
    "wan-small": (
        "Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        "musubi_tuner.networks.lora_wan",
        _wan(**SMALL_WAN),
        {},
    ),
    "wan-i2v": (
        "Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
        "musubi_tuner.networks.lora_wan",
        _wan(in_dim=36, model_type="i2v"),
        {},
    ),
    "qwen-image": (
        "Qwen/Qwen-Image",
        "musubi_tuner.networks.lora_qwen_image",
        _class("musubi_tuner.qwen_image.qwen_image_model", "QwenImageTransformer2DModel"),
        {},
    ),
    "z-image": (
        "Tongyi-MAI/Z-Image",
        "musubi_tuner.networks.lora_zimage",
        _class("musubi_tuner.zimage.zimage_model", "ZImageTransformer2DModel"),
        {},
    ),
    "hunyuan-video": (
        "hunyuanvideo-community/HunyuanVideo",
        "musubi_tuner.networks.lora",
        _hunyuan,
        {},
    ),
    "flux2": (
        "black-forest-labs/FLUX.2-dev",
        "musubi_tuner.networks.lora_flux_2",
        _flux2("Flux2Params"),
        {},
    ),
    "flux2-klein": (
        "black-forest-labs/FLUX.2-klein-4B",
        "musubi_tuner.networks.lora_flux_2",
        _flux2("Klein4BParams"),
        {},
    ),
}
"""Name -> (hub id of the model, the trainer's network module, its model, network_args)."""


def read_modules(module: str, build: Callable[[], Any], options: dict[str, Any]) -> list[list[Any]]:
    """[name in the trainer's model, shape of its weight] of each module that gets LoRA."""
    torch = import_module("torch")
    network = import_module(module)
    own = module.startswith("musubi_tuner")
    create = getattr(network, "create_arch_network" if own else "create_network")
    with torch.device("meta"):
        model = build()
        text = None if own else [torch.nn.Identity() for _ in range(3)]
        made = create(1.0, 4, 1, None, text, model, **options)
    names = {f"lora_unet_{name.replace('.', '_')}": name for name, _ in model.named_modules()}
    weights = dict(model.named_parameters())
    rows = (names[lora.lora_name] for lora in made.unet_loras)
    return [[name, list(weights[f"{name}.weight"].shape)] for name in _first_blocks(list(rows))]


def _first_blocks(names: list[str]) -> Iterator[str]:
    """The names of the first two blocks of each stack, and of what is in no block."""
    for name in names:
        match = re.match(r"(\D+)\.(\d+)\.", name)
        whole = name.startswith(("input_blocks", "output_blocks", "down_blocks", "up_blocks"))
        inner = re.search(r"transformer_blocks\.(\d+)", name) if whole else None
        number = inner[1] if inner else match[2] if match and not whole else "0"
        if int(number) < (1 if whole else 2):
            yield name


def hide_absent_packages() -> None:
    """Have stand-ins imported for the packages that the trainers import and no model needs."""
    for name in ("AutoencoderKL", "FluxPipeline", "StableDiffusionPipeline"):
        _load("diffusers", name)  # before stand-ins could be taken for the packages themselves
    sys.meta_path.append(_Absent())


def main() -> None:
    """Write `headers.json`."""
    sys.path[:0] = [sys.argv[1], str(Path(sys.argv[2]) / "src")]
    hide_absent_packages()
    # Asked for by the default of an argument, as the module is imported.
    import_module("torch").cuda.current_device = int
    found = {
        name: {"model": model, "modules": read_modules(module, build, options)}
        for name, (model, module, build, options) in NETWORKS.items()
    }
    rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(data)}" for name, data in found.items())
    FILE.write_text(f"{{\n{rows}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
