"""`check`: everything that is wrong with the values of a LoraConfig, every error at once.

PEFT stops at the first; here each field is tested by itself, then the fields against each other.
Driven by `facts.json`; no pydantic.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .field_conflicts import ONCE, RULES
from .field_table import get_lora_fields
from .issue import Issue
from .post_init_issues import CHECKED, find_post_init_issues
from .release_values import NEWEST, ReleaseValues, parse_release_number
from .validators import get_value_test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from loracheck.documents.values import Value

__all__ = ["Issue", "check"]

MAX_UNKNOWN = 1_000
"""Unknown keys that are told, each with the nearest field; a report lists fewer."""


def check(
    values: Mapping[str, Value], *, peft: str | None = None, saved: bool = False
) -> list[Issue]:
    """Every issue of the values, in the order of the fields; of unknown keys the first 1,000.

    `values` maps LoraConfig's fields to plain values; `Unknown` ones are skipped, inside lists and
    mappings too. A sub-config is a mapping. `peft` judges by that release ("0.13"), else by the
    newest; ValueError where it is no version. `saved` says that the values stand in an
    adapter_config.json, so that an unknown key is dropped or refused by the reader and not by the
    constructor.
    """
    view = ReleaseValues(values, parse_release_number(peft) if peft else NEWEST, saved)
    fields = get_lora_fields()
    issues: list[Issue] = []
    # Only values that differ from the default can be wrong, alone or together.
    reset_fields: list[str] = []
    strange: list[Issue] = []
    unknown = 0
    for name, value in values.items():
        field = fields.get(name)
        if field is None or (peft is not None and not view.is_at_least(field.since)):
            unknown += 1
            if unknown <= MAX_UNKNOWN:
                strange += _find_unknown_field_issues(name, value, view)
        elif (default := field.default) is not value and (
            type(default) is not type(value) or default != value
        ):
            reset_fields.append(name)
    if saved and values.get("peft_type") is None:
        issues += _make_missing_type_issues(values)
    if strange or peft is not None:
        view = _drop_unknown_fields(view)
    for name in reset_fields:
        value, field = values[name], fields[name]
        if isinstance(value, Unknown):
            continue
        if field.config or field.newer or not get_value_test(field)(value):
            issues += _find_field_issues(name, value, view)
    for name in reset_fields:
        if name in CHECKED:
            issues += find_post_init_issues(name, view)
        for rule in RULES.get(name, ()):
            issues += rule(view)
    for names, rule in ONCE:
        if not names.isdisjoint(reset_fields):
            issues += rule(view)
    return strange + issues


# What follows is imported late: a clean config has no use for it.


def _find_unknown_field_issues(name: str, value: Value, view: ReleaseValues) -> list[Issue]:
    from .unknown_keys import find_too_new_issue, make_unknown_field_issue

    field = get_lora_fields().get(name)
    issue = (
        find_too_new_issue(field, value, view)
        if field
        else make_unknown_field_issue(name, value, view)
    )
    return [] if issue is None else [issue]


def _make_missing_type_issues(values: Mapping[str, Value]) -> Iterator[Issue]:
    null = "peft_type" in values
    yield Issue(
        "bad-choice",
        "peft-type-missing",
        ("peft_type",),
        f"the file {'says null for' if null else 'has no'} `peft_type`; loading the adapter raises "
        "KeyError",
        "add peft_type 'LORA'",
        "LORA",
        "raises" if null else "fails",
    )


def _drop_unknown_fields(view: ReleaseValues) -> ReleaseValues:
    """The view as PEFT would see it: what it does not know is not there."""
    fields = get_lora_fields()
    values = {
        name: value
        for name, value in view.values.items()
        if name in fields and view.is_at_least(fields[name].since)
    }
    return ReleaseValues(values, view.release, view.saved)


def _find_field_issues(name: str, value: Any, view: ReleaseValues) -> Iterator[Issue]:
    field = get_lora_fields()[name]
    if not get_value_test(field)(value):
        from .sub_configs import make_value_issue

        yield make_value_issue(field, value, view)
    elif field.config and isinstance(value, dict):
        from .sub_configs import find_sub_config_issues

        yield from find_sub_config_issues(field, value, view)
    elif field.newer and value in field.newer and not view.is_at_least(field.newer[value]):
        yield _make_newer_choice_issue(name, value, view)


def _make_newer_choice_issue(name: str, value: Any, view: ReleaseValues) -> Issue:
    field = get_lora_fields()[name]
    since = (field.newer or {})[value]
    from .disallowed_values import make_bad_choice_issue

    issue = make_bad_choice_issue(field, value, view)
    version = ".".join(map(str, view.release))
    return issue._replace(
        id=f"{name.replace('_', '-')}-too-new",
        message=f"`{name}` is {value!r}, which came with PEFT {since}; PEFT {version} does not "
        "know it",
        help=f"use PEFT {since} or newer",
        suggestion=None,
    )
