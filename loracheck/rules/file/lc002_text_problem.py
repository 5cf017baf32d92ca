"""A key given twice, a number that JSON does not have, or a cell that cannot be read.

## What
The file can be read, but not everything in it means what it seems to: a key that stands
twice in one mapping (the last one wins), `NaN` and `Infinity` in JSON, or a notebook's cell with a
LoRA config that is no Python.

## Why
Python's `json` and PyYAML take the last of two equal keys without a word, so an edit of the
first has no effect. `NaN` is read by Python alone; the adapter cannot be loaded by servers written
in another language.

## Bad
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "r": 8, "target_modules": ["q_proj"]}
```

## Good
```json
{"peft_type": "LORA", "r": 16, "lora_alpha": 32, "target_modules": ["q_proj"]}
```

## Fix
Keep one of the two keys. Write a finite number in place of `NaN`, or leave the key out.

## Source
RFC 8259 section 4 (names should be unique) and section 6 (no NaN, no Infinity).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Problem, Span
    from loracheck.rules.context import RuleContext

CODE = "LC002"
NAME = "text-problem"
SEVERITY = "warning"
LOST = frozenset({"broken-cell"})
"""Problems that may have cost the file its only setting."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every problem inside the setting's document; the first setting of a file speaks.
    A number that JSON does not have is the setting's affair only where it stands in it: a record
    of a run may have `NaN` among its losses.
    """
    for problem in context.document.problems:
        mine = (
            context.first if problem.kind != "not-a-number" else _is_inside(context, problem.span)
        )
        if mine:
            yield _build_hit(problem)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every problem of a document without a setting that may have hidden one."""
    yield from (_build_hit(problem) for problem in document.problems if problem.kind in LOST)


def _build_hit(problem: Problem) -> Hit:
    return Hit(problem.message, problem.span, spans=problem.related)


def _is_inside(context: RuleContext, place: Span) -> bool:
    whole = context.document.span(context.setting.path)
    return whole[:2] <= place[:2] and place[2:] <= whole[2:]
