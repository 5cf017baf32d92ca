"""A `modules_to_save` entry that catches more than its name says.

## What
An entry reaches modules whose own name is longer: `norm` also ends `input_layernorm`, `head` ends
`lm_head`, `0` is the first layer of every list. Also new tokens in a file of LLaMA-Factory, for
which the tool adds both embeddings to `modules_to_save`: a note with their size.

## Why
PEFT asks whether the full name ends with the entry, without regard to dots, and trains and saves a
full copy of each such module. `classifier` on DistilBERT catches `pre_classifier`, which is wanted;
so a few are a note, many a warning.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "modules_to_save": ["norm"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"], "modules_to_save": ["model.norm"]}
```

## Fix
Write the full name of the module that is meant.

## Source
PEFT 0.21.2 `utils/other.py` (`_set_trainable`: `endswith`), executed; huggingface/peft issue 3755.
"""

from __future__ import annotations

from loracheck.rules.support.accepted_plan import find_names_plan
from loracheck.rules.support.phrases import count_noun, describe_example, quote_names
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loracheck.plan.model import SavedModule
    from loracheck.rules.context import RuleContext

CODE = "LC408"
NAME = "saved-reaches-many"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every entry of the file that catches longer names, or whole layers by number."""
    plan_and_tree, saved = find_names_plan(context), context.value("modules_to_save")
    if plan_and_tree is None or not isinstance(saved, (list, tuple)):
        return
    if context.setting.behaviour.saves_embeddings:
        from loracheck.plan.injection.weight_tying import find_tied_modules

        if not find_tied_modules(plan_and_tree[1]):
            yield from _tell_embeddings(context, plan_and_tree[0].saved)
        return
    for entry in dict.fromkeys(e for e in saved if isinstance(e, str) and e):
        hits = [s for s in plan_and_tree[0].saved if s.entry == entry and not s.tied]
        if entry.isdecimal():
            longer = hits
        else:
            longer = [s for s in hits if not f".{s.name}".endswith(f".{entry}")]
        if longer:
            yield _build_hit(context, entry, hits, longer)


def _tell_embeddings(context: RuleContext, saved: Sequence[SavedModule]) -> Iterator[Hit]:
    """The ends of the model that the tool trains because of new tokens, which the file does not
    say.
    """
    setting, tool = context.setting, context.setting.tool
    if not saved or tool is None:
        return
    names = quote_names(sorted({s.name.rpartition(".")[2] for s in saved}))
    weights = sum(s.parameters * s.group.count for s in saved)
    other = next((key.name for key in tool.keys if key.field == "modules_to_save"), None)
    yield Hit(
        f"new tokens have {names} trained and saved in full: {weights:,} weights beside LoRA's",
        setting.place("modules_to_save"),
        help=f"where memory is short name one end only, in {other}" if other else None,
        field="modules_to_save",
        notes=("not where the tokenizer has all of the tokens already",),
        severity="note",
    )


def _build_hit(
    context: RuleContext, entry: str, hits: list[SavedModule], longer: list[SavedModule]
) -> Hit:
    extra, every = _count_names(longer), _count_names(hits)
    weights = sum(s.parameters * s.group.count for s in hits)
    loud = entry.isdecimal() or (extra > 1 and extra > every - extra > 0)
    return Hit(
        f"`{entry}` is the end of {count_noun(every, 'module name')}, "
        f"{describe_example(longer[0].name, every)}; {'each' if every > 1 else 'it'} is trained "
        "and saved in full",
        context.entry_place("modules_to_save", entry),
        help="write the full name of the one you mean"
        if every > 1
        else "write its full name if it is meant",
        field="modules_to_save",
        notes=(f"{weights:,} weights in all",),
        severity=None if loud else "note",
    )


def _count_names(saved: list[SavedModule]) -> int:
    return sum(s.group.count for s in saved)
