"""LoRA on experts whose numbers stay in 8 bits, where its update is rounded away.

## What
`target_parameters` on the experts of a checkpoint that is stored in FP8 (`quant_method` "fp8"), in
a file that does not load it with `dequantize=True`.

## Why
On a GPU that computes in FP8 (capability 8.9 or newer, as H100 and RTX 4090) the experts keep
their parameters in FP8: numbers up to 448, with a scale beside each block. PEFT adds LoRA's update
to these numbers, not to the weights that they stand for, and rounds the sum to FP8 again. An
update of the usual size is below half a step there: of a small bank of experts, trained in 32
bits, LoRA changed one of 10,000 numbers after 30 steps and ten after 100. The run ends without a
word, and the experts are as they were. On other machines the same checkpoint is turned into 16
bits while it is loaded, and the same adapter acts.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-30B-A3B-FP8", device_map="cuda")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM",
                    target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"])
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, FineGrainedFP8Config
wide = FineGrainedFP8Config(dequantize=True)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen3-30B-A3B-FP8", quantization_config=wide)
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM",
                    target_parameters=["mlp.experts.gate_up_proj", "mlp.experts.down_proj"])
```

## Fix
Load it with `quantization_config=FineGrainedFP8Config(dequantize=True)`, or take the checkpoint in
16 bits; or leave target_parameters out: LoRA on attention is not concerned.

## Source
PEFT 0.21.2 `tuners/lora/layer.py` (`_LoraParameterProxy._low_prec_add`), executed on a bank in
float8_e4m3fn (`python -m bench.merging`); transformers 5.24.0 `integrations/finegrained_fp8.py`
(`FP8Experts`, `replace_with_fp8_linear`), `quantizers/quantizer_finegrained_fp8.py`
(`validate_environment`).
"""

from __future__ import annotations

from loracheck.plan.config.releases import parse_release
from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC236"
NAME = "experts-rounded-away"
SEVERITY = "warning"

_SINCE = (0, 20)
"""PEFT release from which an update is added to FP8 at all."""

_PACKED = ("deepseek_v4",)
"""Model types whose FP8 checkpoints have experts in 4 bits."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the field, a note for a saved adapter."""
    tree, plan = context.tree, context.plan
    if tree is None or plan is None or not context.value("target_parameters"):
        return
    if quantization.find_quantization_method(tree) != "fp8" or tree.model_type in _PACKED:
        return
    # Which load, or which key of a tool, unpacks the checkpoint: any word of it is believed.
    if "dequantize" in context.document.source or parse_release(context.peft) < _SINCE:
        return
    reached = [one for one in plan.wrapped if one.field == "target_parameters"]
    if any("experts" in str(one.group.template).split(".") for one in reached):
        saved = context.setting.form == "adapter_config"
        yield Hit(
            f"{context.setting.model} is stored in FP8: where its experts stay so, PEFT rounds "
            "LoRA's update of them away",
            context.place("target_parameters"),
            help="load it with quantization_config=FineGrainedFP8Config(dequantize=True)",
            field="target_parameters",
            notes=("experts stay in FP8 on GPUs of capability 8.9 or newer",),
            severity="note" if saved else "warning",
        )
