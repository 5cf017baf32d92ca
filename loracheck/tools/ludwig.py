"""Ludwig's YAML: `adapter: {type: lora}` (or `adapter: lora`), at the top for an LLM, or in the
encoder of a text feature.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import correct_method, find_misspelt
from .core.tool import Summary, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.setting import Setting

TOOL = Tool(
    name="ludwig",
    tells_quantization=True,
    words=("model_type:llm",),  # an adapter of another type names LoRA nowhere
    title="Ludwig (adapter block)",
    source="Ludwig 0.17.8, ludwig/schema/llms/peft.py (LoraConfig, to_config)",
    keys=(
        Key("type", type="str", help="`lora`; other adapters are not LoRA.", methods=("lora",)),
        Key("r", "r", 8),
        Key("alpha", "lora_alpha", type="int", help="Default: twice r."),
        Key("dropout", "lora_dropout", 0.05),
        Key("bias_type", "bias", "none"),
        Key("target_modules", "target_modules", type="list[str]"),
        Key("use_rslora", "use_rslora", False),
        Key("use_dora", "use_dora", False),
        Key("init_lora_weights", "init_lora_weights", True),
        Key("eva_config", "eva_config"),
        Key("loftq_config", "loftq_config"),
        Key("rank_pattern", "rank_pattern"),
        Key("alpha_pattern", "alpha_pattern"),
        Key("layer_replication", "layer_replication"),
        Key("loraplus_lr_ratio", type="number", help="LoRA+: learning rate of B over that of A."),
        Key("pretrained_adapter_weights", type="str", help="An adapter to start from."),
        Key("postprocessor", type="config", help="Whether the adapter is merged at the end."),
    ),
    block=("adapter",),
    strict=True,
    shared=True,
    searched=True,
    priority=1,
    signatures=(
        "model_type=llm base_model",
        "input_features=[] output_features",
        "base_model adapter.type=*",
    ),
    summary=Summary(
        files="YAML",
        known_by="`model_type: llm`, `adapter.type`, `input_features` with an encoder's `adapter`",
        does="alpha twice r, dropout 0.05",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each adapter that is LoRA."""
    settings: list[Setting] = []
    for path, top in iterate_top_mappings(document):
        if _is_lora(top):
            settings.append(_build_llm_setting(document, path, top))
        for where, encoder in _iterate_encoders(path, top):
            if _is_lora(encoder):
                settings.append(_build_encoder_setting(document, where, encoder))
    return settings


def _iterate_encoders(path: Path, top: Table) -> Iterator[tuple[Path, Table]]:
    """The encoder of each input feature, with its path."""
    features = top.get("input_features")
    for number, feature in enumerate(features if isinstance(features, list) else []):
        encoder = get_block(feature, "encoder")
        if encoder:
            yield (*path, "input_features", number, "encoder"), encoder


def _is_lora(top: Table) -> bool:
    kind = _get_adapter_type(top)
    return kind in ("lora", "qlora") or correct_method(kind) is not None


def _get_adapter_type(top: Table) -> Value:
    adapter = top.get("adapter")
    if not isinstance(adapter, dict):
        return adapter
    return adapter.get(find_misspelt(adapter, "type") or "type")


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, (*path, "adapter"), get_block(top, "adapter"))
    rank = setting.fields["r"]
    if "lora_alpha" not in setting.fields:
        setting.fields["lora_alpha"] = (
            rank * 2 if type(rank) is int and rank > 0 else Unknown("2 * r")
        )
    if setting.fields["init_lora_weights"] == "default":
        set_field(setting, "init_lora_weights", True)
    return setting


def _build_encoder_setting(document: Document, path: Path, encoder: Table) -> Setting:
    """A text encoder is a plain AutoModel, wrapped without a task (ludwig/encoders/
    text_encoders.py, _wrap_transformer).
    """
    setting = _build_setting(document, path, encoder)
    setting.heads = ("Model",)
    add_model(setting, path, encoder, "pretrained_model_name_or_path")
    return setting


def _build_llm_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = _build_setting(document, path, top)
    setting.fields["task_type"] = "CAUSAL_LM"
    add_model(setting, path, top, "base_model")
    level = get_block(top, "quantization").get("bits")
    setting.quantization = {4: "4bit", 8: "8bit"}.get(level) if isinstance(level, int) else None
    return setting
