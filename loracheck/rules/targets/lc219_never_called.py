"""LoRA, or a copy to train, on a module that the model never runs.

## What
A module whose weight other modules share and that is not itself called: the `shared` embedding of
T5, BART and their kin, where encoder and decoder each have an `embed_tokens` of their own; or a
module that stands at several places of the model, of which PEFT replaces the first alone.

## Why
The adapter is built, counted and saved, gets no gradient, and changes nothing.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "google/t5-v1_1-xxl", "r": 8,
 "target_modules": ["q", "v", "shared"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "google/t5-v1_1-xxl", "r": 8,
 "target_modules": ["q", "v"]}
```

## Fix
Take the module out of the targets. In an encoder-decoder model name `encoder.embed_tokens` and
`decoder.embed_tokens` instead.

## Source
transformers 5.23.0 `models/t5/modeling_t5.py`, `models/bart/modeling_bart.py` (forward calls the
stacks' `embed_tokens`), executed with PEFT 0.21.2: the gradient is None.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC219"
NAME = "never-called"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every wrapped or saved module that the model never calls."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    plan, tree = plan_and_tree
    entries = [
        *(
            ("target_modules", w.group.name, w.entries[0] if w.entries else "")
            for w in plan.wrapped
        ),
        *(("modules_to_save", s.group.name, s.entry) for s in plan.saved),
    ]
    for field, name, entry in dict.fromkeys(entries):
        places = _find_modules_called_instead(name, tree)
        if places:
            yield Hit(
                f"`{name}` is not what the model runs: {quote_names(places[:3])} "
                f"{'is' if len(places) == 1 else 'are'} called in its place",
                context.entry_place(field, entry) if entry else context.place(field),
                help="what is put on it never gets a gradient; take it out",
                field=field,
            )


def _find_modules_called_instead(name: str, tree: ModuleTree) -> list[str]:
    """The modules that are called where this one seems to be."""
    again = [alias for alias, first in tree.aliases if first == name]
    if again:
        return again
    if name.rpartition(".")[2] != "shared":
        return []
    tied = [
        tied_name.rpartition(".")[0]
        for tied_name, first in tree.ties
        if first.rpartition(".")[0] == name
    ]
    return [tied_name for tied_name in tied if tied_name.endswith("embed_tokens")]
