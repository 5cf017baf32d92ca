"""An adapter that is merged into a quantised model.

## What
`merge_and_unload()` on a base model that the script loads with a quantisation config, or whose
checkpoint is quantised, as its config or its id says (`Qwen/Qwen-VL-Chat-Int4`): with GPTQ, AWQ,
AQLM or EETQ in any case, with bitsandbytes or HQQ where the result is saved.

## Why
GPTQ, AWQ, AQLM and EETQ layers cannot be merged into: ValueError, NotImplementedError,
AttributeError. bitsandbytes and HQQ quantise the merged weights anew, so that the saved model is a
quantised one that does not answer as the adapter did: on a small model with a short training a
tenth to a fifth of what the adapter changes is lost in 4 bits, one to two hundredths in 8. HQQ
also drops the biases of the layers that are merged, as those of Qwen2's q_proj, k_proj and v_proj.
A checkpoint in FP8 raises RuntimeError where it stays in FP8; on a machine without such a GPU it
is turned into 16 bits, and merges. Seen in QwenLM/Qwen-VL issue 281.

## Bad
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, BitsAndBytesConfig
bits = BitsAndBytesConfig(load_in_4bit=True)
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", quantization_config=bits)
merged = PeftModel.from_pretrained(base, "out/adapter").merge_and_unload()
merged.save_pretrained("out/merged")
```

## Good
```python
from peft import PeftModel
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", dtype="bfloat16")
merged = PeftModel.from_pretrained(base, "out/adapter").merge_and_unload()
merged.save_pretrained("out/merged")
```

## Fix
Load the base model in 16 bits for the merge, also where the adapter was trained on 4 bits, and
quantise the merged model afterwards.

## Source
PEFT 0.21.2 `tuners/lora/model.py` (`_check_merge_allowed`), `tuners/lora/bnb.py`,
`tuners/lora/hqq.py`, `tuners/lora/eetq.py` (`merge`), `tuners/tuners_utils.py`
(`BaseTunerLayer.merge`, which awq.py and aqlm.py have); executed by `python -m bench.merging` with
bitsandbytes 0.50.2 and hqq 0.2.8, and on FP8Linear of transformers 5.24.0
`integrations/finegrained_fp8.py`; the others on stand-ins for their classes.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import HANDS_BACK, KEEPS_OWNER
from loracheck.rules.support.local_folders import read_local_adapter
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    SAVES,
    find_bits_option,
    find_source_call,
    find_trained_model,
    get_call_span,
    get_model_argument,
    is_model_load,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC169"
NAME = "merge-into-quantized"
SEVERITY = "error"

_METHODS = {
    "GPTQConfig": "gptq",
    "AwqConfig": "awq",
    "AqlmConfig": "aqlm",
    "EetqConfig": "eetq",
    "HqqConfig": "hqq",
}
"""Class of a quantisation config -> method."""

_BITS = {"load_in_4bit": "bitsandbytes-4bit", "load_in_8bit": "bitsandbytes-8bit"}
_LOADS_ITSELF = "AutoPeftModel"
_HELP = "load the base model in 16 bits for the merge, and quantise the merged model afterwards"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every merge; the first setting of the file speaks."""
    if context.first:
        tree = context.tree
        stored_method = quantization.find_quantization_method(tree) if tree is not None else None
        model = context.setting.model
        checkpoints = (
            {model: stored_method} if stored_method is not None and isinstance(model, str) else {}
        )
        yield from _check_script(context.document, checkpoints)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every merge of a file that sets no LoRA up."""
    yield from _check_script(document, {})


def _check_script(document: Document, checkpoints: dict[str, str]) -> Iterator[Hit]:
    script = read_calls(document, "merge_and_unload(", "from_pretrained")
    for number, use in enumerate(script.uses if script is not None else ()):
        if use.last != "merge_and_unload" or use.fails or script is None:
            continue
        load = _find_load(script, use.owner)
        method = _find_method(document, script, load, checkpoints) if load is not None else None
        known_method = quantization.find_method(method) if method is not None else None
        if load is None or method is None or known_method is None:
            continue
        verdict = _judge_merge(known_method.merging, method, load, saved=_is_saved(script, number))
        if verdict is not None:
            message, help, severity = verdict
            spans = ((get_call_span(document, load), "loaded here"),)
            at = get_call_span(document, use)
            yield Hit(message, at, help=help, spans=spans, severity=severity)


def _judge_merge(
    merging: str | None, method: str, load: Use, *, saved: bool
) -> tuple[str, str, Severity | None] | None:
    """What is wrong with a merge, what to do, and how bad it is; None where nothing is for certain.
    `merging` is `Method.merging`; `saved` says whether the merged model is.
    """
    if merging == "raises":
        message = f"the model is quantised with {method}, into which PEFT cannot merge"
        return f"{message}: `merge_and_unload` raises", _HELP, None
    if merging == "unpacked":
        place = load.arguments.get("device_map")
        if place is not None and place.value == "cpu":
            return None
        message = (
            f"the model is stored in {method}: where it stays so, on GPUs that compute in it, "
            "`merge_and_unload` raises RuntimeError"
        )
        dequantize = "load it with quantization_config=FineGrainedFP8Config(dequantize=True)"
        return message, dequantize, "warning"
    if merging is None or not saved:
        return None
    loss = ", and loses its layers' biases" if method == "hqq" else ""
    message = (
        f"merged into {method} weights, which are rounded anew: what is saved answers otherwise "
        f"than the adapter{loss}"
    )
    return message, _HELP, "warning"


def _find_load(script: Script, operand: Operand | None) -> Use | None:
    """The call that loaded the model under an adapter; None where that cannot be followed."""
    for _ in range(MAX_CHAIN):
        if operand is not None and operand.path:
            operand = find_trained_model(script, operand)
        if operand is None or operand.call_number < 0:
            return None
        use = script.uses[operand.call_number]
        if is_model_load(use) or _LOADS_ITSELF in use.name:
            return use
        hands_on = use.last in HANDS_BACK or makes_adapter(use)
        operand = (
            use.owner if use.last in KEEPS_OWNER else get_model_argument(use) if hands_on else None
        )
    return None


def _find_method(
    document: Document, script: Script, load: Use, checkpoints: dict[str, str]
) -> str | None:
    """The method that a model is quantised with, for certain."""
    argument = load.arguments.get("quantization_config")
    config = find_source_call(script, argument)
    if config is not None and config.last in _METHODS:
        return _METHODS[config.last]
    option = find_bits_option(script, load)
    if option is not None:
        return _BITS[option]
    name = load.arguments.get(0, load.arguments.get("pretrained_model_name_or_path"))
    if argument is not None or name is None or not isinstance(name.value, str):
        return None
    model: object = name.value
    if _LOADS_ITSELF in load.name:
        model = (read_local_adapter(document, model) or {}).get("base_model_name_or_path")
    if not isinstance(model, str):
        return None
    return checkpoints.get(model) or quantization.find_method_in_id(model)


def _is_saved(script: Script, number: int) -> bool:
    """Whether what the call of that number gives back is saved."""
    return any(use.last in SAVES for use in script.methods.get(number, ()))
