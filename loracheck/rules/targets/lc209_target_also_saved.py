"""A module that is both a LoRA target and trained in full.

## What
The same module, or a block around it, stands in `target_modules` and in `modules_to_save`. So does
an end of the model where LLaMA-Factory's `resize_vocab` trains both in full.

## Why
`modules_to_save` wins: the module gets no LoRA and is trained and saved in full, which can multiply
the number of trainable parameters without a word. In QwenLM/Qwen issue 797 the trainable share
stayed at 28 % whatever the rank, because embedding and head were trained in full. For the head
under resize_vocab see hiyouga/LlamaFactory issue 2888.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "k_proj"], "modules_to_save": ["k_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "k_proj"], "modules_to_save": ["lm_head"]}
```

## Fix
Name the module in one of the two lists.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`, since 0.16), executed.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.rules.support.accepted_plan import find_accepted_plan
from loracheck.rules.support.module_names import EMBEDDING_NAMES, HEAD_NAMES
from loracheck.rules.support.phrases import count_noun
from loracheck.rules.types import Hit
from loracheck.trees.groups import Splitter, group_modules
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC209"
NAME = "target-also-saved"
SEVERITY = "warning"
ENDS = EMBEDDING_NAMES | HEAD_NAMES


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every target that is saved in full too, or lies inside of a module that is."""
    targets = context.value("target_modules")
    saved = context.value("modules_to_save")
    if isinstance(targets, (list, tuple)) and isinstance(saved, Unknown):
        yield from _check_resized_vocabulary(context, targets, saved)
    if not isinstance(targets, (list, tuple, set)) or not isinstance(saved, (list, tuple)):
        return
    yield from _check_targets_inside_saved(
        context, targets, [e for e in saved if isinstance(e, str) and e not in targets]
    )
    for entry in saved:
        if isinstance(entry, str) and entry and entry in targets:
            yield Hit(
                f"`{entry}` is a LoRA target and trained in full; it gets no LoRA",
                context.entry_place("modules_to_save", entry),
                help="name it in one of the two",
                field="modules_to_save",
                related=((context.entry_place("target_modules", entry), "also a target here"),),
            )


def _check_resized_vocabulary(
    context: RuleContext, targets: Collection[str], saved: Unknown
) -> Iterator[Hit]:
    """A hit for each end of the model among the targets where the vocabulary is resized: the tool
    then saves both ends in full.
    """
    ends = [e for e in targets if isinstance(e, str) and e.rpartition(".")[2] in ENDS]
    for entry in ends if saved.text == "resize_vocab" else ():
        yield Hit(
            f"with resize_vocab `{entry}` is trained in full; it gets no LoRA",
            context.entry_place("target_modules", entry),
            help="take it out of target_modules",
            field="target_modules",
            related=(
                (context.place("modules_to_save"), "this trains the ends of the model in full"),
            ),
        )


def _check_targets_inside_saved(
    context: RuleContext, targets: Collection[str], saved: list[str]
) -> Iterator[Hit]:
    """A hit for targets inside a block that is saved in full."""
    plan_and_tree = find_accepted_plan(context)
    if plan_and_tree is None:
        return
    plan, tree = plan_and_tree
    blocks = {s.group.template: s.entry for s in plan.saved if s.entry in saved}
    endings = tuple(f".{entry}" for entry in targets)
    targets_inside: dict[str, list[tuple[str, int]]] = {}
    for group in group_modules(tree, Splitter()) if blocks else ():
        block = next((b for b in blocks if group.template.startswith(f"{b}.")), None)
        if block is not None and f".{group.template}".endswith(endings):
            targets_inside.setdefault(blocks[block], []).append((group.template, group.count))
    for entry, inside in targets_inside.items():
        yield Hit(
            f"`{entry}` is trained in full, so "
            f"{count_noun(sum(count for _, count in inside), 'target')} inside it get no LoRA",
            context.entry_place("modules_to_save", entry),
            help="take the block, or the targets inside it, out of the config",
            field="modules_to_save",
            notes=(f"`{inside[0][0]}` is one of them",),
        )
