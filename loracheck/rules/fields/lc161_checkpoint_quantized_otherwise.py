"""A checkpoint that is quantised already is loaded in a way that cannot be trained.

## What
A model is loaded with a quantisation config of another method than its checkpoint has
(`BitsAndBytesConfig` for `openai/gpt-oss-20b`, which is MXFP4); or an MXFP4 checkpoint is loaded as
it is and then trained; or an FP8 checkpoint (`deepseek-ai/DeepSeek-V3`, `Qwen/Qwen3-8B-FP8`), under
a transformers older than 5.22.

## Why
Loading raises ValueError where the methods differ (transformers 4.56.0 `quantizers/auto.py`, and
newer). An MXFP4 checkpoint stays packed where Triton and the `kernels` package are installed:
transformers then refuses to train it ("that quantization method do not support training"), and its
experts have none of the parameters that `target_parameters` names; on other machines the same
script runs, on weights that are turned into 16 bits. Before 5.22 the Trainer refuses an FP8
checkpoint in the same words, with an adapter of `get_peft_model` on it as well. Seen in
huggingface/transformers issue 39969, huggingface/gpt-oss-recipes issue 21,
huggingface/transformers issue 46736 and MiniMax-AI/MiniMax-M2 issue 48.

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
model = AutoModelForCausalLM.from_pretrained("openai/gpt-oss-20b", quantization_config=bits)
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM, Mxfp4Config
wide = Mxfp4Config(dequantize=True)
model = AutoModelForCausalLM.from_pretrained("openai/gpt-oss-20b", quantization_config=wide)
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
```

## Fix
`quantization_config=Mxfp4Config(dequantize=True)` loads an MXFP4 checkpoint in 16 bits. For 4 bits
of bitsandbytes take a copy of the checkpoint that is stored in 16 bits.

## Source
transformers 5.24.0 `quantizers/auto.py` (`merge_quantization_configs`),
`quantizers/quantizer_mxfp4.py` (`is_trainable`, `validate_environment`), `trainer_utils.py`
(`validate_quantization_for_training`); `quantizers/quantizer_finegrained_fp8.py` (`is_trainable`)
of 4.57.6, 5.10.0, 5.21.0, where it is False, and 5.22.0 to 5.24.0, where it is True.
"""

from __future__ import annotations

import re

