"""A policy of the team's own does not allow the setting.

## What
A policy is a JSON Schema that the settings or `--policy` name. It is held against the setting in
one normal form, whatever tool's file it comes from; each part of it that is certainly violated is
a finding at the line of the value. The policy's `description` is the reason that the finding gives,
its `x-severity` (`error`, `warning` or `note`) the severity.

## Why
What PEFT takes a team may not: the server is started for a rank of at most 64, some base models
have no licence, adapters are kept in a store of a certain size. Said in a wiki, it is found out
after the training. A value that is not known before run time violates nothing.

## Bad
With `--policy rank.json`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 128, "lora_alpha": 128,
 "target_modules": ["q_proj", "v_proj"]}
```
```policy
{"properties": {"fields": {"properties": {"r": {
  "maximum": 64, "description": "the server is started with --max-lora-rank 64"}}}}}
```

## Good
With `--policy rank.json`:
```json
{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 64, "lora_alpha": 64,
 "target_modules": ["q_proj", "v_proj"]}
```
```policy
{"properties": {"fields": {"properties": {"r": {"maximum": 64}}}}}
```

## Fix
Do as the policy says, or have it changed by who answers for it. An exception that is agreed upon is
a comment with its reason, or a line of `per-file-ignores`.

## Source
JSON Schema 2020-12 (Core and Validation); for values that are not known, Kleene's logic of three
values.
"""

from __future__ import annotations

from loracheck.rules.support.normal_places import find_place
from loracheck.rules.support.policy_verdicts import judge_by_policies
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Path, Span
    from loracheck.policies.model import Violation
    from loracheck.rules.context import RuleContext
    from loracheck.rules.types import Severity

CODE = "LC901"
NAME = "policy-violated"
SEVERITY = "error"

SOFTER: dict[str, Severity] = {"error": "warning", "warning": "note", "note": "note"}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each violation of each policy."""
    for violation in context.compute_once(judge_by_policies).violations:
        place = find_place(context, violation.at)
        yield Hit(
            violation.message,
            place.at,
            help=violation.help,
            field=place.field,
            written=None if violation.is_key else _find_constant(context.document, place.at),
            key=violation.is_key,
            files=((violation.policy.path, violation.span, "the policy"),),
            severity=_choose_severity(context, violation),
            notes=_note_origin(context, violation),
        )


def _note_origin(context: RuleContext, violation: Violation) -> tuple[str, ...]:
    """Where a field has its value from that the file does not set; how an engine's reasons are
    shown.
    """
    first, *rest = violation.at or ("",)
    if first == "engines" and rest:
        return (f"`loracheck check --serve {rest[0]}` says why",)
    name = str(rest[0]) if rest and first in ("fields", "config") else None
    setting = context.setting
    if name is None or name in setting.places:
        return ()
    if name in setting.fields:
        return (f"{setting.tool_name} sets `{name}` by itself",)
    return (f"the setting leaves `{name}` to PEFT's default",)


def _find_constant(document: Document, at: Path) -> Span | None:
    """Where the constant has its value that is named at the place; None for any other value."""
    find = getattr(document, "written_span", None)
    span: Span | None = find(at) if find is not None else None
    return span


def _choose_severity(context: RuleContext, violation: Violation) -> Severity | None:
    """The policy's; one step less for a base model that is only what the file falls back on."""
    if violation.at == ("model",) and context.setting.assumed:
        return SOFTER[violation.severity or SEVERITY]
    return violation.severity
