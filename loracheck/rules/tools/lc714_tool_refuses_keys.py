"""Keys that the tool whose file this is does not take together.

## What
Two keys (or one key without another) that the tool's own checks refuse: `quantize_moe_experts` with
`lora_target_linear` in axolotl, `quantization_bit` with `finetuning_type: full` in LLaMA-Factory,
4 and 8 bits at once in TRL and Unsloth, `apply_lora_to_output` on a model with tied embeddings in
torchtune. A key that the tool passes over because of another one is a warning. Also
`llamafactory-cli train` with a file that has `export_dir` and nothing to train with, and
`llamafactory-cli chat` or `export` with the keys of a training; and keys that their files, or the
options of `swift export`, `infer` and `deploy`, do not have.

## Why
The tool looks at its keys before it makes a LoraConfig, often after it has fetched the model, and
stops with its own sentence, which the finding quotes. What it passes over in silence costs more:
`quant_bits: 4` without `quant_method` in ms-swift loads the model unquantised. Seen in
axolotl-ai-cloud/axolotl pull request 3461; the merge by `train` in hiyouga/LlamaFactory issue 6195.

## Bad
```yaml
base_model: Qwen/Qwen3-30B-A3B
adapter: qlora
load_in_4bit: true
quantize_moe_experts: true
lora_r: 16
lora_alpha: 32
lora_target_linear: true
```

## Good
```yaml
base_model: Qwen/Qwen3-30B-A3B
adapter: qlora
load_in_4bit: true
quantize_moe_experts: true
lora_r: 16
lora_alpha: 32
lora_target_modules: [q_proj, k_proj, v_proj, o_proj]
```

## Fix
The help of each finding says which key to change. The file does not tell which one was meant.

## Source
Each tool's own validators; the page of the tool lists what is known, with file and line of the
release that was read.
"""

from __future__ import annotations

from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.tools.core.refusal_lookup import find_conflicts_in, find_conflicts_without_setting
from loracheck.tools.core.registry import load_key_maps
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.refusal_conflicts import Conflict

CODE = "LC714"
NAME = "tool-refuses-keys"
SEVERITY = "error"

_COMMANDS = ("llamafactory-cli", "lmf", "export_model")

_VERBS = {
    "raises": "refuses",
    "drops": "passes over",
    "spoils": "runs with",
    "unread": "does not read",
    "tells": "takes",
}
_MILD = ("unread", "tells")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every refusal that holds for the setting's file, command or calls."""
    setting = context.setting
    if context.first:
        yield from _check_merges(context.document)
        if context.document.format == "shell":  # other commands of the script may set none up
            yield from _check_without_setting(context.document)
    for conflict in find_conflicts_in(setting):
        yield _build_hit(setting.tool_name, conflict, bool(setting.calls))
    for one in setting.behaviour.passed_over:
        name = setting.tool.title.partition(" (")[0] if setting.tool else setting.tool_name
        yield Hit(
            f"{name} passes over `{one.path[-1]}`: {one.effect}",
            one.path,
            help=one.help,
            field=str(one.path[-1]),
            notes=(f"{name}: {one.source}",),
            severity="warning",
        )


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every refusal that holds for a tool's file or command that sets no LoRA up: bits
    without an adapter, LoRA's keys beside another method.
    """
    yield from _check_without_setting(document)
    yield from _check_merges(document)
    if document.format in ("yaml", "json") and "adapter_name_or_path" in document.source:
        from loracheck.tools.llamafactory_inference import NAME as TOOL
        from loracheck.tools.llamafactory_inference import find_stopping_file_keys

        for conflict in find_stopping_file_keys(document):
            yield _build_hit(TOOL, conflict)


def _check_without_setting(document: Document) -> Iterator[Hit]:
    for name, conflict in find_conflicts_without_setting(document):
        yield _build_hit(name, conflict)


def _check_merges(document: Document) -> Iterator[Hit]:
    """One hit for every command that is to merge and trains, or that loads a model with the keys
    of a training.
    """
    if document.format == "shell" and "swift " in document.source:
        from loracheck.tools import ms_swift_export

        for conflict in ms_swift_export.find_refused_options(document):
            yield _build_hit(ms_swift_export.NAME, conflict)
    if document.format != "shell" or not any(word in document.source for word in _COMMANDS):
        return
    from loracheck.tools.llamafactory_inference import (
        NAME as TOOL,
    )
    from loracheck.tools.llamafactory_inference import (
        find_refused_files,
        find_refused_options,
    )
    from loracheck.tools.llamafactory_merge import find_merges_by_train

    for merge in find_merges_by_train(document):
        yield Hit(merge.says, merge.at, help=merge.help, notes=(merge.source,))
    for conflict in find_refused_options(document):
        yield _build_hit(TOOL, conflict)
    for refused in find_refused_files(document):
        hit = _build_hit(TOOL, refused.conflict)
        yield hit._replace(
            message=f"`llamafactory-cli {refused.run}` refuses {refused.name}: it has "
            f"`{refused.conflict.present[0][1]}`, which is a key of a training",
            at=refused.at,
            field=None,
            related=(),
        )


def _build_hit(tool: str, conflict: Conflict, python: bool = False) -> Hit:
    refusal = conflict.refusal
    first_tool = load_key_maps(tool)[0]
    name = (first_tool.library if python else None) or first_tool.title.partition(" (")[0]
    (first, text), *others = conflict.present
    together = f" with {quote_names([other for _, other in others])}" if others else ""
    if conflict.absent:
        lacking = [key for names in conflict.absent for key in names.split("|")]
        together += f" without {quote_names(lacking)}"
    goes_on = refusal.effect != "raises"
    says = refusal.message if goes_on else f'"{refusal.message}"'
    mild: Severity = "note" if refusal.effect in _MILD else "warning"
    return Hit(
        f"{name} {_VERBS[refusal.effect]} `{text}`{together}: {says}",
        first,
        help=refusal.help,
        field=str(first[-1]),
        notes=(f"{name}: {refusal.source}", *((refusal.note,) if refusal.note else ())),
        related=tuple((path, "with this") for path, _ in others),
        severity=mild if goes_on or refusal.note else None,
    )
