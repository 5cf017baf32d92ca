"""An auto class of transformers that does not load the model.

## What
`AutoModelForCausalLM.from_pretrained("google/flan-t5-base")`: a class `AutoModelFor...` of
transformers, and a model of a type that it has in no release. Or `AutoModelForCausalLM("...")`: an
auto class that is called itself.

## Why
It stops with ValueError, "Unrecognized configuration class ... for this kind of AutoModel", before
anything is loaded. An encoder-decoder model such as T5 is loaded by AutoModelForSeq2SeqLM, a model
of pictures and text by AutoModelForImageTextToText. An auto class itself is never called: OSError,
"AutoModelForCausalLM is designed to be instantiated using the `AutoModelForCausalLM.from_pretrained
(pretrained_model_name_or_path)` ... methods". Seen in salesforce/CodeT5 issue 100, TideDra/lmm-r1
issue 60 and huggingface/peft issue 2764.

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
Load it by an auto class that has it, or by the model's own class; write `.from_pretrained(`.

## Source
`transformers/models/auto/modeling_auto.py` of sixteen releases from 4.30.2 to 5.24.0
(`loracheck/trees/data/auto-classes.json`), `models/auto/auto_factory.py`
(`_BaseAutoModelClass.from_pretrained` and `__init__`), `auto/tokenization_auto.py`.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.auto_class_models import list_other_classes
from loracheck.rules.support.script_calls import get_call_span, is_model_load, read_calls
from loracheck.rules.types import Hit
from loracheck.trees.auto_classes import PREFIX
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC173"
NAME = "auto-class-without-model"
SEVERITY = "error"

_AUTO = compile_when_used(
    r"transformers\.Auto(?:Model(?:For\w+)?|Tokenizer|Config|Processor|ImageProcessor"
    r"|FeatureExtractor)"
)
"""An auto class, without a method."""

_OWN_CODE = ("trust_remote_code", "config", "code_revision")
"""Arguments by which a model may be made otherwise than by its type."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of a file that loads a model by an auto class that has it not."""
    yield from _check_constructors(document)
    script = read_calls(document, PREFIX, "from_pretrained(")
    for use in script.uses if script is not None else ():
        auto, model = _get_auto_class(use), use.arguments.get(0)
        plain = (
            use.complete and not use.fails and not any(key in use.arguments for key in _OWN_CODE)
        )
        if auto is None or model is None or not isinstance(model.value, str) or not plain:
            continue
        others = list_other_classes(auto, model.value)
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


def _check_constructors(document: Document) -> Iterator[Hit]:
    """One hit for every auto class that is called as if it were a model's class."""
    script = read_calls(document, "Auto", "transformers")
    for use in script.uses if script is not None else ():
        name = use.name.removeprefix("transformers.")
        if _AUTO.fullmatch(use.name) is not None and not use.fails:
            error = "OSError" if "Model" in name or not use.arguments else "TypeError"
            yield Hit(
                f"{name} itself is not called, it is made by {name}.from_pretrained: {error}",
                get_call_span(document, use),
                help=f"write {name}.from_pretrained(...)",
            )
