"""verl's hydra YAML: `lora_rank` in the actor's, the critic's or the SFT model's block.

A rank of 0 means no LoRA. The `lora:` block is Megatron's and names Megatron's fused modules.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.behaviour import Server
from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.switches import find_misspelt
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="verl",
    title="verl, FSDP (model block)",
    source="verl 0.9.1, verl/workers/config/model.py (HFModelConfig), "
    "verl/trainer/config/sft_trainer.yaml",
    keys=(
        Key("lora_rank", "r", 0),
        Key("lora_alpha", "lora_alpha", 16),
        Key("target_modules", "target_modules", "all-linear"),
        Key("exclude_modules", "exclude_modules"),
        Key("target_parameters", "target_parameters"),
        Key("lora_adapter_path", type="str", help="An adapter to start from."),
    ),
    block=("actor_rollout_ref", "model"),
    skips_null=True,
    blocks=(("model",), ("critic", "model")),
    parser="omegaconf",
    signatures=(
        "actor_rollout_ref.model={}|model={} _target_=verl.*|model._target_=verl.*",
        "actor_rollout_ref.model.lora_rank|actor_rollout_ref.model.lora",
        "actor_rollout_ref model.lora_rank|model.lora",
        "model.lora_rank|model.lora model.partial_pretrain",
        "model.lora_rank|model.lora model.path trainer|engine",
    ),
    programs=(Program(module=r"verl\.trainer\.(?!main(?:\s|$))[\w.]+"),),  # EasyR1 has `main`
    told_by_options="signature",
    global_batch=("train_batch_size", "batch_size"),  # its "Config Explanation"
    summary=Summary(
        files="YAML, .sh",
        known_by="`actor_rollout_ref.model.lora_rank`",
        does="rank 0 is off, alpha 16, all-linear",
    ),
)

MEGATRON = Tool(
    name="verl",
    title="verl, Megatron (lora block)",
    source="verl 0.9.1, verl/trainer/config/model/hf_model.yaml (lora), "
    "verl/workers/config/megatron_peft.py; Megatron-Bridge main of August 2026, "
    "src/megatron/bridge/peft/utils.py (create_peft)",
    keys=(
        Key("type", type="str", help="lora, vlm_lora, canonical_lora or dora."),
        Key("rank", "r", 0),
        Key("alpha", "lora_alpha", 32),
        Key("dropout", "lora_dropout", 0.0),
        Key("target_modules", type="list[str]", help="Megatron's names, linear_qkv and so on."),
        Key("exclude_modules", type="list[str]", help="Megatron's names, with wildcards."),
        Key("dropout_position", type="str", help="pre (the default) or post."),
        Key("lora_A_init_method", type="str", help="xavier (the default) or another start of A."),
        Key("lora_B_init_method", type="str", help="zero (the default) or another start of B."),
        Key("dtype", type="str", help="Number type of the adapter; by default the model's."),
        Key("merge", type="bool", help="Merge the adapter before vLLM gets the weights."),
        Key("adapter_path", type="str", help="An adapter to start from."),
        Key("a2a_experimental", type="bool", help="The experimental all-to-all communication."),
        Key("freeze_vision_model", type="bool", help="vlm_lora: do not train the tower in full."),
        Key("freeze_vision_projection", type="bool", help="vlm_lora: nor the projector."),
        Key("freeze_language_model", type="bool", help="vlm_lora: nor the language model."),
        Key("fully_sharded_loras", type="bool", help="vLLM shards the adapters in full."),
    ),
    block=("actor_rollout_ref", "model", "lora"),
    parser="omegaconf",
    traps=("megatron-names",),
    global_batch=("train_batch_size", "batch_size"),  # its "Config Explanation"
    own_lora="Megatron wraps modules of its own; only the values were checked",
)

MORE = (MEGATRON,)
"""Key maps of other blocks."""

_BLOCKS = (("actor_rollout_ref", "model"), ("model",), ("critic", "model"), ())


def read(document: Document) -> list[Setting]:
    """One Setting for each model block with a rank above 0, or with a slip in the rank's key."""
    return [
        setting
        for path, top in iterate_top_mappings(document)
        for setting in _build_settings(document, path, top)
    ]


def _build_settings(document: Document, path: Path, top: Table) -> Iterator[Setting]:
    for keys in _BLOCKS:
        model = get_block(top, *keys)
        inner = get_block(model, "lora")
        if _is_on(model.get("lora_rank")) or (keys and find_misspelt(model, "lora_rank")):
            setting = _build_setting(document, (*path, *keys), model)
            if keys[:1] == ("actor_rollout_ref",):
                setting.behaviour.server = server = _find_rollout_server(top)
                if server is not None and server.engine == "vllm":
                    setting.behaviour.rank_handed_on = ("verl", "0.6.1")
            yield setting
        elif _is_on(inner.get("rank")):
            yield make_setting(MEGATRON, document, (*path, *keys, "lora"), inner)


def _find_rollout_server(top: Table) -> Server | None:
    """The engine that generates with the actor's adapter, at the rank that verl gives it (verl
    0.9.1 `verl/workers/rollout/vllm_rollout/utils.py`, get_vllm_max_lora_rank).
    """
    from .core.server_command import STARTS

    name = get_block(top, "actor_rollout_ref", "rollout").get("name")
    merges = get_block(top, "actor_rollout_ref", "model", "lora").get("merge")
    starts = isinstance(name, str) and name in STARTS and not merges
    return Server(str(name), sets_rank=True) if starts else None


def _is_on(rank: object) -> bool:
    return isinstance(rank, (Unknown, str)) or (isinstance(rank, (int, float)) and rank != 0)


def _build_setting(document: Document, path: Path, model: Table) -> Setting:
    setting = make_setting(TOOL, document, path, model)
    targets = setting.fields["target_modules"]
    if isinstance(targets, str) and targets.startswith("[") and targets.endswith("]"):
        # An override of hydra's that was copied into a file.
        set_field(setting, "target_modules", [part.strip() for part in targets[1:-1].split(",")])
    setting.fields["task_type"] = "CAUSAL_LM"
    add_model(setting, path, model, "path", "partial_pretrain")
    return setting
