"""A name in torchtune's `lora_attn_modules` that torchtune does not know.

## What
`lora_attn_modules` takes `q_proj`, `k_proj`, `v_proj` and `output_proj`. The names of transformers
(`o_proj`), of the MLP, or slips are none of them.

## Why
torchtune compares the names one by one and raises nothing for the others: the layer stays without
LoRA. Without the key, or with an empty list, the builder stops. Seen in https://github.com/meta-pytorch/torchtune/issues/1486.

## Bad
```yaml
model:
  _component_: torchtune.models.llama3_1.lora_llama3_1_8b
  lora_attn_modules: ['q_proj', 'v_proj', 'o_proj']
  lora_rank: 8
  lora_alpha: 16
```

## Good
```yaml
model:
  _component_: torchtune.models.llama3_1.lora_llama3_1_8b
  lora_attn_modules: ['q_proj', 'v_proj', 'output_proj']
  apply_lora_to_mlp: True
  lora_rank: 8
  lora_alpha: 16
```

## Fix
Write torchtune's name; LoRA on the MLP is `apply_lora_to_mlp: True`, on the output head
`apply_lora_to_output: True`.

## Source
torchtune 0.7 `torchtune/models/llama3/_component_builders.py` (lora_llama3_self_attention),
`torchtune/modules/peft/_utils.py` (LORA_ATTN_MODULES).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.rules.context import RuleContext

CODE = "LC708"
NAME = "torchtune-modules"
SEVERITY = "error"
KEY = "lora_attn_modules"
KNOWN = ("q_proj", "k_proj", "v_proj", "output_proj")
ELSEWHERE = {
    **dict.fromkeys(("o_proj", "out_proj", "wo"), "the attention's output is `output_proj` here"),
    **dict.fromkeys(
        ("gate_proj", "up_proj", "down_proj", "w1", "w2", "w3", "mlp"),
        "the MLP is adapted by apply_lora_to_mlp: True",
    ),
    **dict.fromkeys(
        ("lm_head", "output"), "the output head is adapted by apply_lora_to_output: True"
    ),
}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each name that is no module of torchtune's attention."""
    setting = context.setting
    if NAME not in setting.traps:
        return
    modules = setting.mapping.get(KEY)
    whole = setting.options is None and KEY not in setting.mapping
    if whole and KEY not in setting.suggestions.values():
        yield Hit(
            f"without `{KEY}` torchtune's builder raises TypeError",
            (*setting.path, "_component_"),
            help=f"write {KEY}: [q_proj, v_proj], or more of {', '.join(KNOWN)}",
            field=KEY,
        )
    if modules is not None and not _has_known_module(modules):
        outcome = "torchtune raises ValueError" if not modules else "torchtune says nothing"
        yield Hit(
            f"`{KEY}` names none of the attention's modules; {outcome}",
            (*setting.path, KEY),
            help=f"it takes {', '.join(KNOWN)}",
            field="target_modules",
        )
        return
    for number, name in enumerate(modules if isinstance(modules, list) else ()):
        if isinstance(name, str) and name not in KNOWN:
            yield Hit(
                f"torchtune knows no `{name}` among the attention's modules, and passes over it",
                (*setting.path, KEY, number),
                help=_build_help(name),
                field="target_modules",
            )


def _has_known_module(modules: Value) -> bool:
    """Whether there is something to build. torchtune asks `"q_proj" in lora_attn_modules`, of a
    string as of a list; what stands in a list is told one by one.
    """
    if isinstance(modules, str):
        return any(name in modules for name in KNOWN)
    return not isinstance(modules, list) or bool(modules)


def _build_help(name: str) -> str:
    if name in ELSEWHERE:
        return ELSEWHERE[name]
    from difflib import get_close_matches

    near = get_close_matches(name, KNOWN, 1, 0.6)
    return f"did you mean `{near[0]}`?" if near else f"it takes {', '.join(KNOWN)}"
