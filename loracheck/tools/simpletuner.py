"""SimpleTuner's config.json: flat, its keys with or without `--` before them."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import iterate_top_mappings
from .core.make_setting import make_setting
from .core.switches import is_on
from .core.tool import InitFile, Summary, Tool
from .simpletuner_families import FAMILIES, FAMILY_SLIPS, PRESET_NAMES, PRESETS

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.diffusion_draft import DiffusionDraft, DiffusionRequest
    from .core.setting import Setting
    from .simpletuner_families import Family

_OWN_LYCORIS = "LyCORIS reads its own file; only the values were checked"
_OWN_FAMILY = "the modules of this model_family are not known here; only the values were checked"
_OWN_CONTROL = "a control network is trained, whose modules are not known here"

TOOL = Tool(
    name="simpletuner",
    title="SimpleTuner",
    source="SimpleTuner 4.10.1, simpletuner/helpers/configuration/cmd_args.py, "
    "simpletuner/helpers/models/common.py",
    keys=(
        Key("model_type", type="str", help="`lora` or `full`."),
        Key("model_family", type="str", help="flux, sdxl, wan, ...", slips=FAMILY_SLIPS),
        Key("model_flavour", type="str", help="Which of the family's checkpoints."),
        Key(
            "lora_type",
            type="str",
            help="`standard` (PEFT) or `lycoris`.",
            choices=("standard", "lycoris"),
        ),
        Key("lora_rank", "r", 16),
        Key("lora_alpha", "lora_alpha", help="Default: lora_rank."),
        Key("lora_dropout", "lora_dropout", 0.1),
        Key("use_dora", "use_dora"),
        Key("lora_init_type", type="str", help="default, gaussian, loftq, olora, pissa."),
        Key(
            "flux_lora_target",
            type="str",
            help="Which of Flux's blocks get LoRA; without effect beside peft_lora_target_modules.",
            choices=PRESET_NAMES,
        ),
        Key(
            "peft_lora_target_modules",
            "target_modules",
            type="str|list[str]",
            help="Names of modules, as a list or as JSON in a string.",
        ),
        Key("init_lora", type="str", help="An adapter to start from."),
        Key("lycoris_config", type="str", help="File with the settings of LyCORIS."),
    ),
    lenient=True,
    prefix="lora_",
    near=frozenset({"lora_format", "lora_weight_path"}),
    skips_null=True,
    priority=-2,
    signatures=(
        "model_type|--model_type model_family|--model_family",
        "lora_type|--lora_type lora_rank|--lora_rank",
    ),
    told_by_options="signature",
    traps=("lycoris-file",),
    writes=InitFile("config.json", diffusion=True),
    summary=Summary(
        files="JSON, YAML, .sh",
        known_by="`model_type` with `model_family`, `lora_type` with `lora_rank`",
        does="rank 16, alpha the rank; the family's own checkpoint and targets",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains LoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if _get_value(top, "model_type") in ("lora", None)
    ]


def _get_value(top: Table, name: str) -> Any:
    return top.get(name, top.get(f"--{name}"))


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    dashed = {key.name for key in TOOL.keys if f"--{key.name}" in top}
    plain = {name.removeprefix("--"): value for name, value in top.items() if isinstance(name, str)}
    keys = tuple(_choose_flavours(key, plain) for key in TOOL.keys)
    keys = tuple(k._replace(name=f"--{k.name}") if k.name in dashed else k for k in keys)
    tool = TOOL._replace(own_lora=_explain_missing_model(plain), keys=keys)
    setting = make_setting(tool, document, path, top)
    if plain.get("lora_type") == "lycoris":
        # The keys have no effect.
        setting.fields.clear()
        setting.places.clear()
        setting.keys.clear()
        return setting
    setting.fields.setdefault("lora_alpha", setting.fields["r"])
    _set_checkpoint(setting, path, plain, top)
    if tool.own_lora is None:
        _set_model(setting, path, plain, top)
        _set_targets(setting, path, plain, top)
    return setting


def _explain_missing_model(plain: dict[str, Any]) -> str | None:
    """Why there is no model to hold the setting against; None where there is one."""
    if plain.get("lora_type") == "lycoris":
        return _OWN_LYCORIS
    if plain.get("model_family") not in FAMILIES:
        return _OWN_FAMILY
    if is_on(plain, "controlnet") or is_on(plain, "control"):
        return _OWN_CONTROL
    return None


def _choose_flavours(key: Key, plain: dict[str, Any]) -> Key:
    """The key for the flavour with the words of the family; where a checkpoint is named any will
    do.
    """
    family = FAMILIES.get(str(plain.get("model_family")))
    has_path = plain.get("pretrained_model_name_or_path") not in (None, "", "None")
    if key.name != "model_flavour" or family is None or has_path:
        return key
    return key._replace(choices=(*family.flavours, *family.more), growing=True)


def _get_family(plain: dict[str, Any]) -> Family:
    return FAMILIES[plain["model_family"]]


def _place(path: Path, top: Table, name: str) -> Path:
    return (*path, name if name in top else f"--{name}")


def _set_model(setting: Setting, path: Path, plain: dict[str, Any], top: Table) -> None:
    """The checkpoint: the one that is named, else that of the family's flavour."""
    family = _get_family(plain)
    setting.part, setting.heads = family.part, (family.cls,)
    if family.kinds:
        setting.behaviour.model_config["addition_embed_type"] = family.kinds
    if setting.model is not None:
        return
    flavour = plain.get("model_flavour") or next(iter(family.flavours))
    setting.model = family.flavours.get(flavour) if isinstance(flavour, str) else None
    setting.model_place = _place(path, top, "model_family")


