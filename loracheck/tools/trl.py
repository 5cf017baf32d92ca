"""TRL's command line and alignment-handbook: a YAML of TRL's ModelConfig and trainer arguments.

TRL unwraps a list of one name to a string (`ModelConfig.__post_init__`), so that `["all-linear"]`
works and `[q_proj]` becomes a regular expression that no module's full name matches.
"""

from __future__ import annotations

import json
import os
import re
from functools import cache

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .core.key import LIST_OR_STRING, UNSET, Key
from .core.lookup import get_text, iterate_top_mappings
from .core.make_setting import add_model, make_setting, set_field
from .core.parser_keys import add_foreign_keys
from .core.switches import get_loaded_bits, is_on
from .core.tool import InitFile, Program, Summary, Switch, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.python.document import Call
    from loracheck.documents.values import Table

    from .core.file_draft import FileDraft, WriteRequest
    from .core.setting import Setting

TOOL = Tool(
    name="trl",
    tells_quantization=True,
    title="TRL (and alignment-handbook)",
    source="TRL 1.16.0, trl/trainer/model_config.py, trl/trainer/utils.py "
    "(get_peft_config); unknown keys: trl/scripts/utils.py (TrlParser.parse_args_and_config)",
    keys=(
        Key("use_peft", type="bool", help="Train a PEFT adapter. Without it no lora_* key counts."),
        Key("lora_r", "r", 16),
        Key("lora_alpha", "lora_alpha", 32),
        Key("lora_dropout", "lora_dropout", 0.05),
        Key("lora_target_modules", "target_modules", type=LIST_OR_STRING, nargs="+"),
        Key("lora_target_parameters", "target_parameters", nargs="+"),
        Key("lora_modules_to_save", "modules_to_save", nargs="+"),
        Key("lora_task_type", "task_type", "CAUSAL_LM"),
        Key("use_rslora", "use_rslora", False),
        Key("use_dora", "use_dora", False),
        Key("load_in_4bit", type="bool", help="Load the base model in 4 bits (bitsandbytes)."),
        Key("load_in_8bit", type="bool", help="Load the base model in 8 bits (bitsandbytes)."),
    ),
    lenient=True,
    prefix="lora_",
    near=frozenset({"alpha"}),  # of its CPO and XPO trainers
    searched=True,
    switch=Switch(("use_peft",), often_in_command=True),
    priority=-1,  # `use_peft` is other scripts' word too
    signatures=(
        "use_peft model_name_or_path|model_name|output_dir|learning_rate|dataset_name",
        "model_name_or_path lora_target_modules",
        "model_name_or_path lora_r ~use_peft",
    ),
    programs=(
        Program("trl", ("sft", "dpo", "grpo", "kto", "reward", "rloo", "ppo", "orpo", "cpo")),
        Program(module=r"trl\.(?:scripts|experimental)\.[\w.]+"),
        Program(module=r"(?:trl\.)?examples\.scripts\.(?:sft|dpo|kto|orpo|cpo|reward_modeling)"),
    ),
    told_by_options="every",
    calls=(r"trl\.(?:.*\.)?ModelConfig",),
    model_packages=("trl",),
    traps=("one-name-is-a-regex",),
    all_linear="`lora_target_modules: all-linear`",
    training_arguments=True,
    writes=InitFile("trl.yaml"),
    summary=Summary(
        files="YAML, .sh",
        known_by="`use_peft`, `lora_target_modules` beside `model_name_or_path`",
        does="r 16, alpha 32, dropout 0.05; a list of one name becomes a string, which "
        "PEFT takes for an expression",
    ),
)


KEYS = os.path.join(os.path.dirname(__file__), "trl_keys.json")
"""What `python -m bench.files.trl_keys` writes: every key that TRL's parser has taken."""

MAX_UNKNOWN = 2
"""Keys that are neither TRL's nor LoRA's, of which a file of TRL's may have so many by slips or of
an older release: with more of them, which TRL would refuse, it is the file of a script with a
parser of its own.
"""

_OWN_PARSER = TOOL._replace(
    prefix=None,
    traps=(),
    switch=None,
    keys=tuple(key._replace(default=UNSET) for key in TOOL.keys),
)
"""The keys as a script has them that gives them to PEFT as they are, with defaults of its own."""

