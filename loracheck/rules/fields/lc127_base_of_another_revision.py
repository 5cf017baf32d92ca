"""A base model is loaded for its adapter at another revision than it was trained at.

## What
A script loads its base model with `revision=`, trains an adapter on it and saves it; and puts that
adapter on the same model loaded with another `revision`, or with none. `AutoPeftModel...` loads the
base model itself, at the revision that the adapter's config says.

## Why
A revision is another state of the repository: other weights, and where its code or its layers
changed other names. PEFT loads what it finds by its name: the adapter changes weights that it was
not trained for, or starts anew where the names are others, with a warning at most.

## Bad
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("microsoft/phi-2", revision="refs/pr/23")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("microsoft/phi-2")
model = PeftModel.from_pretrained(base, "out")
```

## Good
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("microsoft/phi-2", revision="refs/pr/23")
config = LoraConfig(r=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("microsoft/phi-2", revision="refs/pr/23")
model = PeftModel.from_pretrained(base, "out")
```

## Fix
Load the base model at the revision of the training. For AutoPeftModel say it to PEFT as well:
`get_peft_model(model, config, revision="...")` writes it into adapter_config.json.

## Source
PEFT 0.21.2 `mapping_func.py` (`get_peft_model`), `auto.py`; transformers 5.24.0
`modeling_utils.py` (`from_pretrained`).
"""

from __future__ import annotations

from loracheck.rules.support.script_adapters import find_config_call
from loracheck.rules.support.script_calls import (
    find_bare_load,
    get_call_span,
    get_model_argument,
    read_calls,
)
from loracheck.rules.support.trained_adapters import find_reloaded, is_same_checkpoint
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext
    from loracheck.rules.support.trained_adapters import TrainedAdapter

CODE = "LC127"
NAME = "base-of-another-revision"
SEVERITY = "warning"

_MAIN = "main"
"""The revision that is loaded where none is given."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such load; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter that is put on another revision of its base model."""
    script = read_calls(document, "revision", "get_peft_model", ".from_pretrained")
    if script is None:
        return
    for use, first in find_reloaded(script):
        trained, loaded = _get_revision(first.load), _find_loaded(script, use, first)
        if trained is None or loaded is None or trained == loaded:
            continue
        auto = use.name.startswith("peft.AutoPeftModel")
        yield Hit(
            f"the adapter was trained on revision `{trained}` of the base model, and is put on "
            f"`{loaded}` here",
            get_call_span(document, use),
            help=f'write revision="{trained}" in get_peft_model, so that it is saved'
            if auto
            else f'load the base model with revision="{trained}"',
            spans=((get_call_span(document, first.load), "the base model of the training"),),
        )


def _get_revision(load: Use) -> str | None:
    """The revision that a call loads; None where it is not known."""
    if "revision" not in load.arguments:
        return _MAIN if load.complete else None
    value = load.arguments["revision"].value
    return value if isinstance(value, str) else None


def _find_loaded(script: Script, use: Use, first: TrainedAdapter) -> str | None:
    """The revision of the base model that the adapter is put on; None where it is not known, or
    where that is another checkpoint.
    """
    if use.name.startswith("peft.AutoPeftModel"):
        config = find_config_call(script, first.maker)
        if config is None or "revision" in {*config.arguments, *first.maker.arguments}:
            return None
        return _MAIN if first.maker.complete else None
    base = find_bare_load(script, get_model_argument(use))
    if base is None or not is_same_checkpoint(first.load, base):
        return None
    return _get_revision(base)