def _set_checkpoint(setting: Setting, path: Path, plain: dict[str, Any], top: Table) -> None:
    for name in ("pretrained_transformer_model_name_or_path", "pretrained_model_name_or_path"):
        model = plain.get(name)
        if isinstance(model, Unknown) or (isinstance(model, str) and model not in ("", "None")):
            setting.model, setting.model_place = model, _place(path, top, name)
            return


def _set_targets(setting: Setting, path: Path, plain: dict[str, Any], top: Table) -> None:
    """The targets: a list of the config, else a preset, else those of the family."""
    family = _get_family(plain)
    targets = setting.fields.get("target_modules")
    if isinstance(targets, str):
        targets = setting.fields["target_modules"] = _read_json(targets)
    if family.exclude is not None:
        setting.fields["exclude_modules"] = family.exclude
    if targets not in (None, []):
        return
    for mapping in (setting.fields, setting.places, setting.keys):
        mapping.pop("target_modules", None)
    preset = plain.get("flux_lora_target", "all")
    if family.cls in ("FluxTransformer2DModel", "ChromaTransformer2DModel") and preset in PRESETS:
        setting.fields["target_modules"] = list(PRESETS[preset])
    elif family.exclude is not None:
        setting.fields["target_modules"] = Unknown("SimpleTuner leaves layers out by the data")
    else:
        setting.fields["target_modules"] = list(family.targets)


def _read_json(text: str) -> Any:
    """A list of names written as JSON; unknown for a file's name. Names with commas are neither,
    and stay text.
    """
    import json

    if text in ("", "None"):
        return None
    if "," in text and not text.startswith("[") and "." not in text.rpartition(",")[2]:
        return text
    try:
        return json.loads(text) if text.startswith("[") else Unknown(text)
    except ValueError:
        return Unknown(text)


def write(request: DiffusionRequest) -> DiffusionDraft | None:
    """A draft of config.json; None for a checkpoint that is no flavour of a family."""
    from .core.diffusion_draft import DiffusionDraft

    models = (
        (name, family, flavour)
        for name, family in FAMILIES.items()
        for flavour, model in family.flavours.items()
        if model == request.model
    )
    name, family, flavour = next(models, (None, None, None))
    if request.family == "kolors":
        # The family has one flavour, a copy of this checkpoint.
        name, family = "kolors", FAMILIES["kolors"]
        flavour = next(iter(family.flavours))
    if family is None:
        return None
    values = {
        "model_type": "lora",
        "model_family": name,
        "model_flavour": flavour,
        "pretrained_model_name_or_path": request.model,
        "lora_type": "standard",
        "lora_rank": request.rank,
        "lora_alpha": request.rank,
        "peft_lora_target_modules": list(request.targets),
    }
    return DiffusionDraft(values, {})