_OLD_EXAMPLE = TOOL._replace(
    renamed={
        "peft_lora_r": "lora_r",
        "peft_lora_alpha": "lora_alpha",
        "target_modules": "lora_target_modules",
        "model_name": "model_name_or_path",
        "batch_size": "per_device_train_batch_size",
        "log_with": "report_to",
        "seq_length": "max_length",
    }
)
"""With the options of examples/scripts/sft.py in TRL 0.7.10 and before."""

_COMMANDS = ("trl", "trl.scripts.sft", "trl.scripts.dpo", "trl.scripts.grpo", "trl.scripts.kto")
"""Programs whose options are known whole: their own and those of `accelerate launch`."""

_MAX_SLIPS = 8

_MODEL_KEYS = ("model_name_or_path", "model_name")


def read(document: Document) -> list[Setting]:
    """One Setting for each document that does not switch PEFT off."""
    settings = []
    for path, top in iterate_top_mappings(document):
        started = getattr(document, "program", "")
        names_lora = _sets_lora(top) or (
            bool(started) and any(str(key).startswith("lora_") for key in top)
        )
        if is_on(top, "use_peft", default=names_lora):
            # Without the switch the file may be another script's, with more keys.
            tool = TOOL if "use_peft" in top else TOOL._replace(prefix=None)
            if document.format != "shell" and _has_own_parser(top):
                tool = _OWN_PARSER
            elif started and "peft_lora_r" in top:
                tool = _OLD_EXAMPLE
            settings.append(_build_setting(document, path, top, tool))
    return settings


def _has_own_parser(top: Table) -> bool:
    """Whether a file has more keys than a slip explains that TRL's parser refuses."""
    words = ("lora", "peft", "dora")
    others = (key for key in top if not any(word in str(key) for word in words))
    return sum(key not in _load_keys() for key in others) > MAX_UNKNOWN


@cache
def _load_keys() -> frozenset[str]:
    with open(KEYS, encoding="utf-8") as file:
        return frozenset(json.load(file))


def read_call(document: Document, number: int, call: Call) -> Setting | None:
    """The Setting of a call of ModelConfig, where it switches PEFT on."""
    arguments = document.roots[number]
    if arguments.get("use_peft") is not True:
        return None
    return _build_setting(document, (number,), arguments, TOOL)


def _build_setting(document: Document, path: Path, top: Table, tool: Tool) -> Setting:
    """The Setting of ModelConfig's arguments, which stand at `path`."""
    setting = make_setting(tool, document, path, top)
    if tool is _OWN_PARSER:
        setting.unknown_keys.clear()
        setting.complete = False
    else:
        _unwrap(setting)
        for old in tool.renamed:
            setting.unknown_keys.pop(old, None)
        if getattr(setting.document, "program", "") in _COMMANDS:
            known = (key for key in top if key not in ("config", "accelerate_config"))
            add_foreign_keys(setting, path, known, "accelerate", most=_MAX_SLIPS)
    # Scripts after TRL's older example say `--model_name` (0.7.11, examples/scripts/sft.py).
    key = next((one for one in _MODEL_KEYS if one in top), _MODEL_KEYS[0])
    add_model(setting, path, top, key)
    setting.revision = get_text(top, "model_revision")
    setting.quantization = get_loaded_bits(top)
    return setting


def _sets_lora(top: Table) -> bool:
    """Without `use_peft` the switch may still stand on the command line."""
    return "lora_r" in top or "lora_target_modules" in top


def _unwrap(setting: Setting) -> None:
    targets = setting.fields.get("target_modules")
    if isinstance(targets, list) and len(targets) == 1 and not isinstance(targets[0], Unknown):
        set_field(setting, "target_modules", targets[0], (*setting.places["target_modules"], 0))


def write(request: WriteRequest) -> FileDraft:
    """A draft of the file: a list of one name is an expression, as TRL unwraps it."""
    from .core.file_draft import FileDraft

    draft = FileDraft(request, TOOL)
    target = draft.keys.get("lora_target_modules")
    if isinstance(target, (list, tuple)) and len(target) == 1:
        # TRL unwraps a list of one, and a lone name would be an expression for whole names.
        draft.keys["lora_target_modules"] = build_name_regex(str(target[0]))
    draft.top = {"model_name_or_path": request.model, "use_peft": True}
    if request.quantization:
        draft.top[f"load_in_{request.quantization}"] = True
    return draft


def build_name_regex(name: str) -> str:
    """An expression for whole names that matches what the name alone matches in a list."""
    return name if name == "all-linear" else rf"(.*\.)?{re.escape(name)}"
