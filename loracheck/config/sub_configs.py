"""The mappings inside a LoraConfig: `eva_config`, `loftq_config`, `use_bdlora` and the others.

Source: PEFT 0.21.2 `tuners/lora/config.py` (`_get_lora_subconfig` and the classes).
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .disallowed_values import make_bad_choice_issue, make_out_of_range_issue
from .field_table import find_closest_field, get_sub_config_fields
from .issue import Issue, format_value, join_names
from .validators import build_type_test, get_value_test
from .wrong_type import make_wrong_type_issue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Table, Value

    from .field_table import Field
    from .release_values import ReleaseValues


def make_value_issue(
    field: Field, value: Value, view: ReleaseValues, parent: tuple[str, ...] = ()
) -> Issue:
    """The one issue of a value that the field's test refuses: type first, then choice or bounds."""
    if not build_type_test(field.type)(value):
        return make_wrong_type_issue(field, value, view, parent)
    if field.choices:
        return make_bad_choice_issue(field, value, view, parent)
    return make_out_of_range_issue(field, value, view, parent)


def find_sub_config_issues(field: Field, value: Table, view: ReleaseValues) -> Iterator[Issue]:
    """Everything wrong inside one sub-config."""
    owner = str(field.config)
    fields = get_sub_config_fields(owner)
    checked = view.is_at_least("0.21") or (owner == "VeloraConfig" and view.is_at_least("0.20"))
    checked = checked or owner == "MontecloraConfig"
    for key, item in value.items():
        inner = fields.get(key)
        if inner is None:
            yield _make_unknown_key_issue(field, key, view)
        elif not isinstance(item, Unknown) and not get_value_test(inner)(item):
            issue = make_value_issue(inner, item, view, (field.name,))
            if issue.effect == "raises" and not checked:
                issue = issue._replace(effect="silent")
            yield issue
        elif inner.internal and item and not view.saved:
            yield Issue(
                "ignored",
                "set-by-arrow",
                (field.name, key),
                f"`{field.name}.{key}` has no effect: {inner.outcome}",
                "remove it",
            )
    if owner == "BdLoraConfig":
        yield from _find_overlap_issues(field, value, checked)


def _make_unknown_key_issue(field: Field, key: Any, view: ReleaseValues) -> Issue:
    owner = str(field.config)
    right = find_closest_field(key, owner) if isinstance(key, str) else None
    raises = owner == "MontecloraConfig" or (
        owner == "VeloraConfig" and not view.is_at_least("0.21")
    )
    names = join_names(f"`{n}`" for n, f in get_sub_config_fields(owner).items() if not f.internal)
    if raises:
        error = "RecursionError" if view.saved else "TypeError"
        outcome = f"reading it raises {error}"
    else:
        outcome = "PEFT drops it without a word"
    return Issue(
        "unknown-field",
        "unknown-sub-field",
        (field.name, key),
        f"`{key}` is no field of {owner}; {outcome}",
        f"did you mean `{right}`?" if right else f"{owner} has {names}",
        right,
        "raises" if raises else "silent",
    )


def _find_overlap_issues(field: Field, value: dict[Any, Any], checked: bool) -> Iterator[Issue]:
    both = [value.get(f"target_modules_bd_{side}") for side in "ab"]
    if any(isinstance(side, Unknown) for side in both):
        return
    try:
        shared = set(both[0] or ()) & set(both[1] or ())
    except TypeError:  # not iterable or not hashable: the type test has said so
        return
    if shared:
        names = join_names(sorted(format_value(name) for name in shared))
        yield Issue(
            "conflict",
            "bdlora-overlap",
            (field.name, "target_modules_bd_b"),
            f"{names} stands in both lists of `{field.name}`; BdLoraConfig raises ValueError",
            "keep each module in one list: A for row-sharded layers (o_proj, down_proj), B for "
            "column-sharded ones",
            None,
            "raises" if checked else "silent",
        )
