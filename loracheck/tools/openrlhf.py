"""OpenRLHF's command lines: `--ds.lora.rank` and its relatives, `--lora_rank` before 0.10.

A rank of 0, the default, is off. `target_modules` takes several words, so that even one is a list:
`--ds.lora.target_modules all-linear` gives PEFT the list ["all-linear"].
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import Key
from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.switches import is_on
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Table

    from .core.setting import Setting

_REWARD = "OpenRLHF gives a reward model a class of its own; only the values were checked"

_TARGETS = Key(
    "target_modules",
    "target_modules",
    "all-linear",
    type="list[str]|str",
    help="Names of modules; even one is a list.",
    nargs="*",
)

TOOL = Tool(
    name="openrlhf",
    tells_quantization=True,
    title="OpenRLHF (ds.lora options)",
    source="OpenRLHF 0.11.0 (commit 3c3be62), openrlhf/cli/train_sft.py (the parser), "
    "openrlhf/models/actor.py (Actor), openrlhf/models/model.py (get_llm_for_sequence_regression)",
    keys=(
        Key("rank", "r", 0, help="Rank of the update; 0, the default, is off."),
        Key("alpha", "lora_alpha", 16),
        _TARGETS,
        Key("dropout", "lora_dropout", 0),
    ),
    block=("ds", "lora"),
    strict=True,
    programs=(
        Program(module=r"openrlhf\.cli\.train_rm", own_lora=_REWARD),
        Program(module=r"openrlhf\.cli\.train_\w+"),
        Program(module=r"(?:.*\.)?train_ppo_ray"),  # examples/ of the releases of 2024
    ),
    package="openrlhf",
    global_batch=("train_batch_size",),  # OpenRLHF/OpenRLHF discussion 210
    summary=Summary(
        files=".sh",
        known_by="`--ds.lora.rank`, `openrlhf.cli.train_*`",
        does="rank 0 is off, alpha 16, all-linear; one name is a list",
    ),
)

FLAT = Tool(
    name="openrlhf",
    tells_quantization=True,
    title="OpenRLHF (lora_* options)",
    source="OpenRLHF 0.9.9, openrlhf/cli/train_sft.py (the parser)",
    keys=(
        Key("lora_rank", "r", 0, help="Rank of the update; 0, the default, is off."),
        Key("lora_alpha", "lora_alpha", 16),
        _TARGETS,
        Key("lora_dropout", "lora_dropout", 0),
    ),
    near=frozenset({"lora_path", "local_rank"}),
    global_batch=("train_batch_size",),  # OpenRLHF/OpenRLHF discussion 210
)

MORE = (FLAT,)
"""Key maps of older releases."""

_MODELS = (("model",), ("actor",))


def read(document: Document) -> list[Setting]:
    """One Setting for each command with a rank above 0."""
    return [
        setting
        for path, top in iterate_top_mappings(document)
        if (setting := _build_setting(document, path, top)) is not None
    ]


def _build_setting(document: Document, path: Path, top: Table) -> Setting | None:
    lora = get_block(top, "ds", "lora")
    tool, where = (TOOL, (*path, *TOOL.block)) if lora else (FLAT, path)
    setting = make_setting(tool, document, where, lora or top)
    rank = setting.fields["r"]
    if not isinstance(rank, (Unknown, str)) and (not isinstance(rank, (int, float)) or rank <= 0):
        return None
    setting.fields["task_type"] = "CAUSAL_LM"
    setting.fields["bias"] = "none"
    add_model(setting, path, top, "pretrain")
    for keys in _MODELS:
        if setting.model is None:
            add_model(setting, (*path, *keys), get_block(top, *keys), "model_name_or_path")
    quantized = is_on(get_block(top, "ds"), "load_in_4bit") or is_on(top, "load_in_4bit")
    setting.quantization = "4bit" if quantized else None
    return setting
