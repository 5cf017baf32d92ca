"""musubi-tuner: sd-scripts' options, for video models and newer image models.

Every linear layer in the blocks of the model gets LoRA but those of `exclude_patterns` (each module
adds one of its own); `include_patterns` takes back what is left out, and does nothing else.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from . import kohya
from .core.module_selection import Selection, match_whole
from .core.network_arguments import list_arguments
from .core.network_values import read_patterns
from .core.tool import InitFile, Program, Summary

if TYPE_CHECKING:
    from loracheck.documents.model import Document

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_MODULE = "network_module=networks.lora_"
_NETWORKS = (
    *("flux_2", "framepack", "hidream_o1", "hv_1_5", "ideogram4", "kandinsky"),
    *("krea2", "qwen_image", "wan", "zimage"),
)
"""Modules of musubi_tuner/networks/ that sd-scripts has not. `networks.lora` and
`networks.lora_flux` stand in both: a file with one of them counts as sd-scripts'.
"""

TOOL = kohya.TOOL._replace(
    name="musubi-tuner",
    title="musubi-tuner",
    source="musubi-tuner main of June 2026 (commit 30c658c), "
    "src/musubi_tuner/training/parser_common.py (_add_network_args, read_config_from_file), "
    "src/musubi_tuner/networks/lora.py (create_network)",
    keys=tuple(key for key in kohya.TOOL.keys if not key.name.startswith("network_train_")),
    near=frozenset(),
    priority=0,
    signatures=(
        "|".join(f"{_MODULE}{name}" for name in _NETWORKS),
        "|".join(f"*.{_MODULE}{name}" for name in _NETWORKS),
    ),
    programs=(
        Program(
            module=r"(?:flux_2|flux_kontext|fpack|hidream_o1|hv|hv_1_5|ideogram4|kandinsky5|krea2"
            r"|qwen_image|wan|zimage)_train_network(?:_\w+)?"
        ),
    ),
    own_lora="musubi-tuner has LoRA layers of its own; only the values were checked",
    writes=InitFile("musubi-tuner.sh", diffusion=True),
    summary=Summary(
        files="TOML, .sh",
        known_by="`network_module: networks.lora_wan` and its like, `wan_train_network.py`",
        does="rank 4, alpha 1; every linear layer of the blocks but those of `exclude_patterns`",
    ),
)


_CHOICES = {
    "networks.lora": (
        "hunyuan-video",
        r"^(?:double|single)_blocks\.",
        r"^.*(img_mod|txt_mod|modulation).*$",
    ),
    "networks.lora_wan": (
        "wan",
        r"^blocks\.",
        r"^.*(patch_embedding|text_embedding|time_embedding|time_projection|norm|head).*$",
    ),
    "networks.lora_qwen_image": ("qwen-image", r"^transformer_blocks\.", r"^.*(_mod_).*$"),
    "networks.lora_flux": (
        "flux",
        r"^(?:double|single)_blocks\.",
        r"^.*(img_mod\.lin|txt_mod\.lin|modulation\.lin).*$|^.*(norm).*$",
    ),
}
"""Network module -> the layout of its model, the names inside of the classes that it looks into,
and what it leaves out by itself (networks/lora*.py, create_arch_network).
"""


def read(document: Document) -> list[Setting]:
    """As sd-scripts' files are read, with the patterns that choose layers."""
    settings = kohya.read(document, TOOL)
    for setting in settings:
        _select(setting)
    return settings


def _select(setting: Setting) -> None:
    """Add the layout and the patterns, where all of them can be read."""
    choice = _CHOICES.get(str(setting.mapping.get("network_module")))
    arguments = {one.name: one for one in list_arguments(setting)}
    if choice is None or not {"exclude_patterns", "include_patterns"} & arguments.keys():
        return
    layout, among, never = choice
    lists = {}
    for name in ("exclude_patterns", "include_patterns"):
        one = arguments.get(name)
        patterns = read_patterns(one.value) if one is not None else []
        if patterns is None:
            return
        lists[name] = match_whole(patterns, one.place) if one is not None else ()
    setting.layout = layout
    setting.behaviour.selection = Selection(
        "network_args",
        ignored=lists["exclude_patterns"],
        ignore_key="exclude_patterns",
        kept=lists["include_patterns"],
        kept_key="include_patterns",
        among=among,
        never=never,
        nothing='the run stops there ("No LoRA modules found")',
    )


_SCRIPTS: dict[str, tuple[str, str, dict[str, str]]] = {
    **{
        f"wan{version}-{task.lower()}": ("wan", "lora_wan", {"task": task})
        for version, task in (
            *(("2.1", "t2v-1.3B"), ("2.1", "t2v-14B"), ("2.1", "i2v-14B")),
            *(("2.2", "t2v-A14B"), ("2.2", "i2v-A14B")),
        )
    },
    "hunyuan-video": ("hv", "lora", {}),
    "hunyuan-video-1.5-t2v": ("hv_1_5", "lora_hv_1_5", {"task": "t2v"}),
    "hunyuan-video-1.5-i2v": ("hv_1_5", "lora_hv_1_5", {"task": "i2v"}),
    "flux-kontext": ("flux_kontext", "lora_flux", {}),
    "flux2": ("flux_2", "lora_flux_2", {"model_version": "dev"}),
    "qwen-image": ("qwen_image", "lora_qwen_image", {"model_version": "original"}),
    "flux2-klein": ("flux_2", "lora_flux_2", {}),
    "z-image": ("zimage", "lora_zimage", {}),
    "z-image-turbo": (
        *("zimage", "lora_zimage"),
        {"base_weights": "path/to/zimage_turbo_training_adapter_v2.safetensors"},
    ),
    "krea2": ("krea2", "lora_krea2", {}),
}
"""Family -> script, network module and options that say which model it is (docs/ and
wan/configs/__init__.py of the same commit)."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the command; None for a family that musubi-tuner does not train."""
    from .core.diffusion_draft import DiffusionDraft

    family_script = _SCRIPTS.get(request.family)
    if family_script is None:
        return None
    script, module, options = family_script
    if request.family == "flux2-klein":
        version = request.model.lower().partition("flux.2-")[2]
        options = {"model_version": version}
    return DiffusionDraft(
        {
            **options,
            "dit": "path/to/dit.safetensors",
            "network_module": f"networks.{module}",
            "network_dim": request.rank,
            "network_alpha": request.rank,
            "sdpa": True,
            "dataset_config": "path/to/dataset.toml",
            "output_dir": "path/to/output",
            "output_name": "lora",
        },
        {"r": "network_dim", "lora_alpha": "network_alpha"},
        f"accelerate launch src/musubi_tuner/{script}_train_network.py",
        "Every linear layer of the blocks gets LoRA.",
    )