from loracheck.rules.support.script_calls import (
    find_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_model_load,
    is_trainer,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC161"
NAME = "checkpoint-quantized-otherwise"
SEVERITY = "error"

_CONFIGS = {
    "mxfp4": "Mxfp4Config",
    "fp8": "FineGrainedFP8Config",
    "gptq": "GPTQConfig",
    "bitsandbytes": "BitsAndBytesConfig",
    "bitsandbytes-4bit": "BitsAndBytesConfig",
    "bitsandbytes-8bit": "BitsAndBytesConfig",
    "compressed-tensors": "CompressedTensorsConfig",
}
"""Method of a checkpoint -> its config's class (transformers 5.24.0 `quantizers/auto.py`)."""

_OTHERS = frozenset(
    {
        *_CONFIGS.values(),
        *("HqqConfig", "EetqConfig", "QuantoConfig", "TorchAoConfig", "AqlmConfig", "HiggsConfig"),
    }
)
_WIDE = "load it with quantization_config=Mxfp4Config(dequantize=True)"

_REFUSES_SINCE = (4, 56)

_TRAINS_FP8_SINCE = (5, 22)
_READS_FP8_SINCE = (4, 49)
_UNPACKS_FP8_SINCE = (5, 0)
"""The first minor releases of transformers whose Trainer takes an FP8 checkpoint, that load one at
all, and that turn one into 16 bits where it is asked for or the GPU cannot compute in FP8.
"""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the load of the setting's checkpoint; the first setting of the file speaks."""
    tree = context.tree
    method = quantization.find_quantization_method(tree) if tree is not None else None
    if method == "mxfp4" and context.setting.form == "adapter_config":
        yield from _check_adapter(context)
    script = read_calls(context.document, "from_pretrained") if context.first and method else None
    if script is None or method is None:
        return
    for use in script.uses:
        name = use.arguments.get(0, use.arguments.get("pretrained_model_name_or_path"))
        model = name.value if name is not None and is_model_load(use) and not use.fails else None
        if isinstance(model, str) and model == context.setting.model:
            yield from _check_load(context, script, use, method)


def _check_adapter(context: RuleContext) -> Iterator[Hit]:
    """A hit for an adapter on parameters that the checkpoint has only once it is unpacked."""
    if context.plan is not None and context.value("target_parameters"):
        reached = [one for one in context.plan.wrapped if one.field == "target_parameters"]
        if any("experts" in str(one.group.template).split(".") for one in reached):
            yield Hit(
                f"{context.setting.model} is stored in MXFP4: where it stays packed its experts "
                "have no such parameters, and this part of the adapter is passed over",
                context.place("target_parameters"),
                help=_WIDE,
                field="target_parameters",
                severity="note",
            )


def _check_load(context: RuleContext, script: Script, load: Use, method: str) -> Iterator[Hit]:
    config = load.arguments.get("quantization_config")
    constructor_call = find_source_call(script, config)
    own = _CONFIGS.get(method)
    model = context.setting.model
    if (
        constructor_call is not None
        and own is not None
        and constructor_call.last in _OTHERS - {own}
    ):
        if _get_release_number(context) >= _REFUSES_SINCE:
            yield Hit(
                f"{model} is quantised with {method}: "
                f"transformers refuses a {constructor_call.last} for it",
                get_call_span(context.document, load),
                help="load it with Mxfp4Config(dequantize=True), or take a copy of it in 16 bits"
                if method == "mxfp4"
                else "leave quantization_config out, or take a copy of the checkpoint in 16 bits",
                spans=((get_call_span(context.document, constructor_call), "this config"),),
            )
        return
    if method == "fp8" and config is None:
        yield from _check_fp8(context, script, load)
    trained = method == "mxfp4" and any(is_trainer(use) for use in script.uses)
    if trained and load.complete and _stays_packed(config is not None, constructor_call):
        yield Hit(
            f"{model} stays in MXFP4 where Triton and kernels are installed: transformers refuses "
            "to train it, and its experts have no parameters for LoRA",
            get_call_span(context.document, load),
            help=_WIDE,
            severity="warning",
        )


def _check_fp8(context: RuleContext, script: Script, load: Use) -> Iterator[Hit]:
    """A hit for a trainer of transformers that does not take an FP8 checkpoint."""
    releases = context.releases
    if releases is None or not releases.transformers.certain or not load.complete:
        return
    version = releases.transformers.version
    if not _READS_FP8_SINCE <= _parse(version) < _TRAINS_FP8_SINCE:
        return
    unpacks = _parse(version) >= _UNPACKS_FP8_SINCE
    for use in script.uses:
        trains = is_trainer(use) and use.name.partition(".")[0] in ("transformers", "trl")
        if trains and not use.fails and find_load(script, get_model_argument(use)) is load:
            yield Hit(
                f"{context.setting.model} is stored in FP8, and stays so on a GPU that computes in "
                f"it: the Trainer of transformers {version} does not train it, with an adapter on "
                "it neither: ValueError",
                get_call_span(context.document, use),
                help="load it with quantization_config=FineGrainedFP8Config(dequantize=True), or "
                "use transformers 5.22 or newer"
                if unpacks
                else "take a copy of the checkpoint in 16 bits, or transformers 5.22 or newer",
                severity="warning" if unpacks else None,
                notes=(f"transformers is {releases.transformers.reason}",),
                spans=((get_call_span(context.document, load), "loaded here"),),
            )


def _stays_packed(has_config: bool, constructor_call: Use | None) -> bool:
    """Whether an MXFP4 checkpoint is loaded without `dequantize`, for certain."""
    if not has_config:
        return True
    if (
        constructor_call is None
        or constructor_call.last != "Mxfp4Config"
        or not constructor_call.complete
    ):
        return False
    word = constructor_call.arguments.get("dequantize")
    return word is None or word.value is False


def _get_release_number(context: RuleContext) -> tuple[int, ...]:
    """The release of transformers that judges, (0,) where none is known."""
    choice = context.resolved.release
    return _parse(choice.version) if choice is not None else (0,)


def _parse(version: str) -> tuple[int, ...]:
    """Major and minor of a version; (0,) for what is none."""
    match = re.match(r"(\d+)(?:\.(\d+))?", version)
    return tuple(int(part) for part in match.groups() if part) if match else (0,)
