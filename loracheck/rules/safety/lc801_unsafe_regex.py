"""A regular expression that can take for ever.

## What
A pattern with quantifiers inside of quantifiers, such as `(a+)+b`, which Python's `re` may try in
exponentially many ways, or with so many choices in a row (`.?.?.?` and on) that there are billions.

## Why
PEFT matches it against every module name, so that a config from a stranger can hang a server that
loads adapters. loracheck matches such a pattern without backtracking, which is a note; what cannot
be matched so (back-references) is tried in a process that is stopped after half a second, an error.
So is a pattern of more than 250,000 characters, which takes seconds to compile.
A pattern from a config has hung another linter (stbenjam/skillsaw issue 316).

## Bad
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": "(([\\\\w.]+)+)\\\\1proj"}
```

## Good
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ".*\\\\.[qv]_proj"}
```

## Fix
Write the expression without quantifiers inside of quantifiers, and without back-references.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`match_target_against_key`: `re.fullmatch` on names), OWASP
"Regular expression Denial of Service".
"""

from __future__ import annotations

import math

from loracheck.documents.regexes import COMPILE_ERRORS, LONGEST
from loracheck.rules.support.plan_errors import UNSAFE_REGEX
from loracheck.rules.support.regex_fields import iterate_regex_patterns
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC801"
NAME = "unsafe-regex"
SEVERITY = "error"
MANY_WAYS = 1e9
"""Ways of trying a pattern that take minutes, or hours over a model's names: `re` tries some ten
million a second.
"""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for a pattern that was stopped because it might not end, else one for each slow
    pattern.
    """
    plan = context.names_plan
    if plan is None or plan.error is None or plan.error.code not in UNSAFE_REGEX:
        yield from _find_nested_pattern_hits(context)
        return
    field = plan.error.field or "target_modules"
    if plan.error.code == "long-regex":
        yield Hit(
            f"this pattern of `{field}` is longer than {LONGEST:,} characters, so it was not tried",
            context.place(field),
            help="write what the names have in common, or a list of names",
            field=field,
        )
        return
    yield Hit(
        f"matching this pattern of `{field}` took too long, so it was stopped",
        context.place(field),
        help="write it without nested quantifiers and back-references, for example .*\\.q_proj",
        field=field,
    )


def _find_nested_pattern_hits(context: RuleContext) -> Iterator[Hit]:
    """A hit for each pattern that a backtracking matcher may take exponential time for."""
    for field, pattern in iterate_regex_patterns(context):
        if field not in context.setting.places or sum(map(pattern.count, "*+?}|")) < 2:
            continue
        ways = _count_ways(pattern)
        if ways > MANY_WAYS:
            what = "nests quantifiers" if math.isinf(ways) else f"may be tried in {ways:.0e} ways"
            yield Hit(
                f"`{pattern[:60]}` {what}: matching it may take exponential time",
                context.entry_place(field, pattern),
                help="write it without quantifiers inside of quantifiers, and with few in a row",
                field=field,
                severity="note",
            )


def _count_ways(pattern: str) -> float:
    from loracheck.plan.matching.linear_regex import count_ways

    try:
        return count_ways(pattern)
    except COMPILE_ERRORS:
        return 0  # LC205 reports what does not compile
