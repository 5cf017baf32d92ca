"""axolotl's YAML.

Its schema is a pydantic model that ignores keys it does not know, so a misspelt key is lost without
a word. There is no default for `lora_r` and `lora_alpha`.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import LIST_OR_STRING, Key
from .core.lookup import get_text, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import correct_method, find_misspelt, get_loaded_bits, is_on
from .core.tool import InitFile, Program, Summary, Switch, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table, Value

    from .core.file_draft import FileDraft, WriteRequest
    from .core.setting import Setting

TOOL = Tool(
    name="axolotl",
    tells_quantization=True,
    title="axolotl",
    source="axolotl 0.19.0, src/axolotl/utils/schemas/peft.py (LoraConfig), "
    "src/axolotl/loaders/adapter.py (_build_peft_lora_config, load_lora, load_adapter)",
    keys=(
        Key(
            "adapter",
            type="str",
            help="`lora` or `qlora`; without it every weight is trained.",
            methods=("lora", "qlora"),
        ),
        Key("lora_r", "r", None),
        Key("lora_alpha", "lora_alpha", None, type="int"),
        Key("lora_dropout", "lora_dropout", 0.0),
        Key("lora_target_modules", "target_modules", [], type=LIST_OR_STRING),
        Key(
            "lora_target_linear",
            type="bool",
            help="Target every linear layer but the head.",
            like="target_modules",
        ),
        Key("lora_target_parameters", "target_parameters", type=LIST_OR_STRING),
        Key("lora_modules_to_save", "modules_to_save", type="list[str]"),
        Key("lora_fan_in_fan_out", "fan_in_fan_out"),
        Key("lora_rank_pattern", "rank_pattern"),
        Key("lora_alpha_pattern", "alpha_pattern"),
        Key("peft_layers_to_transform", "layers_to_transform", type="list[int]"),
        Key("peft_layers_pattern", "layers_pattern", type="list[str]"),
        Key("peft_use_dora", "use_dora"),
        Key("peft_use_rslora", "use_rslora"),
        Key("peft_layer_replication", "layer_replication"),
        Key("peft_init_lora_weights", "init_lora_weights"),
        Key("peft_trainable_token_indices", "trainable_token_indices"),
        Key("peft_ensure_weight_tying", "ensure_weight_tying"),
        Key("peft_autocast_adapter_dtype", type="bool", help="Train the adapter in 32 bits."),
        Key("peft", type="config", help="Holds `loftq_config: {loftq_bits: 4}`."),
        Key("lora_model_dir", type="str", help="A trained adapter to go on with."),
        Key("load_in_4bit", type="bool", help="Load the base model in 4 bits (qlora needs it)."),
        Key("load_in_8bit", type="bool", help="Load the base model in 8 bits."),
        Key("loraplus_lr_ratio", type="number", help="LoRA+: learning rate of B over that of A."),
        Key("loraplus_lr_embedding", type="number", help="LoRA+: learning rate of embeddings."),
    ),
    unknown="drops",
    lenient=True,
    prefix="lora_",
    near=frozenset(
        {
            "lora_mlp_kernel",
            "lora_qkv_kernel",
            "lora_o_kernel",
            "lora_embedding_kernel",
            "lora_on_cpu",
            "lora_exclude_modules",  # LC705 speaks of it
            "qlora_sharded_model_loading",
            "optim_target_modules",
            "merge_lora",
            "adapters",
        }
    ),
    searched=True,
    switch=Switch(("adapter",), "lora"),
    parser="click",
    words=("load_in_4bit", "load_in_8bit"),
    signatures=(
        # `num_train_epochs` beside them is transformers' name: such a file is a script's own.
        "base_model lora_r !num_train_epochs|per_device_train_batch_size",
        "base_model sequence_len|micro_batch_size|lora_target_linear|special_tokens",
        "base_model adapter=*|datasets.[].type",
    ),
    programs=(
        Program("axolotl", ("train",)),
        Program(module=r"axolotl\.cli\.train"),
    ),
    traps=("axolotl-adapter",),
    all_linear="`lora_target_linear: true`",
    writes=InitFile("axolotl.yaml"),
    summary=Summary(
        files="YAML, .sh",
        known_by="`base_model` with `adapter`, `lora_r`, ...",
        does="no default rank; `lora_target_linear` is every linear layer",
    ),
)

_HEADS = {
    "reward_model": ("SEQ_CLS", ("SequenceClassification",)),
    "process_reward_model": ("TOKEN_CLS", ("TokenClassification",)),
}
"""Switches that load another class (loaders/model.py), and the task that follows from it."""


_WRAPPERS = r"(?:.*\.)?(?:vision_tower|audio_tower)\..*(?<!\.linear)"
"""Modules of Gemma 4's towers that are not the linear layers inside the wrappers."""


