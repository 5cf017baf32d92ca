"""A call of PEFT with arguments in a form that it does not take.

## What
- `LoraModel(...)` without a name for the adapter;
- `get_peft_model(config, model)`, config and model in the wrong order;
- `generate(input_ids)` of a PEFT model for SEQ_2_SEQ_LM with its inputs by position.

## Why
`LoraModel` takes model, config and name, and no defaults. `generate` of PeftModelForSeq2SeqLM
takes keywords only, other than that of the model itself. Each ends with TypeError or
AttributeError. Seen in huggingface/peft issue 435 and huggingface/peft issue 232.

## Bad
```python
from peft import LoraConfig, LoraModel
from transformers import AutoModelForSeq2SeqLM
config = LoraConfig(r=8, lora_alpha=32, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM")
model = AutoModelForSeq2SeqLM.from_pretrained("google-t5/t5-base")
model = LoraModel(config, model)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSeq2SeqLM
config = LoraConfig(r=8, lora_alpha=32, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM")
model = AutoModelForSeq2SeqLM.from_pretrained("google-t5/t5-base")
model = get_peft_model(model, config)
```

## Fix
`get_peft_model(model, config)`, `LoraModel(model, config, "default")`,
`generate(input_ids=input_ids)`.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`BaseTuner.__init__`), `mapping_func.py`, `peft_model.py`
(`PeftModelForSeq2SeqLM.generate`). Executed on a tiny T5 and a tiny Llama.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import KEEPS_OWNER
from loracheck.rules.support.script_adapters import find_config_call
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    find_source_call,
    get_call_span,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC191"
NAME = "peft-call-refused"
SEVERITY = "error"

_TUNERS = frozenset({"peft.LoraModel", "peft.tuners.LoraModel", "peft.tuners.lora.LoraModel"})
_SEQUENCE = "SEQ_2_SEQ_LM"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    script = read_calls(context.document, "peft") if context.first else None
    for use in script.uses if script is not None else ():
        if script is None or use.fails or not use.complete:
            continue
        reason = _find_reason(script, use)
        if reason is not None:
            yield Hit(reason[0], get_call_span(context.document, use), help=f"write {reason[1]}")


def _find_reason(script: Script, use: Use) -> tuple[str, str] | None:
    """What is wrong with a call, and what to write; None where nothing is known to be."""
    if use.name in _TUNERS and len(use.given) == 2 and {"adapter_name", 2}.isdisjoint(use.given):
        return (
            "LoraModel takes the model, the config and the adapter's name: TypeError",
            "get_peft_model(model, config)",
        )
    if use.name.endswith("get_peft_model") and makes_adapter(use):
        first = find_source_call(script, use.given.get(0))
        if first is not None and first.last == "LoraConfig" and 1 in use.given:
            return (
                "get_peft_model takes the model first: AttributeError",
                "get_peft_model(model, config)",
            )
    if use.last == "generate" and 0 in use.given and _is_sequence_model(script, use.owner):
        name = use.given[0].name or "input_ids"
        return (
            f"generate of a PEFT model for {_SEQUENCE} takes keywords only: TypeError",
            f"generate(input_ids={name})",
        )
    return None


def _is_sequence_model(script: Script, operand: Operand | None) -> bool:
    """Whether a model is PEFT's wrapper for SEQ_2_SEQ_LM, for certain."""
    for _ in range(MAX_CHAIN):
        use = find_source_call(script, operand)
        if use is None:
            return False
        if use.last in KEEPS_OWNER:
            operand = use.owner
            continue
        if use.name.endswith("PeftModelForSeq2SeqLM.from_pretrained"):
            return makes_adapter(use)
        config = find_config_call(script, use) if use.last == "get_peft_model" else None
        if config is None or not makes_adapter(use):
            return False
        task = config.given.get("task_type", config.given.get(0))
        return task is not None and _SEQUENCE in (task.value, task.path.rpartition(".")[2])
    return False
