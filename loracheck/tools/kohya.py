"""kohya's sd-scripts: TOML whose sections are flattened, so that their names do not matter.

The files of kohya_ss, a surface for it, are JSON with `LoRA_type` in the place of `network_module`.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.network_arguments import find_network
from .core.parser_keys import add_foreign_keys
from .core.switches import find_misspelt
from .core.tool import InitFile, Program, Summary, Tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

_SURFACE_WEIGHTS = "lora_network_weights"
"""kohya_ss' name of network_weights."""

TOOL = Tool(
    name="kohya",
    title="kohya sd-scripts",
    source="sd-scripts main of February 2026 (commit 48d368f), train_network.py (setup_parser), "
    "networks/lora.py, library/train_util.py (read_config_from_file)",
    keys=(
        Key("network_module", type="str", help="networks.lora and its relatives."),
        Key("network_dim", "r", 4, help="Rank of the update. Default 4."),
        Key("network_alpha", "lora_alpha", 1, help="Divided by network_dim. Default 1."),
        Key("network_dropout", "lora_dropout", type="number", help="Share of neurons dropped."),
        Key(
            "network_args",
            type="list[str]",
            help="Further arguments, each `key=value`.",
            nargs="*",
        ),
        Key("network_weights", type="str", help="Weights to start from."),
        Key("network_train_unet_only", type="bool", help="No LoRA on the text encoder.", nargs="0"),
        Key(
            "network_train_text_encoder_only", type="bool", help="No LoRA on the U-Net.", nargs="0"
        ),
    ),
    unknown="drops",
    prefix="network_",
    near=frozenset(
        {
            *("network_mul", "network_merge", "network_merge_n_models", "network_pre_calc"),
            _SURFACE_WEIGHTS,
        }
    ),
    writes=InitFile("kohya.toml", diffusion=True),
    sections=True,
    own_lora="sd-scripts has LoRA layers of its own; only the values were checked",
    skips_null=True,
    priority=-3,  # any section of a file may have its keys
    words=("network_module", "network_dim"),
    traps=("word-without-option",),
    signatures=(
        "network_module|~network_dim|network_dim",
        "*.network_module|*.~network_dim|*.network_dim",
    ),
    programs=(Program(module=r"(?:\w+_)?train_network"),),
    told_by_options="signature",
    summary=Summary(
        files="TOML, JSON, .sh",
        known_by="`network_module`, `network_dim`; kohya_ss' `LoRA_type`, fluxgym's scripts",
        does="rank 4, alpha 1; own layers: values and each module's `network_args` are judged",
    ),
)

_FULL = compile_when_used(
    r"(?:sdxl|sd3|flux|lumina|anima)_train|train_db|(?:sdxl_)?train_textual_inversion"
)
"""The scripts of sd-scripts that take no network, of which `refusals/kohya.py` has more."""

MODULES = ("networks.lora", "networks.dylora", "lycoris")
"""How the names of the network modules with LoRA begin."""
_MISSPELT = r"networks?[./]lora(?:_\w+)?|lora_\w+"
"""Slips for the name of a module with LoRA, and right names."""
_LYCORIS = "lycoris"
_OTHERS = frozenset({"loha", "lokr", "glora", "ia3", "boft", "full", "diag-oft", "diag_oft", "oft"})
"""Others of its, whose `network_dim` may be any number; what is neither, is a slip. Only their
arguments are judged.
"""
_OWN_OTHER = "LyCORIS' {} is no LoRA; only the network arguments were checked"

_LLLITE = "cond_emb_dim"
"""Option of ControlNet-LLLite alone, whose training has a network_dim, too."""

_SURFACE = "LoRA_type"
_OTHER_TYPES = ("loha", "lokr", "glora", "ia3", "oft", "native fine-tuning")
"""What kohya_ss' LoRA_type ends in, in small letters, where it is none (main of July 2026, commit
45088f0, kohya_gui/lora_gui.py, train_model).
"""


