"""An auto class of transformers that does not load the model.

## What
`AutoModelForCausalLM.from_pretrained("google/flan-t5-base")`: a class `AutoModelFor...` of
transformers, and a model of a type that it has in no release.

## Why
It stops with ValueError, "Unrecognized configuration class ... for this kind of AutoModel", before
anything is loaded. An encoder-decoder model such as T5 is loaded by AutoModelForSeq2SeqLM, a model
of pictures and text by AutoModelForImageTextToText. Seen in salesforce/CodeT5 issue 100 and
TideDra/lmm-r1 issue 60.

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("google/flan-t5-base")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM"))
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSeq2SeqLM
model = AutoModelForSeq2SeqLM.from_pretrained("google/flan-t5-base")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM"))
```

## Fix
Load it by an auto class that has it, or by the model's own class.

## Source
`transformers/models/auto/modeling_auto.py` of sixteen releases from 4.30.2 to 5.24.0
(`loracheck/trees/data/auto-classes.json`), `models/auto/auto_factory.py`
(`_BaseAutoModelClass.from_pretrained`).
"""

from __future__ import annotations

from loracheck.rules.support.script_calls import get_call_span, is_model_load, read_calls
from loracheck.rules.types import Hit
from loracheck.trees.auto_classes import PREFIX, find_model_types, list_auto_classes
from loracheck.trees.model_ids import find_id
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC173"
NAME = "auto-class-without-model"
SEVERITY = "error"

_LIKELY = ("CausalLM", "Seq2SeqLM", "ImageTextToText", "SpeechSeq2Seq", "MaskedLM")
"""Auto classes that are named first, where several load the model."""

_OWN_CODE = ("trust_remote_code", "config", "code_revision")
"""Arguments by which a model may be made otherwise than by its type."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of a file that loads a model by an auto class that has it not."""
    script = read_calls(document, PREFIX, "from_pretrained(")
    for use in script.uses if script is not None else ():
        auto, model = _get_auto_class(use), use.arguments.get(0)
        plain = (
            use.complete and not use.fails and not any(key in use.arguments for key in _OWN_CODE)
        )
        if auto is None or model is None or not isinstance(model.value, str) or not plain:
            continue
        others = _list_others(auto, model.value)
        if others:
            yield Hit(
                f"{PREFIX}{auto} has no class for `{model.value}`: ValueError, Unrecognized "
                "configuration class",
                get_call_span(document, use),
                help=f"load it by {PREFIX}{others[0]}",
            )


def _get_auto_class(use: Use) -> str | None:
    """The auto class of a call, without what their names begin with; None for any other call."""
    owner = use.name.rpartition(".")[0].removeprefix("transformers.")
    known = is_model_load(use) and owner.startswith(PREFIX)
    return owner.removeprefix(PREFIX) if known else None


def _list_others(auto: str, model: str) -> list[str]:
    """The auto classes that load a model, the likely ones first; none where `auto` does, and where
    that is not known.
    """
    row = find_id(model)
    row = find_id(row.copy_of) if row is not None and row.copy_of is not None else row
    types = find_model_types(row.architecture) if row is not None and row.architecture else None
    autos = list_auto_classes(types) if types else []
    if auto in autos:
        return []
    return sorted(autos, key=lambda name: (*(name != one for one in _LIKELY), name))
