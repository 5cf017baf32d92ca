"""Adapters that a model switches in its forward, under a Trainer that trains one of them.

## What
A `forward` that calls `set_adapter` with two names or more, in a file that trains with a Trainer
and does nothing else about which parameters are trained.

## Why
`set_adapter` freezes all other adapters. The Trainer makes its optimiser before the first step, of
the parameters that require a gradient then: those of the adapter that is active. The others get
gradients later and are never updated. Seen in huggingface/peft issue 2639 and
huggingface/transformers issue 32084.

## Bad
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, Trainer

class Embedder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        config = LoraConfig(r=8, target_modules=["query"])
        model = AutoModel.from_pretrained("google-bert/bert-base-uncased")
        self.encoder = get_peft_model(model, config, adapter_name="one")
        self.encoder.add_adapter("two", config)

    def forward(self, kind, **inputs):
        if kind == 1:
            self.encoder.set_adapter("one")
        else:
            self.encoder.set_adapter("two")
        return self.encoder(**inputs)

Trainer(model=Embedder()).train()
```

## Good
```python
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModel, Trainer

class Embedder(torch.nn.Module):
    def __init__(self):
        super().__init__()
        config = LoraConfig(r=8, target_modules=["query"])
        model = AutoModel.from_pretrained("google-bert/bert-base-uncased")
        self.encoder = get_peft_model(model, config, adapter_name="one")
        self.encoder.add_adapter("two", config)

    def forward(self, kind, **inputs):
        if kind == 1:
            self.encoder.set_adapter("one")
        else:
            self.encoder.set_adapter("two")
        return self.encoder(**inputs)

model = Embedder()
for name, parameter in model.named_parameters():
    parameter.requires_grad_("lora_" in name)
Trainer(model=model).train()
```

## Fix
Let the parameters of all adapters require gradients before the Trainer is made; and after each
`set_adapter` too where one step uses several adapters.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`BaseTunerLayer.set_adapter`); transformers 5.24.0
`trainer.py` (`create_optimizer`: `p.requires_grad`). Executed.
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import get_text
from loracheck.rules.support.script_calls import get_call_span, is_trainer, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC116"
NAME = "adapters-switched-in-training"
SEVERITY = "warning"

_OTHERWISE = ("requires_grad", "optimizer", "optim.", "inference_mode=", "optimizers=")
"""Words of a file that may see to it in another way."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such forward; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for the first switch of every `forward` of a file that trains by a Trainer."""
    script = read_calls(document, "set_adapter(", "def forward(", "Trainer(", "eft")
    if script is None or any(word in document.source for word in _OTHERWISE):
        return
    if not any(is_trainer(use) and use.complete and not use.fails for use in script.uses):
        return
    for switches in _group(document, script):
        names = list(dict.fromkeys(get_text(use, 0, "adapter_name") for use in switches))
        if len(names) > 1 and None not in names:
            yield Hit(
                "the Trainer's optimiser has the one adapter that is active when it is made: the "
                f"other {len(names) - 1} of `{'`, `'.join(filter(None, names))}` are never updated",
                get_call_span(document, switches[0]),
                help="let the parameters of all adapters require gradients before the Trainer is "
                "made (parameter.requires_grad_(True) for the names with lora_), and after each "
                "set_adapter where one step uses several",
            )


def _group(document: Document, script: Script) -> Iterator[list[Use]]:
    """The calls of set_adapter in each `forward`, by what they are called on."""
    groups: dict[tuple[int, str], list[Use]] = {}
    for use in script.by_name.get("set_adapter", ()):
        before = document.text[: use.place.start]
        start = before.rfind("def ")
        if start >= 0 and before.startswith("def forward(", start) and not use.fails:
            groups.setdefault((use.scope, use.owner.path or use.owner.name), []).append(use)
    yield from groups.values()
