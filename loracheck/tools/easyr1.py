"""EasyR1's YAML and command lines: a `lora` block in the actor's model.

The names are one string with commas, and `exclude_modules` is one expression. A rank of 0, the
default, is off. The vLLM that generates is started with the adapter's rank as the highest one.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.behaviour import Server
from .core.conversion import split_names
from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

TOOL = Tool(
    name="easyr1",
    title="EasyR1 (lora block)",
    source="EasyR1 0.3.3.dev0 (commit b44b311), verl/workers/actor/config.py (LoraConfig), "
    "verl/workers/fsdp_workers.py (_build_model_optimizer)",
    keys=(
        Key("rank", "r", 0, help="Rank of the update; 0, the default, is off."),
        Key("alpha", "lora_alpha", 64),
        Key(
            "target_modules",
            "target_modules",
            "all-linear",
            type="str",
            help="all-linear, or names with commas between them.",
        ),
        Key("exclude_modules", "exclude_modules", type="str", help="One expression."),
    ),
    block=("worker", "actor", "model", "lora"),
    strict=True,
    parser="omegaconf",
    signatures=("worker.actor.model.lora={}", "worker.actor.model.model_path"),
    programs=(Program(module=r"verl\.trainer\.main"),),
    told_by_options="signature",
    summary=Summary(
        files="YAML, .sh",
        known_by="`worker.actor.model.lora`",
        does="rank 0 is off, alpha 64, all-linear; names with commas, one expression to exclude",
    ),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document or command with a rank above 0."""
    return [
        _build_setting(document, path, top)
        for path, top in iterate_top_mappings(document)
        if _is_on(get_block(top, *TOOL.block).get("rank"))
    ]


def _is_on(rank: object) -> bool:
    return isinstance(rank, (Unknown, str)) or (isinstance(rank, (int, float)) and rank > 0)


def _build_setting(document: Document, path: Path, top: Table) -> Setting:
    lora = get_block(top, *TOOL.block)
    setting = make_setting(TOOL, document, (*path, *TOOL.block), lora)
    targets = setting.fields["target_modules"]
    if isinstance(targets, str) and targets.strip() != "all-linear":
        set_field(setting, "target_modules", split_names(targets))
    if "config" in top:
        # The other values are those of the file that a command names.
        for key in ("target_modules", "exclude_modules"):
            if key not in lora:
                setting.fields[key] = Unknown("config")
    setting.fields["task_type"] = "CAUSAL_LM"
    model = get_block(top, "worker", "actor", "model")
    add_model(setting, (*path, "worker", "actor", "model"), model, "model_path")
    setting.behaviour.server = Server("vllm", sets_rank=True)
    setting.behaviour.rank_handed_on = ("EasyR1", "")
    return setting
