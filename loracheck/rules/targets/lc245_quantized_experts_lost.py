"""A checkpoint with quantised experts, which transformers 5 fills with random numbers.

## What
A mixture of experts that is stored in AWQ or GPTQ, under a release of transformers that holds the
experts of this class as one parameter.

## Why
Loading goes through, and the model is broken: the quantiser puts its layers in the place of linear
layers alone, and the experts are none since transformers 5. Their stored numbers
(`experts.0.gate_proj.qweight`) are UNEXPECTED in the load report, the parameters (`gate_up_proj`,
`down_proj`) MISSING and newly initialised. An adapter that is trained on it learns to make up for
random experts, and one that is loaded on it answers nonsense.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-30B-A3B-GPTQ-Int4", device_map="auto")
config = LoraConfig(r=8, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-30B-A3B", device_map="auto")
config = LoraConfig(r=8, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
```

## Fix
Train on the checkpoint in 16 bits; it may be served on the quantised one, by an engine that reads
it. Or stay with transformers 4 for this checkpoint.

## Source
transformers 5.24.0 `integrations/awq.py` (`replace_with_awq_linear`: nn.Linear alone),
`quantizers/quantizer_gptq.py`, `conversion_mapping.py` (experts are joined from
`experts.*.gate_proj.weight`, which such a checkpoint does not have); optimum 2.3.0
`gptq/quantizer.py` (`convert_model`). Both loaders were run on a Qwen3MoeForCausalLM of two layers,
with stand-ins for GPTQModel's linear class: `python -m bench.oracle.quantised_experts`.
"""

from __future__ import annotations

from loracheck.config.release_values import parse_release_number
from loracheck.plan.injection.experts import find_conversion_type
from loracheck.plan.peft_tables import load_tables
from loracheck.rules.support.expert_banks import find_expert_banks
from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC245"
NAME = "quantized-experts-lost"
SEVERITY = "warning"

_METHODS = ("awq", "gptq")
_JOINED = frozenset({"mixtral", "qwen2_moe", "qwen3_moe"})
"""Types whose experts transformers 5 joins, for models that are known by their class's names."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a setting's model, a note for a saved adapter: another loader may serve it."""
    tree = context.tree
    method = quantization.find_quantization_method(tree) if tree is not None else None
    if tree is None or method not in _METHODS:
        return
    release = _get_release(context)
    if _is_older(release):
        return
    if dict(tree.extra).get(quantization.EXPERTS_KEPT) or not _are_joined(tree):
        return
    yield Hit(
        f"the experts of {context.setting.model} are stored in {method.upper()} one by one: "
        f"transformers {release or 5} joins them, does not find them, and fills them with random "
        "numbers",
        context.setting.model_place or context.setting.path,
        help="take the checkpoint in 16 bits",
        notes=("the load report calls them UNEXPECTED, and the joined parameters MISSING",),
        severity="note" if context.setting.form == "adapter_config" else "warning",
    )


def _get_release(context: RuleContext) -> str | None:
    """The release of transformers that judges; None for the newest."""
    if context.releases is not None:
        return context.releases.transformers.version
    return context.resolved.release.version if context.resolved.release is not None else None


def _is_older(release: str | None) -> bool:
    """Whether the release holds each expert's layers as linear ones."""
    return release is not None and parse_release_number(release) < (5, 0)


def _are_joined(tree: ModuleTree) -> bool:
    """Whether transformers joins what the checkpoint has as one layer for each expert."""
    if tree.partial:
        return tree.model_type in _JOINED
    joined = find_conversion_type(tree) in load_tables()["moe_fused"]
    return joined and bool(find_expert_banks(tree))
