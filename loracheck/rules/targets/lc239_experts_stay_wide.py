"""The model is loaded in few bits, and its experts stay in 16.

## What
A mixture of experts that is loaded in 4 or 8 bits with bitsandbytes, whose experts are fused
parameters: they are no `nn.Linear`, so that they are not quantised.

## Why
The run needs many times the memory that "4 bits" lets one expect: Mixtral 8x7B takes 91 GB instead
of 26, and ends on the GPU that was rented for 26. Since transformers 5 the experts of most models
are fused.

## Bad
```yaml
base_model: mistralai/Mixtral-8x7B-v0.1
adapter: qlora
load_in_4bit: true
lora_r: 16
lora_alpha: 32
lora_target_modules: [q_proj, v_proj]
```

## Good
```yaml
base_model: mistralai/Mixtral-8x7B-v0.1
adapter: qlora
load_in_4bit: true
quantize_moe_experts: true
lora_r: 16
lora_alpha: 32
lora_target_modules: [q_proj, v_proj]
```

## Fix
Count with the memory of the experts in 16 bits, use a tool that quantises them itself, or a
checkpoint that is quantised with another method.

## Source
transformers 5.24.0 `integrations/bitsandbytes.py` (`replace_with_bnb_linear`: nn.Linear and Conv1D
alone).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC239"
NAME = "experts-stay-wide"
SEVERITY = "note"

BITS = {"4bit": "4 bits", "8bit": "8 bits"}
KEYS = ("load_in_4bit", "load_in_8bit", "quantization_bit", "quantization_config", "q_lora")
"""Keys that may say how the model is loaded; the finding points at the first that is there."""

SHARE = 0.5
"""Share of all parameters in fused experts from which it is worth knowing."""


def check(context: RuleContext) -> Iterator[Hit]:
    """A hit where most parameters are in experts that stay as they are."""
    setting, tree = context.setting, context.tree
    bits = BITS.get(setting.quantization or "")
    if bits is None or tree is None or tree.partial or setting.behaviour.quantizes_experts:
        return
    if quantization.find_quantization_method(tree) is not None:
        return
    experts, every = _count_parameters(tree)
    if experts < SHARE * every:
        return
    size = f"{2 * experts / 1e9:,.1f} GB"
    yield Hit(
        f"the experts of {tree.cls} stay in 16 bits ({size}), though the model is loaded in {bits}",
        _place(context),
        notes=("they are fused parameters, and bitsandbytes quantises linear layers alone",),
    )


def _count_parameters(tree: ModuleTree) -> tuple[int, int]:
    """Parameters in fused experts, and all."""
    experts = every = 0
    for group in group_modules(tree, Splitter()):
        for parameter in group.node.parameters:
            every += group.count * parameter.size
            if group.node.kind is None and len(parameter.shape) == 3:
                experts += group.count * parameter.size
    return experts, every


def _place(context: RuleContext) -> Path:
    """Where the file says how the model is loaded, else the setting."""
    setting = context.setting
    tops: list[Path] = [setting.path[:1]]
    if setting.model_place:
        tops.insert(0, setting.model_place[:1])
    for top in tops:
        root = context.document.roots[top[0]] if top and isinstance(top[0], int) else None
        key = next((k for k in KEYS if isinstance(root, dict) and root.get(k)), None)
        if key is not None:
            return (*top, key)
    return setting.path