def read(
    document: Document, tool: Tool = TOOL, modules: tuple[str, ...] = MODULES
) -> list[Setting]:
    """One Setting for each section that sets a network up; where one section names the module and
    others the rest, they are one. For a tool with the same options `tool` is its own, and `modules`
    how the names of its network modules with LoRA begin.
    """
    read_settings: list[Setting] = []
    for path, top in iterate_top_mappings(document):
        inner = [((*path, k), v) for k, v in top.items() if isinstance(v, dict)]
        sections = [one for one in [(path, top), *inner] if _is_lora(one[1], modules)]
        drafts = [
            _make_draft(_choose_keys(tool, section), document, where, section)
            for where, section in sections
        ]
        settings = [
            one
            for one, (_, section) in zip(drafts, sections, strict=True)
            if "network_module" in section
        ]
        if len(settings) == 1:
            for other in drafts:
                _join(settings[0], other)
        read_settings += settings if len(settings) == 1 else drafts
    program = str(getattr(document, "program", "")).rpartition(".")[2]
    for setting in read_settings:
        _add_model(setting, document)
        script = str(getattr(document, "script", ""))
        setting.behaviour.program = _find_surface_script(setting.mapping) or (
            script if _FULL.fullmatch(script) else ""
        )
        _add_unet(setting, program or setting.behaviour.program)
        if document.format == "shell" and program.endswith("train_network"):
            _add_foreign_options(setting)
    return read_settings


MAX_FOREIGN = 4
"""Options of a command that no release has: with more of them it is a fork's."""


def _add_foreign_options(setting: Setting) -> None:
    """The options of a command that no release of the script has, but for arguments of the network
    module, of which LC715 speaks: argparse stops at them, where a TOML file's keys are dropped.
    """
    network = find_network(setting)
    options = [
        key
        for key in setting.mapping
        if network is None or not isinstance(key, str) or network.argument(key) is None
    ]
    name = setting.tool_name.replace("-", "_")
    add_foreign_keys(setting, setting.path, options, name, MAX_FOREIGN)
    setting.unknown_key_effect = "raises"


def _make_draft(tool: Tool, document: Document, path: Path, section: Table) -> Setting:
    """The Setting of one section. An alpha of 0 stands for the rank (networks/lora.py, LoRAModule;
    LyCORIS' modules); of a method that is no LoRA, rank and alpha are not judged.
    """
    algo = _get_algorithm(section.get("network_args"))
    is_other = algo in _OTHERS and str(section.get("network_module")).startswith(_LYCORIS)
    own = tool._replace(own_lora=_OWN_OTHER.format(algo)) if is_other else tool
    setting = make_setting(own, document, path, section)
    if setting.fields.get("lora_alpha") == 0 and not is_other:
        setting.fields["lora_alpha"] = setting.fields["r"]
        setting.places.pop("lora_alpha", None)
    if is_other:
        for field in ("r", "lora_alpha"):
            setting.fields[field] = Unknown(f"of {algo}")
            setting.places.pop(field, None)
    return setting


def _choose_keys(tool: Tool, section: dict[Any, Value]) -> Tool:
    """The tool without the key that only kohya_ss has, where the file is none of its."""
    return tool if _SURFACE in section else tool._replace(near=tool.near - {_SURFACE_WEIGHTS})


def _add_model(setting: Setting, document: Document) -> None:
    """The checkpoint, which may stand in another section than the network; musubi-tuner's `dit`."""
    names = ("pretrained_model_name_or_path", "dit")
    add_model(setting, setting.path, setting.mapping, *names)
    for path, top in iterate_top_mappings(document) if setting.model_place is None else ():
        for name, section in top.items():
            if isinstance(section, dict) and setting.model_place is None:
                add_model(setting, (*path, name), section, *names)


def _add_unet(setting: Setting, program: str) -> None:
    """The part that is trained, for the two scripts that fetch a checkpoint from the hub."""
    if program in _KINDS:
        setting.part, setting.heads = "unet", ("UNet2DConditionModel",)
        setting.behaviour.model_config["addition_embed_type"] = (_KINDS[program],)


_KINDS = {"train_network": None, "sdxl_train_network": "text_time"}
"""Script -> what the config.json of its U-Net has for addition_embed_type."""


def _find_surface_script(mapping: Table) -> str:
    """The script that kohya_ss starts; empty for a file that is none of its."""
    if _SURFACE not in mapping:
        return ""
    prefix = next((name for box, name in _BOXES.items() if mapping.get(box) is True), "")
    return f"{prefix}train_network"


