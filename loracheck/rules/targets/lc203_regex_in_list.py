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

import re

from loracheck.rules.support import name_typos
from loracheck.rules.support.list_keys import takes_text
from loracheck.rules.types import Hit, Repeat
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.findings import Fix
    from loracheck.rules.context import RuleContext

CODE = "LC203"
NAME = "regex-in-list"
SEVERITY = "error"
FIXABLE = True
FIELDS = ("target_modules", "exclude_modules", "target_parameters")


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every list entry that is written as a pattern."""
    for field in FIELDS:
        value = context.value(field)
        if isinstance(value, (list, tuple, set, frozenset)):
            for entry in value:
                if isinstance(entry, str) and name_typos.is_pattern(entry):  # brackets alone: LC213
                    yield _build_hit(context, field, entry)


_END = r"\^?(?:\.?\*)?(?:\\?\.)?([A-Za-z_]\w*(?:\\?\.\w+)*)\$?"
"""A pattern that says only how a name ends: `*q_proj`, `.*\\.q_proj$`."""


def _name_without_pattern(entry: str) -> str | None:
    """The plain name that does the work of an entry such as `.*q_proj`, as entries match ends of
    names; None where there is none.
    """
    match = re.fullmatch(_END, entry)
    return match[1].replace("\\.", ".") if match else None


def _build_fix(
    context: RuleContext, field: str, entry: str, plain: str | None, whole: bool
) -> Fix | None:
    """The plain name for an entry that says only how a name ends; one expression for others."""
    from loracheck.rules.support import fix_builders

    entries = [one for one in context.value(field) if isinstance(one, str)]
    patterns = [one for one in entries if name_typos.is_pattern(one)]
    if field == "target_modules" and all(_name_without_pattern(one) for one in patterns):
        return fix_builders.replace_target(context, entry, [plain] if plain else [], set(entries))
    return fix_builders.join_patterns(context, field) if whole else None


def _build_hit(context: RuleContext, field: str, entry: str) -> Hit:

    takes = field != "target_parameters"
    whole = takes and takes_text(context, field)
    plain = _name_without_pattern(entry)
    if plain is not None and takes:
        help_ = f"write `{plain}`: an entry matches every module whose name ends so"
    elif whole:
        help_ = "make the field one string: only a plain string is a regular expression"
    else:
        why = "this field takes no regular expression"
        if takes:
            why = f"`{context.spelling(field)}` takes a list alone, so no regular expression"
        help_ = f"write the names out: {why}"
    return Hit(
        f"`{entry}` stands in a list, where PEFT takes it literally; it matches nothing",
        context.entry_place(field, entry),
        help=help_,
        field=field,
        fix=_build_fix(context, field, entry, plain, whole),
        repeat=Repeat(
            "stand in a list, where PEFT takes them literally; they match nothing",
            subject=f"`{entry}`",
            mend=f"`{plain}`" if plain is not None and takes else None,
        ),
    )