def read(document: Document) -> list[Setting]:
    """One Setting for each document whose adapter is LoRA."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if _is_lora(top)
    ]


def _is_lora(top: Table) -> bool:
    # With the key misspelt or forgotten axolotl trains every weight, and says nothing.
    name = find_misspelt(top, "adapter") or "adapter"
    if name not in top:
        return isinstance(top.get("lora_r"), int) and not top.get("lora_model_dir")
    adapter = top[name]
    maybe_lora = isinstance(adapter, Unknown) or adapter in ("lora", "qlora")
    return maybe_lora or correct_method(adapter) is not None


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    setting = make_setting(TOOL, document, path, top)
    # What is missing is missing because LoRA was switched on: the switch is the place to show.
    for name in ("r", "lora_alpha", "target_modules") if "adapter" in top else ():
        setting.places.setdefault(name, (*path, "adapter"))
    if top.get("lora_dropout") is None:
        # utils/schemas/peft.py, validate_lora_dropout
        setting.fields["lora_dropout"] = 0.0
    if top.get("lora_model_dir") and top.get("lora_r") is None:
        for name in ("r", "lora_alpha", "target_modules"):
            setting.fields[name] = Unknown("lora_model_dir")
    parameters = setting.fields.get("target_parameters")
    if isinstance(parameters, str):
        # PEFT goes through it as through a list: letter by letter. Not judged here.
        setting.fields["target_parameters"] = Unknown(parameters)
    if is_on(top, "lora_target_linear"):
        setting.behaviour.lists_linear = True
        _add_parts(setting, path, top.get("lora_target_modules"))
        every = isinstance(top.get("lora_target_linear"), Unknown)
        set_field(
            setting,
            "target_modules",
            Unknown("lora_target_linear") if every else "all-linear",
            (*path, "lora_target_linear"),
        )
    if "target_parameters" not in setting.fields:
        # axolotl patches PEFT's wrapper of fused experts to pass over the dropout
        # (loaders/adapter.py, _patch_peft_param_wrapper_dropout).
        setting.behaviour.planned["lora_dropout"] = 0.0
    _add_starts(setting, path, top)
    _add_model(setting, path, top)
    if "gemma4" in str(setting.model).lower().replace("-", ""):
        # axolotl patches PEFT to step into the wrappers of this model's towers
        # (_patch_peft_clippable_linear), where PEFT alone would stop.
        setting.behaviour.planned["exclude_modules"] = _WRAPPERS
    return setting


def _add_starts(setting: Setting, path: Path, top: Table) -> None:
    """How LoRA starts: of LoftQ only the bits count, and what is false is not passed on."""
    for name in ("init_lora_weights", "use_dora", "use_rslora"):
        if name in setting.fields and not setting.fields[name]:
            del setting.fields[name], setting.places[name]
    peft = top.get("peft")
    loftq = peft.get("loftq_config") if isinstance(peft, dict) else None
    if isinstance(loftq, dict):
        place = (*path, "peft", "loftq_config")
        set_field(
            setting,
            "loftq_config",
            {"loftq_iter": 1, "loftq_bits": loftq.get("loftq_bits", 4)},
            place,
        )
        setting.fields.setdefault("init_lora_weights", "loftq")


def _add_parts(setting: Setting, path: Path, names: Value) -> None:
    """The names that axolotl adds to those of all linear layers."""
    for number, name in enumerate(names if isinstance(names, list) else []):
        if isinstance(name, str) and name != "all-linear":
            place = (*path, "lora_target_modules", number)
            setting.behaviour.parts[name] = (rf"(?:.*\.)?{re.escape(name)}", place)


def _add_model(setting: Setting, path: Path, top: Table) -> None:
    add_model(setting, path, top, "base_model")
    setting.revision = get_text(top, "revision_of_model") or get_text(top, "model_revision")
    setting.quantization = "gptq" if top.get("gptq") is True else get_loaded_bits(top)
    setting.behaviour.quantizes_experts = is_on(top, "quantize_moe_experts")
    setting.fields["task_type"] = "CAUSAL_LM"
    cls = top.get("model_type") or top.get("type_of_model")
    if isinstance(cls, str) and not cls.startswith("AutoModel"):
        setting.heads, setting.class_given = (cls,), True
        cls = f"AutoModelFor{cls.rpartition('For')[2]}"
    for head, task in (("Sequence", "SEQ_CLS"), ("Token", "TOKEN_CLS")):
        if cls == f"AutoModelFor{head}Classification":
            # The task is told from the class (_get_peft_task_type).
            setting.fields["task_type"] = task
            setting.heads = setting.heads or (f"{head}Classification",)
    for switch, (task, heads) in _HEADS.items():
        if top.get(switch) is True:
            setting.fields["task_type"] = task
            setting.heads = heads


def write(request: WriteRequest) -> FileDraft:
    """A draft of the file: every linear layer is a switch, LoftQ a block, bits are the loader's."""
    from .core.file_draft import FileDraft

    draft = FileDraft(request, TOOL, {"task_type": "CAUSAL_LM"})
    if draft.keys.get("lora_target_modules") == "all-linear":
        del draft.keys["lora_target_modules"]
        draft.keys["lora_target_linear"] = True
        draft.names["target_modules"] = "lora_target_linear"
    if draft.values.get("init_lora_weights") is False:
        draft.leave_out("init_lora_weights")  # it passes on what counts as true alone
    loftq = request.values.get("loftq_config")
    if isinstance(loftq, dict) and loftq and "loftq_config" in draft.left_out:
        draft.left_out.remove("loftq_config")
        draft.keys["peft"] = {"loftq_config": dict(loftq)}
    few = request.quantization
    draft.top = {"base_model": request.model}
    if few is not None:
        draft.top[f"load_in_{few}"] = True
    draft.top["adapter"] = "qlora" if few == "4bit" else "lora"
    return draft
