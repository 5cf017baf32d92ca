"""Unsloth is imported behind the libraries that it changes.

## What
A script with an adapter of Unsloth's imports `trl`, `transformers` or `peft` before `unsloth`.

## Why
Unsloth replaces parts of these libraries when it is imported. What was imported before keeps the
old parts: Unsloth warns that "your code may run slower or encounter memory issues", and a trainer
of TRL's that was imported before is not the one that Unsloth made for its models. Most scripts
run all the same, so it is a note. Seen in unslothai/unsloth pull request 602 and unslothai/unsloth
pull request 1831.

## Bad
```python
from trl import SFTTrainer
from unsloth import FastLanguageModel
model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Meta-Llama-3.1-8B")
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "v_proj"])
trainer = SFTTrainer(model=model, train_dataset=data)
```

## Good
```python
from unsloth import FastLanguageModel
from trl import SFTTrainer
model, tokenizer = FastLanguageModel.from_pretrained("unsloth/Meta-Llama-3.1-8B")
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "v_proj"])
trainer = SFTTrainer(model=model, train_dataset=data)
```

## Fix
Write the import of `unsloth` above those of `trl`, `transformers` and `peft`.

## Source
Unsloth 2026.8 `_gpu_init.py` (`critical_modules`), `__init__.py` since 2025.3.
"""

from __future__ import annotations

import re

from loracheck.documents.python.imports import list_imported_packages
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import read_calls
from loracheck.rules.support.script_releases import is_older
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Span
    from loracheck.rules.context import RuleContext

CODE = "LC149"
NAME = "unsloth-imported-late"
SEVERITY = "note"

_CHANGED = ("trl", "transformers", "peft")
_WARNS_SINCE = "2025.3"
_NESTED = compile_when_used(r"^[ \t]+(?:from|import)[ \t]+unsloth\b", re.MULTILINE)
"""An import below a condition or in a function, of which the order is not known."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for the first import that comes too early; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "Fast", "import") if context.first else None
    if script is None:
        return
    from loracheck.tools.unsloth_calls import PACKAGE

    start = f"{PACKAGE}.Fast"
    if not any(use.name.startswith(start) and not use.fails for use in script.uses):
        return
    packages = list_imported_packages(document.syntax)  # type: ignore[attr-defined]
    late = next((one for one in packages if one.name == PACKAGE), None)
    early = next((one for one in packages if one.name in _CHANGED), None)
    if late is None or early is None or early.place.start >= late.place.start:
        return
    if _NESTED.search(document.source) or is_older(document, PACKAGE, _WARNS_SINCE):
        return
    span: Span = document.lines.span(late.place.start, late.place.end)  # type: ignore[attr-defined]
    first: Span = document.lines.span(early.place.start, early.place.end)  # type: ignore[attr-defined]
    yield Hit(
        f"`{early.name}` is imported before Unsloth, which changes it only for what is imported "
        "later",
        span,
        help="write the import of unsloth above those of trl, transformers and peft",
        spans=((first, "imported here"),),
    )
