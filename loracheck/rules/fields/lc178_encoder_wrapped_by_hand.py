"""An adapter that is put by hand on the model inside a SentenceTransformer or CrossEncoder.

## What
`encoder[0].auto_model = get_peft_model(encoder[0].auto_model, config)` (or with
`encoder._modules["0"]`), or `cross_encoder.model = get_peft_model(cross_encoder.model, config)`.

## Why
Since sentence-transformers 5.4 `auto_model` is a property that gives the module's `model`: what is
assigned to it stays beside the model. LoRA's layers stand in the model all the same, so training
goes on; but it is saved as a whole model whose layers have LoRA's names
(`query.base_layer.weight`, `query.lora_A.default.weight`). The load finds no weights for these
layers and fills them with random numbers: neither the adapter nor the base model is there. A
CrossEncoder gets a second module for the assignment, and its first step ends with an error. Seen in
huggingface/sentence-transformers issues 3052 and 3916.

## Bad
```python
from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer
model = SentenceTransformer("BAAI/bge-base-en-v1.5")
config = LoraConfig(r=8, target_modules=["query"], task_type="FEATURE_EXTRACTION")
model[0].auto_model = get_peft_model(model[0].auto_model, config)
model.save_pretrained("out")
```

## Good
```python
from peft import LoraConfig
from sentence_transformers import SentenceTransformer
model = SentenceTransformer("BAAI/bge-base-en-v1.5")
config = LoraConfig(r=8, target_modules=["query"], task_type="FEATURE_EXTRACTION")
model.add_adapter(config)
model.save_pretrained("out")
```

## Fix
Write `model.add_adapter(config)`, which saves an adapter.

## Source
sentence-transformers 6.2.0 `base/modules/transformer.py` (`Transformer.auto_model`),
`cross_encoder/model.py` (`CrossEncoder.model`), `base/peft_mixin.py`; 5.3.0 sets the attribute.
Executed: trained, saved and loaded again.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import get_call_span, makes_adapter, read_calls
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC178"
NAME = "encoder-wrapped-by-hand"
SEVERITY = "error"

_PACKAGE, _SINCE = "sentence-transformers", "5.4.0"
_ASSIGNED = compile_when_used(r"\.auto_model\s*=\s*$")
"""What stands before a call whose result goes to the attribute."""

_GIVEN = compile_when_used(
    r"\s*\((?:\\n|[\s\",])*(?:model\s*=\s*)?[^,()]*(?:\(\))?\.auto_model\s*,"
)
"""The call's first argument: in a notebook's JSON too, where lines end with `\\n",`."""

_MOST = 300
"""Characters around a call that are looked at."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of a file that wraps the model inside of an encoder."""
    script = read_calls(document, "sentence_transformers", "get_peft_model(")
    if script is None or is_older(document, _PACKAGE, _SINCE):
        return
    for use in script.by_name.get("get_peft_model", ()):
        if not makes_adapter(use) or use.fails:
            continue
        if _goes_to_attribute(document, use):
            says = (
                "`auto_model` gives the module's own model, which is saved with LoRA's names in it:"
                " loading finds no weights for the layers that have LoRA"
            )
        elif _goes_to_cross_encoder(document, script, use):
            says = "a CrossEncoder runs what is assigned to `model` as one more module: it stops"
        else:
            continue
        yield Hit(
            says,
            get_call_span(document, use),
            help="write encoder.add_adapter(config) in its place",
            notes=("since sentence-transformers 5.4",),
        )


def _goes_to_attribute(document: Document, use: Use) -> bool:
    start, end = use.place.start, use.place.end
    before = document.text[max(0, start - _MOST) : start]
    given = _GIVEN.match(document.text[end : end + _MOST])
    return given is not None and _ASSIGNED.search(before) is not None


def _goes_to_cross_encoder(document: Document, script: Script, use: Use) -> bool:
    """Whether the `model` of a CrossEncoder is given to the call and gets its result."""
    given = use.arguments.get("model", use.arguments.get(0))
    name, _, attribute = (
        (given.path if given is not None else "").removeprefix("<local>.").partition(".")
    )
    makers = script.assigned.get(name, ()) if attribute == "model" else ()
    before = document.text[max(0, use.place.start - _MOST) : use.place.start].rstrip()
    return (
        len(makers) == 1
        and makers[0].name == "sentence_transformers.CrossEncoder"
        and before.endswith(f"{name}.model =")
    )
