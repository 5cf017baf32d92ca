"""`use_qalora` on a model that is not quantised with GPTQ.

## What
`use_qalora: true` while the base model is loaded without GPTQ: in full precision, or by
bitsandbytes in 4 or 8 bits.

## Why
PEFT reads the option in its GPTQ layers only. Everywhere else it is ignored without a word, and
plain LoRA is trained.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8, "use_qalora": true,
 "target_modules": ["q_proj", "v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Load a GPTQ checkpoint, or take `use_qalora` out.

## Source
PEFT 0.21.2 `tuners/lora/gptq.py` (the only reader of `use_qalora`), executed without GPTQ.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC109"
NAME = "qalora-without-gptq"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the loading is known and is not GPTQ."""
    if context.value("use_qalora") is not True:
        return
    method = context.setting.quantization
    if method is None and context.tree is not None and not context.tree.partial:
        method = quantization.find_quantization_method(context.tree) or "none"
    if method is None or method.startswith("gptq"):
        return
    how = "without quantisation" if method == "none" else f"with {method} quantisation"
    yield Hit(
        f"`use_qalora` acts on GPTQ layers only; this model is loaded {how}",
        context.place("use_qalora"),
        help="load a GPTQ checkpoint, or drop use_qalora",
        field="use_qalora",
    )
