"""Keys that LoraConfig does not have: misspelt, foreign, removed, or newer than the release.

Source: the released wheels of PEFT 0.0.1 to 0.21.2; PEFT 0.21.2 `config.py` (from_peft_type).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .field_table import (
    find_closest_field,
    get_lora_fields,
    get_removed_fields,
    get_sub_config_fields,
)
from .foreign_arguments import find_home
from .issue import Effect, Issue, format_value

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

    from .field_table import Field
    from .release_values import ReleaseValues


def _describe_unknown_key_effect(view: ReleaseValues) -> tuple[Effect, str]:
    """What the release does with an unknown key, of a call or of a file."""
    if not view.saved:
        return "raises", "LoraConfig raises TypeError"
    if view.is_at_least("0.14"):
        if "peft_type" not in view.values:
            return "raises", "without peft_type beside it, reading the file raises TypeError"
        return "warns", "PEFT drops it with a warning when it reads the file"
    if view.is_at_least("0.6"):
        return "raises", "reading the file raises TypeError"
    return "silent", "PEFT drops it without a word"


def make_unknown_field_issue(name: Any, value: Value, view: ReleaseValues) -> Issue:
    """The issue for a key that is no field of any release at hand."""
    effect, outcome = _describe_unknown_key_effect(view)
    if name in get_removed_fields():
        return _make_removed_issue(name, value, effect, outcome)
    right = find_closest_field(name) if isinstance(name, str) else None
    help_ = f"did you mean `{right}`?" if right else "remove it"
    if right is None and isinstance(name, str) and (home := find_sub_config(name)):
        help_ = f"`{name}` belongs inside `{home}`"
    elif right is None and isinstance(name, str) and (call := find_home(name)):
        help_ = f"it is an argument of {call}"
    return Issue(
        "unknown-field",
        "unknown-field",
        (name,),
        f"`{name}` is no field of LoraConfig; {outcome}",
        help_,
        right,
        effect,
    )


def find_sub_config(name: str) -> str | None:
    """The field whose sub-config has a field of that name."""
    for field in get_lora_fields().values():
        if field.config and name in get_sub_config_fields(field.config):
            return field.name
    return None


def _make_removed_issue(name: str, value: Value, effect: Effect, outcome: str) -> Issue:
    release = get_removed_fields()[name]["removed"]
    if name == "enable_lora" and value:
        help_ = (
            "it is in use: such an adapter has grouped tensors that PEFT no longer reads, so "
            f"deleting the key is not enough; load it with PEFT below {release} and convert it"
        )
    elif name == "merge_weights" and value:
        help_ = "remove it, and call merge_and_unload() where merged weights are wanted"
    else:
        help_ = "remove it; with this value nothing is lost"
    return Issue(
        "unknown-field",
        f"removed-{name.replace('_', '-')}",
        (name,),
        f"`{name}` was removed in PEFT {release}; {outcome}",
        help_,
        None,
        effect,
        effect != "raises" and not value,
    )


_RECORDS = frozenset({"peft_version"})
"""Fields that say who wrote the file, and change nothing."""


def find_too_new_issue(field: Field, value: Value, view: ReleaseValues) -> Issue | None:
    """The issue for a field that came after the release; None where dropping it changes nothing."""
    effect, outcome = _describe_unknown_key_effect(view)
    unused = value == field.default or value is None or value == {} or field.name in _RECORDS
    if effect != "raises" and unused:
        return None
    version = ".".join(map(str, view.release))
    loss = "" if effect == "raises" or unused else f", so {format_value(value)} is lost"
    return Issue(
        "unknown-field",
        "field-too-new",
        (field.name,),
        f"`{field.name}` came with PEFT {field.since}, PEFT {version} does not know it; "
        f"{outcome}{loss}",
        f"remove it, or use PEFT {field.since} or newer",
        None,
        effect,
    )
