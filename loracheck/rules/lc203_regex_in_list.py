"""A regular expression inside a list of names.

## What
An entry of a `target_modules` or `exclude_modules` list that is written as a pattern
(`.*q_proj`, `layers.[0-9]`).

## Why
PEFT compares list entries literally, as a whole name or as its end. A pattern in a list matches
nothing; only a plain string is taken as a regular expression. Seen in huggingface/peft issue 1206,
after PEFT 0.6 had stopped to search in list entries.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", ".*v_proj"]}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ".*\\\\.(q_proj|v_proj)"}
```

## Fix
Make the whole field one string, or write the names out. `--unsafe-fixes` joins the entries to one
expression; it is unsafe because the expression then reaches modules that it did not reach before.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`check_target_module_exists`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import slips
from .base import Case, Hit

if TYPE_CHECKING:
    from collections.abc import Iterator

CODE = "LC203"
NAME = "regex-in-list"
SEVERITY = "error"
FIXABLE = True
FIELDS = ("target_modules", "exclude_modules", "target_parameters")


def check(case: Case) -> Iterator[Hit]:
    """One hit for every list entry that is written as a pattern."""
    for field in FIELDS:
        value = case.value(field)
        if isinstance(value, (list, tuple, set, frozenset)):
            for entry in value:
                if isinstance(entry, str) and slips.looks_like_regex(entry):
                    yield _hit(case, field, entry)


def _hit(case: Case, field: str, entry: str) -> Hit:
    from . import mends

    takes = field != "target_parameters"
    mend = "make the field one string" if field != "target_parameters" else "write the names out"
    return Hit(
        f"`{entry}` stands in a list, where PEFT takes it literally; it matches nothing",
        case.entry(field, entry),
        help=f"{mend}: only a plain string is a regular expression"
        if field != "target_parameters"
        else f"{mend}: this field takes no regular expression",
        field=field,
        fix=mends.one_pattern(case, field) if takes else None,
    )
