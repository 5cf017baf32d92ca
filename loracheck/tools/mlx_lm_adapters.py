"""What mlx-lm and mlx-vlm take as `adapter_path`: the folder that their own training writes.

mlx-lm 0.32.0 `mlx_lm/tuner/utils.py` (load_adapters) opens adapter_config.json in it, reads
`num_layers` and `lora_parameters` of it, and loads adapters.safetensors; since 0.8 (April 2024).
mlx-vlm 0.6.15 `mlx_vlm/trainer/utils.py` (apply_lora_layers) does the same, and asks for
`lora_parameters` or, of its older form, `rank`.
"""

from __future__ import annotations

from os.path import basename, dirname

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Table

MLX_LM, MLX_VLM = "mlx-lm", "mlx-vlm"

CONFIG = "adapter_config.json"

FILES = (".npz", ".safetensors")
"""Ends of the files with weights, which people give in the place of their folder."""

WEIGHTS = ("adapters.safetensors", "adapters.npz", "adapter_model.safetensors")
"""Files of weights that an adapter's folder may have."""

LOADS: dict[str, tuple[str, tuple[str | int, ...]]] = {
    "mlx_lm.load": (MLX_LM, ("adapter_path",)),
    "mlx_lm.utils.load": (MLX_LM, ("adapter_path",)),
    "mlx_lm.utils.load_adapters": (MLX_LM, (1, "adapter_path")),
    "mlx_lm.tuner.utils.load_adapters": (MLX_LM, (1, "adapter_path")),
    "mlx_vlm.load": (MLX_VLM, (1, "adapter_path")),
    "mlx_vlm.utils.load": (MLX_VLM, (1, "adapter_path")),
    "mlx_vlm.trainer.utils.apply_lora_layers": (MLX_VLM, (1, "adapter_path")),
    "mlx_vlm.trainer.apply_lora_layers": (MLX_VLM, (1, "adapter_path")),
}
"""Function -> its library, and the argument with the adapter."""

PROGRAMS = {
    MLX_LM: ("generate", "chat", "server", "fuse", "cache_prompt"),
    MLX_VLM: ("generate", "chat", "server", "lora"),
}
"""Library -> those of its programs that load the adapter of `--adapter-path`."""

OPTION = "--adapter-path"

FUSE = (("mlx_lm.fuse",), ("mlx_lm", "fuse"))
"""How mlx-lm's program is started that merges an adapter."""

RENAMED = {"--de-quantize": ("--dequantize", "0.28.4"), "--adapter-file": (OPTION, "0.8.0")}
"""Older name of an option of mlx-lm's -> its name today, and the release that has it first."""

_TRAIN = {
    MLX_LM: "train with mlx_lm.lora, and give the folder that it writes",
    MLX_VLM: "train with mlx_vlm.lora, and give the folder that it writes",
}

_MERGE = (
    "mlx takes the merged model: merge_and_unload in Python, save_pretrained, then {convert} "
    "--hf-path on the folder; or train the adapter with {train}"
)


class NotLoaded(NamedTuple):
    """Why an adapter is not loaded, and what to do."""

    says: str
    help: str


def judge_file(path: str, library: str) -> NotLoaded:
    """What is wrong with a file of weights in the place of its folder."""
    says = f"`{basename(path)}` is no folder: {library} opens {CONFIG} in what it is given"
    if path.endswith(".npz"):
        return NotLoaded(says, f"an .npz has no {CONFIG} beside it: {_TRAIN[library]}")
    return NotLoaded(says, f"give its folder, `{dirname(path) or '.'}`, which has {CONFIG} too")


def judge_weights(name: str, library: str) -> NotLoaded:
    """What is wrong with a folder that has weights of this name, and no config."""
    return NotLoaded(f"the folder holds {name} and no {CONFIG}: FileNotFoundError", _TRAIN[library])


def judge_config(adapter: Table, library: str) -> NotLoaded | None:
    """What is wrong with the config of PEFT's adapter; None for one that the library reads."""
    if "peft_type" not in adapter or adapter.get("fine_tune_type") == "full":
        return None
    program = library.replace("-", "_")
    mend = _MERGE.format(convert=f"{program}.convert", train=f"{program}.lora")
    if library == MLX_VLM:
        if "lora_parameters" in adapter or "rank" in adapter:
            return None
        says = 'ValueError, "The adapter does not have lora params in the config"'
    else:
        missing = [key for key in ("num_layers", "lora_parameters") if key not in adapter]
        if not missing:
            return None
        says = f"AttributeError, no attribute '{missing[0]}'"
    return NotLoaded(f"the adapter is PEFT's, which {library} does not read: {says}", mend)