_BOXES = {
    "sdxl": "sdxl_",
    "flux1_checkbox": "flux_",
    "sd3_checkbox": "sd3_",
    "hunyuan_image_checkbox": "hunyuan_image_",
    "anima_checkbox": "anima_",
    "lumina_checkbox": "lumina_",
}
"""Boxes of kohya_ss -> the beginning of the script's name, the first that is ticked (main of July
2026, commit 45088f0, kohya_gui/lora_gui.py, train_model)."""


def _join(setting: Setting, other: Setting) -> None:
    """Add the values of another section, but for rank and alpha of a method that is no LoRA."""
    for field, place in other.places.items():
        judged = not isinstance(setting.fields.get(field), Unknown)
        if judged and field not in setting.places:
            setting.fields[field], setting.places[field] = other.fields[field], place
            setting.keys[field] = other.keys.get(field, field)
    setting.unknown_keys.update(other.unknown_keys)
    for name, right in other.suggestions.items():
        setting.suggestions[name] = right
        key = setting.tool.key(right) if setting.tool is not None else None
        if key is not None and key.field in other.fields and key.field not in setting.places:
            setting.fields[key.field] = other.fields[key.field]


def _is_lora(section: Table, modules: tuple[str, ...]) -> bool:
    kind = section.get(_SURFACE)
    if isinstance(kind, str) and kind.lower().endswith(_OTHER_TYPES):
        return False
    module = section.get("network_module")
    if isinstance(module, str) and re.fullmatch(_MISSPELT, module):
        return True
    if isinstance(module, str):
        algo = _get_algorithm(section.get("network_args"))
        return module.startswith(modules) and (algo not in _OTHERS or module.startswith(_LYCORIS))
    if _LLLITE in section:
        return False
    return "network_dim" in section or find_misspelt(section, "network_dim") is not None


def _get_algorithm(arguments: Value) -> str:
    """LyCORIS' algorithm by the further arguments, `["algo=lokr", "factor=8"]`. Arguments in one
    string with commas name none: sd-scripts stops at them, as LC702 says.
    """
    words = arguments if isinstance(arguments, list) else str(arguments).split()
    pairs = (str(word).partition("=") for word in words)
    algo = next((value.strip("\"'").lower() for key, _, value in pairs if key == "algo"), "lora")
    return algo if algo.isidentifier() else "lora"


_SCRIPTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sd1": ("train_network.py", "networks.lora", {}),
    "sd2": ("train_network.py", "networks.lora", {"v2": True}),
    "sdxl": ("sdxl_train_network.py", "networks.lora", {}),
    "flux": ("flux_train_network.py", "networks.lora_flux", {}),
    "chroma": (
        *("flux_train_network.py", "networks.lora_flux"),
        {"model_type": "chroma", "apply_t5_attn_mask": True},
    ),
    "sd3": ("sd3_train_network.py", "networks.lora_sd3", {}),
    "sd3.5": ("sd3_train_network.py", "networks.lora_sd3", {}),
    "lumina2": ("lumina_train_network.py", "networks.lora_lumina", {}),
}
"""Family -> script, network module and options that say which model it is (docs/*_train_network.md
of the same commit)."""


_VELOCITY = ("/stable-diffusion-2", "/stable-diffusion-2-1")
"""Checkpoints that predict velocity (scheduler/scheduler_config.json: v_prediction)."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the file for `--config_file`; None for a family that sd-scripts does not train."""
    from .core.diffusion_draft import DiffusionDraft

    family_script = _SCRIPTS.get(request.family)
    if family_script is None:
        return None
    script, module, options = family_script
    if request.model.endswith(_VELOCITY):
        options = {**options, "v_parameterization": True}
    unet = module == "networks.lora"
    values: dict[str, Any] = {
        "pretrained_model_name_or_path": request.model if unet else "path/to/model.safetensors",
        **options,
        "network_module": module,
        "network_dim": request.rank,
        "network_alpha": request.rank,
    }
    if not unet:
        values["network_train_unet_only"] = True
    return DiffusionDraft(
        values,
        {"r": "network_dim", "lora_alpha": "network_alpha"},
        about=f"Start it with: accelerate launch {script} --config_file kohya.toml",
    )
