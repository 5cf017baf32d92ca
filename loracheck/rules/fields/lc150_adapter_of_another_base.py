"""An adapter is put on another base model than it was trained on.

## What
- `PeftModel.from_pretrained(base, folder)` or `model.load_adapter(folder)` of an adapter beside the
  file, whose adapter_config.json names another base model than the script loads: an error where the
  layers have other sizes, a note where both are published checkpoints of the same sizes;
- a script that trains an adapter on one published checkpoint, saves it, and loads it onto another.

## Why
An adapter is the difference to the weights that it was trained on. On layers of other sizes PEFT
raises RuntimeError, "size mismatch for ... lora_A". On another checkpoint of the same sizes it
loads, and changes weights that it knows nothing of: what comes out is worse than either, without a
word. Seen in FlagOpen/FlagEmbedding issue 814.

## Bad
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("BAAI/bge-reranker-v2-gemma")
config = LoraConfig(r=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("google/gemma-2b")
model = PeftModel.from_pretrained(base, "out").merge_and_unload()
```

## Good
```python
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("BAAI/bge-reranker-v2-gemma")
config = LoraConfig(r=32, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
model = get_peft_model(model, config)
model.save_pretrained("out")
base = AutoModelForCausalLM.from_pretrained("BAAI/bge-reranker-v2-gemma")
model = PeftModel.from_pretrained(base, "out").merge_and_unload()
```

## Fix
Load the base model that the adapter's config names (`base_model_name_or_path`).

## Source
PEFT 0.21.2 `peft_model.py` (`load_adapter`), `utils/save_and_load.py`
(`set_peft_model_state_dict`), which compare sizes and no names; executed.
"""

from __future__ import annotations

from loracheck.rules.support.expected_weights import (
    collect_modules_to_adapt,
    get_layer_dimensions,
    has_plain_shapes,
)
from loracheck.rules.support.other_checkpoints import are_other_checkpoints
from loracheck.rules.support.script_adapters import get_text
from loracheck.rules.support.script_calls import (
    find_bare_load,
    get_call_span,
    get_model_argument,
    makes_adapter,
    read_calls,
)
from loracheck.rules.support.trained_adapters import find_reloaded
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.rules.context import RuleContext

CODE = "LC150"
NAME = "adapter-of-another-base"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a saved adapter on another base model than its own, or for a script that trains
    and loads one; there the first setting of the file speaks.
    """
    if context.trained_on is not None:
        yield from _check_loaded(context, context.trained_on)
    elif context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every adapter of a script that it puts on another published checkpoint than it
    was trained on.
    """
    script = read_calls(document, "get_peft_model", ".from_pretrained")
    for use, first in find_reloaded(script) if script is not None else ():
        second = find_bare_load(script, get_model_argument(use)) if script is not None else None
        if second is None or not makes_adapter(use):
            continue
        there, here = (
            get_text(load, 0, "pretrained_model_name_or_path") for load in (first.load, second)
        )
        if are_other_checkpoints(there, here):
            yield Hit(
                f"the adapter was trained on {there}, and is put on {here}: its update belongs to "
                "other weights",
                get_call_span(document, use),
                help=f"load {there} as the base model",
                spans=((get_call_span(document, first.load), "trained on this one"),),
                severity="warning",
            )


def _check_loaded(context: RuleContext, trained: RuleContext) -> Iterator[Hit]:
    """The hit for a saved adapter: `trained` is the same one on the base model of its config."""
    there, here = trained.setting.model, context.setting.model
    plan = context.names_plan
    if plan is not None and plan.error is not None:
        return  # LC201 says that its names are not those of this model
    place = context.setting.path
    other = _find_other_sizes(context, trained)
    if other is not None:
        name, sides, own_sides = other
        yield Hit(
            f"the adapter was trained on {there}, where `{name}` has {sides[0]:,} inputs and "
            f"{sides[1]:,} outputs; in {here} it has {own_sides[0]:,} and {own_sides[1]:,}: size "
            "mismatch",
            place,
            help=f"load it on {there}",
        )
    elif are_other_checkpoints(there, here):
        yield Hit(
            f"the adapter was trained on {there}, and is put on {here}: its update belongs to "
            "other weights",
            place,
            help=f"load it on {there}, unless that is what you want",
            severity="note",
        )


def _find_other_sizes(
    context: RuleContext, trained: RuleContext
) -> tuple[str, tuple[int, int], tuple[int, int]] | None:
    """The first module that the adapter changes whose sizes are others in the two models; None
    where there is none, or where one of the models is not known.
    """
    plans = (trained.plan, context.plan)
    if not has_plain_shapes(context) or any(plan is None or plan.error for plan in plans):
        return None
    there, here = (collect_modules_to_adapt(plan) for plan in plans if plan is not None)
    for name, (_, node) in there.items():
        if name not in here:
            continue
        sides = get_layer_dimensions(node), get_layer_dimensions(here[name][1])
        if sides[0] is not None and sides[1] is not None and sides[0] != sides[1]:
            return name, sides[0], sides[1]
    return None
