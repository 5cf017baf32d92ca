"""ai-toolkit's YAML: `config.process[].network`.

Its LoRA layers are its own. Names of modules are diffusers' for most models, with `transformer.`
(for a U-Net `lora_unet.`) before them, and filters are parts of these names.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.behaviour import PassedOver
from .core.key import Key
from .core.lookup import get_block, get_value, iterate_top_mappings
from .core.lora_evidence import compute_edit_distance
from .core.make_setting import add_model, make_setting
from .core.module_selection import Selection, find_words
from .core.tool import InitFile, Summary, Tool

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting

TOOL = Tool(
    name="ai-toolkit",
    title="ai-toolkit (network block)",
    source="ai-toolkit main of August 2026 (commit 27a03a9), toolkit/config_modules.py "
    "(NetworkConfig), toolkit/lora_special.py (LoRASpecialNetwork)",
    keys=(
        Key("type", type="str", help="lora, lokr, ..."),
        Key("linear", "r", 4, help="Rank of the linear layers. Default 4."),
        Key("rank", "r", help="The older name of linear; it wins where both are given."),
        Key("alpha", "lora_alpha", 1.0, help="What linear_alpha is where it is not given."),
        Key("linear_alpha", "lora_alpha", help="Divided by linear. Default: alpha, which is 1."),
        Key("conv", type="int", help="Rank of the convolutions."),
        Key("conv_alpha", type="number", help="Divided by conv."),
        Key("dropout", "lora_dropout"),
        Key("network_kwargs", type="config", help="Such as only_if_contains: [names]."),
    ),
    block=("network",),
    inside=("config", "process", "[]"),
    only_lora=True,
    unknown="drops",
    own_lora="ai-toolkit has LoRA layers of its own; only the values were checked",
    searched=True,
    skips_null=True,
    signatures=("job config.process=[]",),
    writes=InitFile("ai-toolkit.yaml", diffusion=True),
    summary=Summary(
        files="YAML",
        known_by="`job` with `config.process`",
        does="rank 4; alpha 1, for transformers the rank; filters are parts of diffusers' names",
    ),
)


_FLUX = ("FluxTransformer2DModel", "transformer_blocks")
_WAN = ("WanTransformer3DModel", "blocks")
_QWEN = ("QwenImageTransformer2DModel", "transformer_blocks")
_UNET = ("UNet2DConditionModel", None)
_MODELS: dict[str, tuple[str, str | None]] = {
    **dict.fromkeys(("flux", "flex1", "flex2", "flux_kontext"), _FLUX),
    **dict.fromkeys(("wan21", "wan21_i2v", "wan22_5b"), _WAN),
    **dict.fromkeys(("qwen_image", "qwen_image_edit", "qwen_image_edit_plus"), _QWEN),
    **dict.fromkeys(("sd1", "sd2", "sdxl", "ssd", "vega"), _UNET),
    "sd3": ("SD3Transformer2DModel", "transformer_blocks"),
    "hidream": ("HiDreamImageTransformer2DModel", "double_stream_blocks|single_stream_blocks"),
    "zimage": ("ZImageTransformer2DModel", "layers"),
    "ltx2": ("LTX2VideoTransformer3DModel", "transformer_blocks"),
    "cogview4": ("CogView4Transformer2DModel", "transformer_blocks"),
    "lumina2": ("Lumina2Transformer2DModel", r"layers\.|noise_refiner\.|context_refiner\."),
}
"""Architecture -> the class whose names are diffusers', and what the name of a layer has in it that
`transformer_only` (the default) leaves (toolkit/lora_special.py, create_modules; the models'
target_lora_modules and get_transformer_block_names).
"""

_FLAGS = {
    "is_flux": "flux",
    "is_v3": "sd3",
    "is_lumina2": "lumina2",
    "is_xl": "sdxl",
    "is_ssd": "ssd",
    "is_vega": "vega",
    "is_v2": "sd2",
}
_UNETS = frozenset({"sd1", "sd2", "sdxl", "ssd", "vega", "refiner"})
"""Architectures of ai-toolkit that are no transformers."""

_FILTERS = ("only_if_contains", "ignore_if_contains", "full_if_contains")
_SOURCE = "toolkit/lora_special.py (LoRASpecialNetwork)"


def read(document: Document) -> list[Setting]:
    """One Setting for each process with a LoRA network."""
    settings = []
    for path, top in iterate_top_mappings(document):
        processes = get_value(top, "config", "process")
        for number, process in enumerate(processes if isinstance(processes, list) else []):
            network = get_block(process, "network")
            outer = next((keys for keys in _OUTER if get_block(top, *keys)), None)
            if "network" not in get_block(process) and outer is not None:
                settings.append(
                    _build_lost_setting(document, (*path, *outer), get_block(top, *outer))
                )
            elif network and str(network.get("type", "lora")).lower() in ("lora", "lierla"):
                where = (*path, "config", "process", number)
                settings.append(_build_setting(document, where, process, network))
    return settings


_OUTER = (("config", "network"), ("network",))
"""Places of the block that nothing reads."""


def _build_lost_setting(document: Document, path: Path, network: Table) -> Setting:
    """The Setting of a network block outside of the processes: the run trains the whole model."""
    setting = make_setting(TOOL, document, path, network)
    setting.unknown_keys["network"] = path
    setting.suggestions["network"] = "config.process[].network"
    return setting


def _build_setting(document: Document, path: Path, process: Value, network: Table) -> Setting:
    where = (*path, "network")
    setting = make_setting(TOOL, document, where, network)
    model = get_block(process, "model")
    arch = _find_architecture(model)
    if arch is not None and arch not in _UNETS:
        _forget_alpha(setting, where, network)
    _add_misplaced_filters(setting, where, network)
    _add_lost_rank(setting, where, network)
    add_model(setting, (*path, "model"), model, "name_or_path")
    known_model = _MODELS.get(arch or "")
    if known_model is not None:
        setting.part, setting.heads = _get_part(arch), (known_model[0],)
        # Layers of the text encoders are asked, too.
        if get_block(process, "train").get("train_text_encoder") is not True:
            setting.behaviour.selection = _select(where, network, arch or "")
    return setting


def _find_architecture(model: Table) -> str | None:
    """The architecture that the `model` block names; None where that is not certain."""
    arch = model.get("arch")
    if isinstance(arch, str):
        return arch.partition(":")[0].lower()
    return next((name for flag, name in _FLAGS.items() if model.get(flag) is True), None)


def _get_part(arch: str | None) -> str:
    return "unet" if arch in _UNETS else "transformer"


def _forget_alpha(setting: Setting, path: Path, network: Table) -> None:
    """No alpha for a transformer: it is set to the rank ("no alpha for peft")."""
    rank, alpha = setting.fields.get("r"), setting.fields.get("lora_alpha")
    place = setting.places.pop("lora_alpha", None)
    setting.fields["lora_alpha"] = rank
    lost = "linear" in setting.suggestions.values()  # the rank is another one then
    computable = isinstance(rank, int) and not isinstance(alpha, Unknown) and not lost
    if place is not None and computable and alpha != rank:
        setting.behaviour.passed_over.append(
            PassedOver(
                place,
                "of a transformer model alpha is set to the rank, so that the scale is 1",
                f"write {rank}, or take it out; change the learning rate instead",
                _SOURCE,
            )
        )


def _add_lost_rank(setting: Setting, path: Path, network: Table) -> None:
    """`linear` beside another `rank`."""
    rank, linear = network.get("rank"), network.get("linear")
    if isinstance(rank, int) and isinstance(linear, int) and rank != linear:
        setting.behaviour.passed_over.append(
            PassedOver(
                (*path, "linear"),
                f"rank is given as well, and counts: {rank}",
                "take one of the two out",
                "toolkit/config_modules.py (NetworkConfig)",
            )
        )


def _add_misplaced_filters(setting: Setting, path: Path, network: Table) -> None:
    """Filters beside network_kwargs, or with a slip in it, which count for nothing, and those that
    are a string, of which each letter is a filter.
    """
    inner = get_block(network, "network_kwargs")
    for name in _FILTERS:
        if name in network:
            setting.unknown_keys[name] = (*path, name)
            setting.suggestions[name] = f"network_kwargs.{name}"
        if isinstance(inner.get(name), str) and name != "full_if_contains":
            word = inner[name]
            setting.behaviour.passed_over.append(
                PassedOver(
                    (*path, "network_kwargs", name),
                    "of a string each letter counts as a filter, which nearly every name has in it",
                    f'write a list: ["{word}"]',
                    _SOURCE,
                )
            )
    for key in inner:
        right = next(
            (name for name in _FILTERS if compute_edit_distance(str(key), name, 2) <= 2), None
        )
        if right is not None and key != right:
            setting.unknown_keys[str(key)] = (*path, "network_kwargs", key)
            setting.suggestions[str(key)] = right


def _select(path: Path, network: Table, arch: str) -> Selection | None:
    """The filters; None where they are not lists of known words."""
    inner = get_block(network, "network_kwargs")
    filters = [inner.get(name) for name in _FILTERS[:2]]
    if any(value is not None and not isinstance(value, list) for value in filters):
        return None
    if any(not isinstance(word, str) for value in filters for word in value or ()):  # type: ignore[union-attr]
        return None
    place = (*path, "network_kwargs")
    blocks = _MODELS[arch][1] if network.get("transformer_only", True) is not False else None
    return Selection(
        "only_if_contains",
        find_words(filters[0], (*place, "only_if_contains")),
        ignored=find_words(filters[1], (*place, "ignore_if_contains")),
        ignore_key="ignore_if_contains",
        prefix="lora_unet." if arch in _UNETS else "transformer.",
        among=blocks,
        convolutions=bool(network.get("conv")),
        nothing="the network has no layer, and nothing is trained",
    )


_ARCHITECTURES = {
    **{name: name for name in ("sd1", "sd2", "sdxl", "sd3", "flux", "hidream", "lumina2")},
    "sd3.5": "sd3",
    "flux-kontext": "flux_kontext",
    "qwen-image": "qwen_image",
    "qwen-image-edit": "qwen_image_edit",
    "qwen-image-edit-plus": "qwen_image_edit_plus",
    "wan2.1-t2v-1.3b": "wan21",
    "wan2.1-t2v-14b": "wan21",
    "wan2.1-i2v-14b": "wan21_i2v",
    "z-image": "zimage",
    "z-image-turbo": "zimage",
    "cogview4": "cogview4",
}
"""Family -> `arch` (toolkit/config_modules.py, ModelConfig; config/examples/)."""


_ADAPTER = "ostris/zimage_turbo_training_adapter/zimage_turbo_training_adapter_v2.safetensors"
"""A file on the hub, as extensions_built_in/diffusion_models/z_image/z_image.py
(load_training_adapter) reads it."""


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of the file; None for a family that it does not train."""
    from .core.diffusion_draft import DiffusionDraft

    klein = re.search(r"klein-base-(4|9)b$", request.model.lower())
    arch = f"flux2_klein_{klein[1]}b" if klein else _ARCHITECTURES.get(request.family)
    if arch is None:
        return None
    network: dict[str, Any] = {
        "type": "lora",
        "linear": request.rank,
        "linear_alpha": request.rank,
    }
    model = {"name_or_path": request.model, "arch": arch}
    if request.family == "hidream":
        # The experts are left out, as in config/examples/train_lora_hidream_48.yaml.
        network["network_kwargs"] = {"ignore_if_contains": ["ff_i.experts", "ff_i.gate"]}
        model["extras_name_or_path"] = request.model
    if request.family == "z-image-turbo":
        # Subtracted in training, so that the few steps of the model are kept.
        model["assistant_lora_path"] = _ADAPTER
    process = {"type": "sd_trainer", "network": network, "model": model}
    inner = "config.process.network"
    return DiffusionDraft(
        {"job": "extension", "config": {"name": "my_lora", "process": [process]}},
        {"r": f"{inner}.linear", "lora_alpha": f"{inner}.linear_alpha"},
        about="Every linear layer of the blocks gets LoRA that no filter leaves out.",
    )
