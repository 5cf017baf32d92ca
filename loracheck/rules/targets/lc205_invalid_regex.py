"""A pattern that is no valid regular expression.

## What
`target_modules` or `exclude_modules` as a string, a key of `rank_pattern` or `alpha_pattern`, an
entry of `modules_to_save` or `layers_pattern` that Python's `re` cannot compile.

## Why
PEFT compiles these while it walks over the model, so the run stops with `re.error` once the model
is loaded. A leading `*` from a shell glob is the usual cause.

A key, and an entry of a list, is put into the middle of a longer expression, so that a `(?i)` there
is refused, too.

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": "*.q_proj"}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ".*\\\\.q_proj"}
```

## Fix
Mend the expression at the place that the message names. `.*` stands for any text, and `\\.` for a
dot.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`match_target_against_key`), `utils/other.py`
(`get_pattern_key`).
"""

from __future__ import annotations

from loracheck.config.target_names import find_regex_error
from loracheck.rules.support.regex_fields import iterate_regex_patterns
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC205"
NAME = "invalid-regex"
SEVERITY = "error"


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every pattern that does not compile; a warning where PEFT never compiles it."""
    yield from _check_filters(context)
    plan = context.plan
    built = plan is not None and plan.error is None
    for field, pattern in iterate_regex_patterns(context):
        reason = find_regex_error(field, pattern)
        if reason is not None:
            yield Hit(
                f"`{pattern}` is no regular expression: {reason}",
                context.entry_place(field, pattern),
                help="a shell glob is not a regular expression: write .* for any text"
                if pattern.startswith("*")
                else None,
                field=field,
                notes=("PEFT never comes to it with this model and config",) if built else (),
                severity="warning" if built else None,
            )


def _check_filters(context: RuleContext) -> Iterator[Hit]:
    """One hit for every expression among a tool's own filters that does not compile."""
    selection = context.setting.behaviour.selection
    if selection is None or not selection.expressions:
        return
    for one in selection.filters:
        reason = find_regex_error("target_modules", one.entry)
        if reason is not None:
            torn = "{" in one.entry or "}" in one.entry
            yield Hit(
                f"`{one.entry}` in {selection.key} is no regular expression: {reason}",
                one.place,
                help="commas part the expressions: write one without commas" if torn else None,
                field=selection.key,
            )
