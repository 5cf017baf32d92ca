"""Adapters that cannot be combined, or of which the combination leaves something out.

## What
`model.add_weighted_adapter(...)` with adapters that PEFT refuses together: other ranks for "linear"
or "ties", a text and a list of targets, a module that two of them train in full, target_parameters.
Or a combination that leaves something out without a word: trained tokens and heads, DoRA's
magnitudes, adapters without a weight, the sign of a negative weight. The adapters are read from
the script, and from the folders that it loads.

## Why
The first kind raises ValueError after all adapters are loaded. The second passes: PEFT makes the
new adapter of the matrices lora_A and lora_B alone, and copies all else of its config from the
first one. What "linear" makes of the weights 1 and -1 is no difference of two adapters
(huggingface/peft pull request 3013).

## Bad
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
small = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, small, adapter_name="small")
model.add_adapter("large", LoraConfig(r=16, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model.add_weighted_adapter(["small", "large"], [0.5, 0.5], "both", combination_type="linear")
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
base = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
small = LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM")
model = get_peft_model(base, small, adapter_name="small")
model.add_adapter("large", LoraConfig(r=16, target_modules=["q_proj"], task_type="CAUSAL_LM"))
model.add_weighted_adapter(["small", "large"], [0.5, 0.5], "both", combination_type="cat")
```

## Fix
Combine with "svd" or "cat", which take any ranks; train heads and tokens in one adapter only, and
merge that one into the base model first.

## Source
PEFT 0.21.2 `tuners/lora/model.py` (`add_weighted_adapter`); executed.
"""

from __future__ import annotations

from loracheck.config.joining.adapter import Trouble
from loracheck.config.joining.weighted_adapter import WITHOUT_DENSITY, check_weighted
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.script_adapters import (
    build_script_hit,
    collect_adapters,
    find_maker,
    get_literal,
    has_argument,
)
from loracheck.rules.support.script_calls import read_calls
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.documents.python.uses import Use
    from loracheck.rules.adapters_context import AdaptersContext
    from loracheck.rules.support.script_adapters import AdapterSet
    from loracheck.rules.types import Hit

CODE = "LC165"
NAME = "adapters-not-combined"
SEVERITY = "error"

_OF_MATRICES = frozenset({"linear", "ties", "dare_linear", "dare_ties", "magnitude_prune"})
_TAKES_SIGNS, _KEEPS_SIGNS = (0, 18), (0, 19)
"""The first PEFT releases that take a negative weight in these, and that keep its sign
(`_generalized_task_arithmetic_weighted_adapter` of 0.17.1, 0.18.1 and 0.19.1).
"""


def check_adapters(context: AdaptersContext) -> Iterator[Hit]:
    """Hits at every call that combines adapters."""
    script = read_calls(context.document, "add_weighted_adapter")
    for number, use in enumerate(script.uses if script is not None else ()):
        if use.last != "add_weighted_adapter" or use.fails or not use.complete or script is None:
            continue
        maker, names = find_maker(script, use.owner), get_literal(use, 0, "adapters")
        if maker is not None and isinstance(names, (list, tuple)):
            adapters = collect_adapters(script, maker, number, context.read_folder)
            for trouble in _find_troubles(use, adapters, names, context.peft):
                yield build_script_hit(context.document, use, trouble)


def _find_troubles(
    use: Use, adapter_set: AdapterSet, names: Sequence[str], peft: tuple[int, ...]
) -> Iterator[Trouble]:
    absent = [name for name in names if name not in adapter_set.adapters]
    if absent and adapter_set.complete:
        yield Trouble(
            "raises",
            f"the model has no adapter `{absent[0]}` here",
            f"it has {quote_names(list(adapter_set.adapters))}",
        )
        return
    yield from _find_lost_weights(use, adapter_set, names)
    yield from _find_lost_signs(use, peft)
    adapters = [adapter_set.adapters.get(name) for name in names]
    readable = [one for one in adapters if one is not None]
    kind = get_literal(use, 3, "combination_type")
    kind = kind if has_argument(use, 3, "combination_type") else "svd"
    if type(kind) is not str or len(readable) < len(adapters) or not readable:
        return
    troubles = list(check_weighted(readable, kind, peft))
    yield from troubles
    refused = any(trouble.effect == "raises" for trouble in troubles)
    without = len(names) > 1 and kind not in WITHOUT_DENSITY
    if without and not refused and not has_argument(use, 8, "density"):
        yield Trouble(
            "raises",
            f'"{kind}" needs a density, and raises TypeError without one',
            "write density=0.5, the share of the values that is kept",
        )


def _find_lost_signs(use: Use, peft: tuple[int, ...]) -> Iterator[Trouble]:
    """A negative weight in a combination of the matrices lora_A and lora_B, each by the root of its
    weight: no difference of the adapters comes out.
    """
    weights, kind = get_literal(use, 1, "weights"), get_literal(use, 3, "combination_type")
    literal = isinstance(weights, (list, tuple)) and all(type(w) in (int, float) for w in weights)
    if kind not in _OF_MATRICES or not literal or not any(w < 0 for w in weights):
        return
    help = 'write combination_type="cat", which subtracts the adapter exactly'
    if peft < _TAKES_SIGNS:
        yield Trouble("raises", f'"{kind}" takes the root of each weight: ValueError', help)
    elif peft < _KEEPS_SIGNS:
        says = (
            f'PEFT before 0.19 loses the sign of a negative weight in "{kind}": it adds the adapter'
        )
        yield Trouble("changes", says, help)
    elif kind == "linear":
        says = (
            '"linear" combines lora_A and lora_B apart: with a negative weight their product is no '
            "difference of the adapters, but has terms of one's A with the other's B"
        )
        yield Trouble("changes", says, help)


def _find_lost_weights(
    use: Use, adapter_set: AdapterSet, names: Sequence[str]
) -> Iterator[Trouble]:
    """A call that does nothing, or leaves an adapter out."""
    name, weights = get_literal(use, 2, "adapter_name"), get_literal(use, 1, "weights")
    if type(name) is str and name in adapter_set.adapters:
        yield Trouble(
            "changes",
            f"the model has an adapter `{name}` already: nothing is combined, and PEFT says "
            "nothing",
            "give the combination a name of its own",
        )
    if isinstance(weights, (list, tuple)) and len(weights) < len(names):
        yield Trouble(
            "changes",
            f"{len(names)} adapters and {len(weights)} weights: `{names[len(weights)]}` is left "
            "out without a word",
            "give each adapter a weight",
        )
