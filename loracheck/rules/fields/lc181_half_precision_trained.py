"""Weights in 16 bits that are trained under `fp16=True`.

## What
A model that is loaded in float16, training arguments with `fp16=True` or a loop of one's own under
`Accelerator(mixed_precision="fp16")`, and an adapter some of whose trained weights stay in float16:
`modules_to_save` (also the head that a classification task saves), `autocast_adapter_dtype=False`,
`add_adapter` of transformers or diffusers, or `.half()` behind `get_peft_model`.

## Why
`fp16=True` scales the loss, and torch's GradScaler takes gradients of float32 weights only: the
first step stops with ValueError, "Attempting to unscale FP16 gradients". PEFT makes LoRA's own
weights float32 for this reason, and copies the modules of `modules_to_save` as they are.
Seen in huggingface/peft issue 341, huggingface/peft issue 1249, huggingface/transformers
issue 30559 and huggingface/diffusers issue 6442.

## Bad
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("huggyllama/llama-7b", dtype=torch.float16)
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM",
                    modules_to_save=["embed_tokens", "lm_head"])
model = get_peft_model(model, config)
trainer = Trainer(model, TrainingArguments("out", fp16=True), train_dataset=None)
trainer.train()
```

## Good
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, Trainer, TrainingArguments
model = AutoModelForCausalLM.from_pretrained("huggyllama/llama-7b", dtype=torch.float32)
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM",
                    modules_to_save=["embed_tokens", "lm_head"])
model = get_peft_model(model, config)
trainer = Trainer(model, TrainingArguments("out", fp16=True), train_dataset=None)
trainer.train()
```

## Fix
Load the model in float32 (`fp16=True` computes in 16 bits all the same), or in bfloat16 with
`bf16=True`; or make what is trained float32 before the trainer gets it:
`for p in model.parameters(): if p.requires_grad: p.data = p.data.float()`; diffusers has
`cast_training_params(model)` for that.

## Source
torch 2.13.0 `amp/grad_scaler.py` (`_unscale_grads_`), PEFT 0.21.2 `tuners/tuners_utils.py`
(`cast_adapter_dtype`: names of LoRA's weights only), `mapping.py` (`inject_adapter_in_model` casts
nothing), accelerate 1.15.0 `accelerator.py` (`unscale_gradients`, by `clip_grad_norm_` and by each
step of a prepared optimiser). Executed on a tiny Llama with each of the four, and on a tiny UNet.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import HANDS_BACK, KEEPS_OWNER
from loracheck.documents.python.training_calls import makes_training_arguments
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_adapters import find_config_call, get_literal, has_argument
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_library_load,
    is_trainer,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC181"
NAME = "half-precision-trained"
SEVERITY = "error"

_CASTS = compile_when_used(
    r"\.float\(\)|torch\.float32\)|cast_\w+\(|upcast|\bparam\.data|\bp\.data"
    r"|prepare_model_for_\w+\(|\.to\(\s*dtype"
)
"""Words of a file that may make the trained weights float32 in another way."""

_ACCELERATOR = "accelerate.Accelerator"
_HALF = frozenset({"torch.float16", "torch.half"})
_SAVES_HEAD = frozenset({"SEQ_CLS", "TOKEN_CLS"})
"""Tasks whose wrapper saves a head in full without being told (PEFT 0.21.2 peft_model.py)."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such trainer; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "fp16", "float16") if context.first else None
    if script is None or _CASTS.search(document.source):
        return
    for number, use in enumerate(script.uses):
        if use.fails or not (is_trainer(use) or use.name == _ACCELERATOR):
            continue
        reason = (
            _find_reason_of_trainer(script, use)
            if is_trainer(use)
            else _find_reason_of_loop(script, number)
        )
        if reason is not None:
            yield _build_hit(document, use, *reason)


def _build_hit(document: Document, use: Use, what: str, load: Use) -> Hit:
    by_accelerator = use.name == _ACCELERATOR
    option = 'mixed_precision="fp16"' if by_accelerator else "fp16=True"
    other = 'mixed_precision="bf16"' if by_accelerator else "bf16=True"
    return Hit(
        f"{what} in float16, and {option} scales its gradients: ValueError, Attempting to "
        "unscale FP16 gradients",
        get_call_span(document, use),
        help=f"load the model in float32, or in bfloat16 and train with {other}",
        spans=((get_call_span(document, load), "loaded in float16 here"),),
    )


