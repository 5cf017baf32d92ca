"""What axolotl refuses, or loses, among its own adapter keys.

## What
`adapter: qlora` without `load_in_4bit: true`, or with 8 bits; `lora_target_parameters` with a
dropout; new `tokens` without both embeddings in `lora_modules_to_save`; a regular expression beside
`lora_target_linear: true`; `lora_exclude_modules`.

## Why
The first three stop the run in axolotl's own checks. The others pass without a word: the expression
becomes one entry of a list, where PEFT takes it for a name that no module has, and
`lora_exclude_modules` is not in the schema, so that it never reaches PEFT.

## Bad
```yaml
base_model: Qwen/Qwen2.5-7B
adapter: qlora
lora_r: 16
lora_alpha: 32
lora_target_linear: true
```

## Good
```yaml
base_model: Qwen/Qwen2.5-7B
adapter: qlora
load_in_4bit: true
lora_r: 16
lora_alpha: 32
lora_target_linear: true
```

## Fix
Set `load_in_4bit: true` for qlora; set the dropout to 0; save both embeddings with new tokens; keep
one of the two ways to choose targets.

## Source
axolotl main of August 2026, `src/axolotl/utils/schemas/peft.py` (`validate_qlora`,
`validate_lora_target_parameters_dropout`), `src/axolotl/loaders/adapter.py`
(`_build_peft_lora_config`), `src/axolotl/utils/config` (`check_model_config`). Seen in
axolotl-ai-cloud/axolotl pull requests 787 and 1659.
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Path
    from loracheck.documents.values import Table, Value
    from loracheck.rules.context import RuleContext

CODE = "LC705"
NAME = "axolotl-adapter"
SEVERITY = "error"

_NAME = r"[\w.-]+"

ENDS = {"gpt_neox": ("embed_in", "embed_out"), "falcon": ("word_embeddings", "lm_head")}
"""axolotl's `get_linear_embedding_layers`: the ends that have other names than Llama's."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each of the five mistakes that the page names."""
    setting = context.setting
    if NAME not in setting.traps:
        return
    top, path = setting.mapping, setting.path
    switch_misspelt = "load_in_4bit" in setting.suggestions.values()
    if top.get("adapter") == "qlora" and not top.get("merge_lora") and not switch_misspelt:
        yield from _check_qlora(top, path)
    yield from _check_new_tokens(context)
    targets, linear = top.get("lora_target_modules"), top.get("lora_target_linear")
    if linear is True or isinstance(linear, Unknown):
        yield from _check_names_beside_linear(targets, (*path, "lora_target_modules"))
    dropout = top.get("lora_dropout")
    if top.get("lora_target_parameters") and isinstance(dropout, float) and dropout:
        yield Hit(
            "axolotl refuses a dropout beside `lora_target_parameters`",
            (*path, "lora_dropout"),
            help="set lora_dropout to 0",
            field="lora_dropout",
        )
    if top.get("lora_exclude_modules"):
        yield Hit(
            "`lora_exclude_modules` is not in axolotl's schema and never reaches PEFT",
            (*path, "lora_exclude_modules"),
            help="choose the modules by an expression in lora_target_modules",
            field="lora_exclude_modules",
            key=True,
        )


def _check_names_beside_linear(targets: Value, place: Path) -> Iterator[Hit]:
    """Hits for expressions and keywords among the names that are added to all linear layers."""
    rows = targets if isinstance(targets, list) else [targets]
    for number, entry in enumerate(rows):
        if isinstance(entry, str) and (not re.fullmatch(_NAME, entry) or entry == "all-linear"):
            yield Hit(
                f"beside `lora_target_linear: true` `{entry}` is one name in a list, which no "
                "module has; every linear layer is adapted",
                (*place, number) if isinstance(targets, list) else place,
                help="remove one of the two",
                field="lora_target_modules",
                severity="warning",
            )


def _check_new_tokens(context: RuleContext) -> Iterator[Hit]:
    """The hit for new tokens whose rows no adapter trains (axolotl's `check_model_config`)."""
    top, path = context.setting.mapping, context.setting.path
    saved, tokens = top.get("lora_modules_to_save"), top.get("tokens")
    unknown = any(isinstance(value, Unknown) for value in (saved, tokens))
    if not tokens or not top.get("adapter") or unknown:
        return
    kind = context.tree.model_type if context.tree is not None else None
    ends = ENDS.get(kind or "", ("embed_tokens", "lm_head"))
    missing = [name for name in ends if not isinstance(saved, list) or name not in saved]
    if missing:
        names = " and ".join(f"`{name}`" for name in ends)
        yield Hit(
            f"axolotl refuses new `tokens` with an adapter unless lora_modules_to_save has {names}",
            (*path, "tokens"),
            help=f"add {', '.join(missing)} to lora_modules_to_save",
            field="lora_modules_to_save",
        )


def _check_qlora(top: Table, path: Any) -> Iterator[Hit]:
    for key, how, keep in (("load_in_8bit", "in 8 bits", "8 bits"), ("gptq", "from GPTQ", "GPTQ")):
        if top.get(key) is True:
            yield Hit(
                f"axolotl refuses `adapter: qlora` with a model loaded {how}",
                (*path, key),
                help=f"for 4 bits set load_in_4bit: true and take {key} out; to stay with {keep} "
                "use adapter: lora",
                field=key,
            )
            return
    four = top.get("load_in_4bit")
    if not isinstance(four, Unknown) and four in (None, False):
        yield Hit(
            "axolotl refuses `adapter: qlora` without `load_in_4bit: true`",
            (*path, "load_in_4bit" if "load_in_4bit" in top else "adapter"),
            help="set load_in_4bit: true, or use adapter: lora",
            field="adapter",
        )
