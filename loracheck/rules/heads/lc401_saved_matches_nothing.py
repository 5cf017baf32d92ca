"""A `modules_to_save` entry that names no module.

## What
An entry of `modules_to_save` that no module name ends with: a head that this model does not have, a
plural, a pattern (`.*norm`, `classifier.*`). A warning where the name is one of another release of
transformers (`embed_out` of GPT-NeoX in 5.12 is `lm_head` in 5.16).

## Why
PEFT says nothing. The head that was meant stays frozen at its random start and is not saved with
the adapter; a reward model of 72B was trained that way with `scores` instead of `score`. In
huggingface/peft issue 1070 a name that does not exist was accepted in silence.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj"],
 "modules_to_save": ["lm_heads"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj"],
 "modules_to_save": ["lm_head"]}
```

## Fix
Write the name of a module of this model; the finding lists its heads.

## Source
PEFT 0.21.2 `utils/other.py` (`_set_trainable`), executed; hiyouga/LlamaFactory issue 2724.
"""

from __future__ import annotations

from loracheck.rules.support import name_typos
from loracheck.rules.support.accepted_plan import build_notes_on_other_releases, find_saved_plan
from loracheck.rules.support.module_names import EMBEDDING_NAMES, HEAD_NAMES
from loracheck.rules.types import Hit, Repeat
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.trees.model import ModuleTree

CODE = "LC401"
NAME = "saved-matches-nothing"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every entry of the file that no module name ends with."""
    plan_and_tree, saved = find_saved_plan(context), context.value("modules_to_save")
    if plan_and_tree is None or not isinstance(saved, (list, tuple)):
        return
    plan, tree = plan_and_tree
    dead = {r.entry for r in plan.entry_matches if r.field == "modules_to_save" and not r.matched}
    from loracheck.plan.injection.tasks import HEADS

    automatic = HEADS.get(str(context.value("task_type")), ())
    for entry in dict.fromkeys(saved):
        has_typo = (
            isinstance(entry, str) and name_typos.find_typo_in_entry(entry) is not None
        )  # LC213
        # PEFT writes both of a task's head names into the configs it saves.
        if entry in dead and entry not in automatic and not has_typo:
            names = _close_names(str(entry), tree)
            lines = build_notes_on_other_releases(context, str(entry), "modules_to_save")
            yield Hit(
                f"`{entry}` names no module of {tree.cls}; nothing is trained or saved for it",
                context.entry_place("modules_to_save", entry),
                help=f"did you mean {' or '.join(f'`{n}`' for n in names)}?" if names else None,
                field="modules_to_save",
                notes=(*_describe_pattern_effect(str(entry)), *lines),
                # Where nothing says which release runs, it may be one on which the name is right.
                severity="warning" if lines and context.release_assumed else None,
                repeat=Repeat(
                    f"name no module of {tree.cls}; nothing is trained or saved for them",
                    subject=f"`{entry}`",
                    mend=" or ".join(f"`{n}`" for n in names) or None,
                ),
            )


def _describe_pattern_effect(entry: str) -> tuple[str, ...]:
    """The note on a second effect of a pattern: it matches no name to save, and yet keeps LoRA off
    the modules that it matches.
    """
    if not name_typos.is_pattern(entry):
        return ()
    return (
        "entries are compared with the end of a name; as a pattern this one only keeps LoRA off "
        "the modules that it matches",
    )


def _close_names(entry: str, tree: ModuleTree) -> list[str]:
    from difflib import get_close_matches

    top = [c.name for c in tree.root.children if c.name]
    ends = [e.rpartition(".")[2] for e in (tree.input_embeddings, tree.output_embeddings) if e]
    for end, others in (
        (tree.input_embeddings, EMBEDDING_NAMES),
        (tree.output_embeddings, HEAD_NAMES),
    ):
        if end is not None and entry.rpartition(".")[2] in others:
            return [end.rpartition(".")[2]]
    return get_close_matches(entry, list(dict.fromkeys([*top, *ends])), n=2, cutoff=0.6)