def _scales(script: Script, trainer: Use) -> bool:
    """Whether the arguments of a trainer turn fp16 on for certain."""
    call = find_source_call(script, trainer.arguments.get("args", trainer.arguments.get(1)))
    return (
        call is not None
        and makes_training_arguments(call.name)
        and call.complete
        and get_literal(call, "fp16") is True
    )


def _find_reason_of_trainer(script: Script, trainer: Use) -> tuple[str, Use] | None:
    """What a trainer trains in float16, and the call that loads the model so."""
    if not _scales(script, trainer):
        return None
    saved = _find_saved(find_config_call(script, trainer, "peft_config"))
    return _find_reason(script, get_model_argument(trainer), saved)


def _find_reason_of_loop(script: Script, number: int) -> tuple[str, Use] | None:
    """The same of a loop under the Accelerator of call `number`, whose gradients it unscales."""
    if get_literal(script.uses[number], "mixed_precision") != "fp16":
        return None
    methods = script.methods.get(number, ())
    prepares = [use for use in methods if use.last == "prepare"]
    clips = any(use.last in ("clip_grad_norm_", "clip_grad_value_") for use in methods)
    if not clips and not any(
        use.last == "step" for one in prepares for use in script.methods.get(one.number, ())
    ):
        return None
    given = (operand for use in prepares for operand in use.arguments.values())
    reasons = (_find_reason(script, operand, "") for operand in given)
    return next((reason for reason in reasons if reason is not None), None)


def _find_reason(script: Script, operand: Operand | None, what: str) -> tuple[str, Use] | None:
    """What of a model is trained in float16, and the call that loads it so."""
    halved = ""
    for _ in range(MAX_CHAIN):
        use = find_source_call(script, operand)
        if use is None:
            return None
        if is_library_load(use):
            what = what or _find_injected(script, use)
            return (what, use) if what and _is_half(use) else None
        if makes_adapter(use) and use.last == "get_peft_model":
            what = what or halved or _find_kept(script, use)
        halved = "LoRA is" if use.last == "half" and not what else halved
        operand = (
            use.owner
            if use.last in KEEPS_OWNER
            else get_model_argument(use)
            if use.last in HANDS_BACK or makes_adapter(use)
            else None
        )
    return None


def _find_kept(script: Script, use: Use) -> str:
    """What of the adapter that `get_peft_model` puts on keeps the model's type."""
    if get_literal(use, "autocast_adapter_dtype", 4) is False:
        return "autocast_adapter_dtype=False leaves LoRA"
    return _find_saved(find_config_call(script, use))


def _find_saved(config: Use | None) -> str:
    """The modules that a config trains in full, as a message begins; "" where it has none."""
    if config is None:
        return ""
    saved = get_literal(config, "modules_to_save")
    if isinstance(saved, list) and saved:
        return f"`{saved[0]}` of modules_to_save is trained"
    given = config.arguments.get("task_type", config.arguments.get(0))
    task = (given.path.rpartition(".")[2] or given.value) if given is not None else None
    return f"the head that {task} saves is trained" if task in _SAVES_HEAD else ""


def _find_injected(script: Script, load: Use) -> str:
    """Whether `add_adapter` of a library puts LoRA into the model that a call loads."""
    for use in script.methods.get(load.number, ()):
        if use.last == "add_adapter" and has_argument(use, 0):
            return f"add_adapter of {load.name.partition('.')[0]} leaves LoRA"
    return ""


def _is_half(load: Use) -> bool:
    """Whether a call loads its model in float16 for certain, and not in few bits."""
    given: Operand | None = load.arguments.get("dtype", load.arguments.get("torch_dtype"))
    bits = any(key in load.arguments for key in ("quantization_config", "load_in_4bit"))
    half = given is not None and (given.path in _HALF or given.value == "float16")
    return half and not bits
