"""An adapter with replicated layers cannot be merged.

## What
`layer_replication` repeats layers. The copies share their weights and differ in the adapter only.

## Why
Merging would add both copies' updates to the one shared weight. PEFT means to refuse it, but its
check looks at the wrong place and lets it pass, so the merged model gives other outputs than the
adapter. Seen in huggingface/peft issue 1707.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "layer_replication": [[0, 16], [8, 28]]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"]}
```

## Fix
Serve the adapter unmerged, or train without `layer_replication`.

## Source
PEFT 0.21.2 `tuners/lora/model.py` (`_check_merge_allowed`), `tuners/tuners_utils.py`
(`replicate_layers`), executed.
"""

from __future__ import annotations

from loracheck.rules.support.layer_replication import list_replicated_layers
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC227"
NAME = "replication-cannot-merge"
SEVERITY = "note"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit where a layer is used twice."""
    used = list_replicated_layers(context.value("layer_replication"))
    again = len(used) - len(set(used))
    if again:
        yield Hit(
            f"{count_noun(again, 'layer')} stand twice and share their weights: do not merge "
            "this adapter",
            context.place("layer_replication"),
            help="serve it unmerged; merge_and_unload does not refuse, and gives a wrong model",
            field="layer_replication",
        )
