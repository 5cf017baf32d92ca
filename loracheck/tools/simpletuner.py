"""SimpleTuner's config.json: flat, its keys with or without `--` before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .core.lookup import top_mappings
from .core.make_setting import make_setting
from .core.tool import Key, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.documents.values import Value

    from .core.setting import Setting

TOOL = Tool(
    name="simpletuner",
    title="SimpleTuner",
    source="SimpleTuner 4.10.1, simpletuner/helpers/configuration/cmd_args.py, "
    "simpletuner/helpers/models/common.py",
    keys=(
        Key("model_type", type="str", help="`lora` or `full`."),
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
        Key("flux_lora_target", type="str", help="Which of Flux's blocks get LoRA."),
        Key("peft_lora_target_modules", type="str|list[str]", help="Names of modules."),
        Key("init_lora", type="str", help="An adapter to start from."),
        Key("lycoris_config", type="str", help="File with the settings of LyCORIS."),
    ),
    lenient=True,
    prefix="lora_",
    near=frozenset({"lora_format", "lora_weight_path"}),
    own="diffusion models are not held against a module tree; only the values were checked",
    skips_null=True,
    priority=-2,
    signatures=(
        "model_type|--model_type model_family|--model_family",
        "lora_type|--lora_type lora_rank|--lora_rank",
    ),
    told_by_options="signature",
    summary=Summary(
        files="JSON, YAML, .sh",
        known_by="`model_type` with `model_family`, `lora_type` with `lora_rank`",
        does="own layers and names: only types and ranges are judged",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains LoRA."""
    return [
        _setting(document, path, top)
        for path, top in top_mappings(document)
        if _value(top, "model_type") in ("lora", None)
    ]


def _value(top: dict[Any, Value], name: str) -> Any:
    return top.get(name, top.get(f"--{name}"))


def _setting(document: Document, path: Any, top: dict[Any, Any]) -> Setting:
    dashed = {key.name for key in TOOL.keys if f"--{key.name}" in top}
    tool = TOOL
    if dashed:
        keys = tuple(k._replace(name=f"--{k.name}") if k.name in dashed else k for k in TOOL.keys)
        tool = TOOL._replace(keys=keys)
    setting = make_setting(tool, document, path, top)
    if _value(top, "lora_type") == "lycoris":
        # LyCORIS reads its own file; the keys have no effect.
        setting.fields.clear()
        setting.places.clear()
        setting.keys.clear()
    elif "lora_alpha" not in setting.fields:
        setting.fields["lora_alpha"] = setting.fields["r"]
    return setting
