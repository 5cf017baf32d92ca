"""A quantised model whose weights FSDP cannot join with the others.

## What
A model in 4 bits without `bnb_4bit_quant_storage`, with one that is no type of floating numbers, or
with another one than the `dtype` that it is loaded in; or a model in 8 bits: in a script that a
command beside it starts under FSDP, by accelerate's configuration.

## Why
FSDP makes one flat tensor of the weights of each layer. bitsandbytes keeps 4 bits in bytes
(`torch.uint8`) where nothing else is said, and 8 bits in `torch.int8`: the run stops with
ValueError, "Cannot flatten integer dtype tensors"; with two types of floating numbers with "Must
flatten tensors with uniform dtype". Seen in huggingface/peft issue 1432, huggingface/trl issue 1723
and bitsandbytes-foundation/bitsandbytes issue 1092.

## Bad
```python
import torch
from accelerate import FullyShardedDataParallelPlugin, Accelerator
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
accelerator = Accelerator(fsdp_plugin=FullyShardedDataParallelPlugin(fsdp_version=1))
bits = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.bfloat16)
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model = accelerator.prepare(model)
```

## Good
```python
import torch
from accelerate import FullyShardedDataParallelPlugin, Accelerator
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
accelerator = Accelerator(fsdp_plugin=FullyShardedDataParallelPlugin(fsdp_version=1))
bits = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_compute_dtype=torch.bfloat16,
    bnb_4bit_quant_storage=torch.bfloat16,
)
model = AutoModelForCausalLM.from_pretrained(
    "Qwen/Qwen2.5-7B", quantization_config=bits, dtype=torch.bfloat16
)
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model = accelerator.prepare(model)
```

## Fix
Write `bnb_4bit_quant_storage=torch.bfloat16` and load the model in `dtype=torch.bfloat16`; train a
model in 8 bits without FSDP.

## Source
torch 2.13.0 `distributed/fsdp/_flat_param.py` (`_validate_tensors_to_flatten`); transformers 5.24.0
`utils/quantization_config.py` (`BitsAndBytesConfig`: `bnb_4bit_quant_storage` is `torch.uint8`
without a value); accelerate 1.15.0 `utils/dataclasses.py` (`fsdp_version`); the guide to FSDP in
PEFT's documentation.
"""

from __future__ import annotations

from loracheck.rules.support.launches import find_launch
from loracheck.rules.support.script_calls import (
    find_bits_option,
    find_load,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_model_load,
    is_trainer,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC144"
NAME = "quantized-under-fsdp"
SEVERITY = "error"

_STORAGE = "bnb_4bit_quant_storage"
_FLOATS = frozenset({"bfloat16", "float16", "float32", "half", "float"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every quantised model of a file that FSDP is given."""
    script = read_calls(document, "load_in_", "eft")
    if script is None:
        return
    loads = [use for use in script.uses if is_model_load(use) and not use.fails]
    problems = [(use, _find_problem(script, use)) for use in loads]
    said = _find_reason(document, script) if any(problem for _, problem in problems) else ""
    for load, problem in problems if said else ():
        if problem is not None and _is_trained(script, load):
            yield Hit(f"{said}: {problem[0]}", get_call_span(document, load), help=problem[1])


def _find_reason(document: Document, script: Script) -> str:
    """What says that FSDP flattens the weights; "" where nothing does for certain."""
    plugins = script.by_name.get("FullyShardedDataParallelPlugin", ())
    versions = [use.arguments.get("fsdp_version") for use in plugins]
    if versions and all(one is not None and one.value == 1 for one in versions):
        return "FSDP makes one tensor of a layer's weights"
    launch = find_launch(document) if document.format == "python" and not plugins else None
    if launch is None or not launch.flattens:
        return ""
    return (
        f"{launch.file} starts the script under FSDP, which makes one tensor of a layer's weights"
    )


def _find_problem(script: Script, load: Use) -> tuple[str, str] | None:
    """What FSDP refuses in a quantised load, and its mend; None where nothing is for certain."""
    option = find_bits_option(script, load)
    if option is None:
        return None
    if option == "load_in_8bit":
        return (
            "8 bits are kept in whole numbers, and it takes none: ValueError",
            f"load the model in 4 bits with {_STORAGE}=torch.bfloat16, or train it without FSDP",
        )
    config = find_source_call(script, load.arguments.get("quantization_config"))
    config = load if option in load.arguments else config
    if config is None or not config.complete:
        return None
    storage = config.arguments.get(_STORAGE)
    kept = _read_type(storage.path, storage.value) if storage is not None else "uint8"
    if kept and kept not in _FLOATS:
        return (
            f"4 bits are kept in {kept}, and it takes no whole numbers: ValueError",
            f"write {_STORAGE}=torch.bfloat16 in the BitsAndBytesConfig, and load the model with "
            "dtype=torch.bfloat16",
        )
    given = load.arguments.get("dtype", load.arguments.get("torch_dtype"))
    loaded = _read_type(given.path, given.value) if given is not None else ""
    if kept in _FLOATS and loaded in _FLOATS and kept != loaded:
        return (
            f"4 bits are kept in {kept}, and the other weights in {loaded}: ValueError",
            f"write {_STORAGE}=torch.{loaded}",
        )
    return None


def _read_type(path: str, value: object) -> str:
    """The name of a type of torch's; "" for anything else."""
    if path.startswith("torch."):
        return path.removeprefix("torch.")
    return value if isinstance(value, str) else ""


def _is_trained(script: Script, load: Use) -> bool:
    """Whether a trainer of transformers or TRL, or an Accelerator, is given the loaded model."""
    for use in script.uses:
        given = [get_model_argument(use)] if is_trainer(use) and not use.fails else []
        if use.last == "prepare" and not use.fails:
            given = list(use.arguments.values())
        if any(find_load(script, one) is load for one in given):
            return True
    return False
