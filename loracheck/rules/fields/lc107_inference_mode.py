"""`inference_mode: true` in a config that is meant for training.

## What
A training config that sets `inference_mode` to true, usually because an adapter_config.json
saved by PEFT was taken as a template.

## Why
PEFT writes `inference_mode: true` whenever it saves. Trained with it, every LoRA weight is frozen:
the run finishes with no trainable parameter or stops in the optimizer. Seen in huggingface/peft
issue 2840 and axolotl-ai-cloud/axolotl pull request 159, where a run went on with 0 trainable
parameters.

## Bad
```python
from peft import LoraConfig
config = LoraConfig(r=16, inference_mode=True, target_modules=["q_proj"])
```

## Good
```python
from peft import LoraConfig
config = LoraConfig(r=16, inference_mode=False, target_modules=["q_proj"])
```

## Fix
Leave the line out, or write false. `--unsafe-fixes` writes false; it is unsafe because a config
that is only loaded may say true.

## Source
PEFT 0.21.2 `peft_model.py` (`save_pretrained`), `tuners/tuners_utils.py`
(`inject_adapter`), executed.
"""

from __future__ import annotations

import re

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC107"
NAME = "inference-mode-in-training"
SEVERITY = "warning"
FIXABLE = True

_TRAINS = r"Trainer\(|\.train\(\)|\.backward\(|\.fit\(|optimizer"
"""What a program has that trains; one that only prepares or loads an adapter may freeze it."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a training config that freezes its own adapter."""
    saved = context.weights is not None or bool(context.engines)  # to be served
    beside = context.setting.form == "adapter_config" and saved
    training = context.setting.purpose == "training" and not beside  # else PEFT wrote the file
    if training and context.value("inference_mode") is True:
        from loracheck.rules.support import fix_builders

        python = context.document.format in ("python", "notebook")
        yield Hit(
            "`inference_mode: true` freezes the adapter, so nothing would train",
            context.place("inference_mode"),
            help="leave it out, or set it to false; PEFT writes true into every saved config",
            field="inference_mode",
            severity="note" if python and not re.search(_TRAINS, context.document.text) else None,
            fix=fix_builders.replace_value(
                context, "inference_mode", False, "write false", safe=False
            ),
        )
