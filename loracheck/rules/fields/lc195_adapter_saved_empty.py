"""`state_dict` of a PEFT model is replaced, so that the adapter is saved empty.

## What
`model.state_dict = (lambda self, *_, **__: get_peft_model_state_dict(self, ...)).__get__(...)` in a
file that saves or trains the model.

## Why
`save_pretrained` calls `get_peft_model_state_dict` itself, on what `state_dict` gives. The second
time it looks for the adapter's name in the names of the weights, which the first time took out: no
weight is left, and adapter_model.bin has 443 bytes. The lines come from scripts of March 2023, when
PEFT did not filter. PEFT 0.20 finds the weights all the same, so that it is a note under it. Seen
in huggingface/peft issue 286, huggingface/peft issue 970, tloen/alpaca-lora issue 539 and
PhoebusSi/Alpaca-CoT issue 111.

## Bad
With `--peft 0.18.1`:
```python
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
old_state_dict = model.state_dict
model.state_dict = (
    lambda self, *_, **__: get_peft_model_state_dict(self, old_state_dict())
).__get__(model, type(model))
train(model)
model.save_pretrained("out")
```

## Good
With `--peft 0.18.1`:
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
train(model)
model.save_pretrained("out")
```

## Fix
Take the lines out.

## Source
PEFT 0.18.1 and 0.20.0 `utils/save_and_load.py` (`get_peft_model_state_dict`), `peft_model.py`
(`save_pretrained`). Executed on a tiny Llama: no tensor with PEFT 0.15.2 and 0.18.1, all with
0.21.2.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.plan.config.releases import parse_release
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Severity
    from loracheck.rules.context import RuleContext

CODE = "LC195"
NAME = "adapter-saved-empty"
SEVERITY = "error"

_REPLACES = compile_when_used(
    r"\.state_dict\s*=\s*\(?\s*lambda\b[^\n]{0,80}\s*(?P<call>(?:\w+\.)*get_peft_model_state_dict)\(",
    words=("get_peft_model_state_dict(",),
)
_FINDS_SINCE = "0.20.0"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a state_dict that is replaced; the first setting of the file speaks."""
    document, releases = context.document, context.releases
    match = _REPLACES.search(document.text) if context.first else None
    script = read_calls(document, "save_pretrained(") if match is not None else None
    if match is None or script is None or releases is None:
        return
    for use in script.uses:
        if (
            not use.place.start <= match.start("call") < use.place.end
        ):  # what stands in a comment is no call
            continue
        finds = parse_release(releases.peft.version) >= parse_release(_FINDS_SINCE)
        severity: Severity | None = "note" if finds else None
        yield Hit(
            "save_pretrained filters by itself what state_dict gives: the second time no weight is "
            "left, and the adapter is saved empty",
            get_call_span(document, use),
            help="take the lines out that replace state_dict",
            notes=(
                f"PEFT {releases.peft.version} finds the weights all the same, releases before "
                f"{_FINDS_SINCE} do not"
                if finds
                else f"PEFT is {releases.peft.reason}",
            ),
            severity=severity,
        )
