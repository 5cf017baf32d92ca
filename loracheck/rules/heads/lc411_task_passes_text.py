"""A `task_type` whose wrapper hands the model text that it does not take.

## What
Any `task_type` on Whisper, Speech2Text or BLIP.

## Why
PEFT's wrapper for a task calls the model with `input_ids` and `inputs_embeds`, given or not. These
models build one of the two themselves for their decoder, so the first training step fails with
TypeError (multiple values for a keyword argument). Seen in huggingface/peft issue 1988 and
dino-chiio/blip-vqa-finetune issue 8.

## Bad
```python
from peft import LoraConfig
from transformers import WhisperForConditionalGeneration
model = WhisperForConditionalGeneration.from_pretrained("openai/whisper-large-v3")
config = LoraConfig(r=32, target_modules=["q_proj", "v_proj"], task_type="SEQ_2_SEQ_LM")
```

## Good
```python
from peft import LoraConfig
from transformers import WhisperForConditionalGeneration
model = WhisperForConditionalGeneration.from_pretrained("openai/whisper-large-v3")
config = LoraConfig(r=32, target_modules=["q_proj", "v_proj"])
```

## Fix
Leave `task_type` out: PeftModel itself passes on what it is given.

## Source
PEFT 0.21.2 `peft_model.py` (the `forward` of each PeftModelFor...), executed with transformers
5.23.0 on tiny models.
"""

from __future__ import annotations

from loracheck.rules.support.decoder_inputs import DECODER_INPUTS
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC411"
NAME = "task-passes-text"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where the file sets a task_type for such a model."""
    task, tree = context.value("task_type"), context.tree
    if tree is None or not isinstance(task, str) or "task_type" not in context.setting.places:
        return
    inputs = DECODER_INPUTS.get(tree.model_type or "")
    if inputs is None or not tree.generates:
        return
    yield Hit(
        f"with task_type {task} PEFT passes `{inputs}` to {tree.cls}, which makes its own",
        context.place("task_type"),
        help="leave task_type out",
        field="task_type",
    )
