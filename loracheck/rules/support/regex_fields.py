"""The fields of LoraConfig that hold regular expressions."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.values import Value
    from loracheck.rules.context import RuleContext

STRING_FIELDS = ("target_modules", "exclude_modules", "layers_pattern")
"""Fields that are one expression where their value is a string."""

LIST_FIELDS = ("rank_pattern", "alpha_pattern", "modules_to_save", "layers_pattern")
"""Fields whose entries, or keys, are expressions each."""


def iterate_regex_patterns(context: RuleContext) -> Iterator[tuple[str, str]]:
    """(field, text) of every pattern in the config that PEFT compiles."""
    for field in STRING_FIELDS:
        value: Value = context.value(field)
        if isinstance(value, str):
            yield field, value
    for field in LIST_FIELDS:
        value = context.value(field)
        if isinstance(value, (list, tuple, set, dict)):
            yield from ((field, part) for part in value if isinstance(part, str))
