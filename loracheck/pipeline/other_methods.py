"""What is said of a config of another of PEFT's methods: which of its names match nothing."""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.rules import Hit, Rule
    from loracheck.tools.core.setting import Setting

FIELD_RULES = frozenset({"LC002", "LC101", "LC102", "LC103", "LC104", "LC105", "LC106"})
"""Rules about the file and the fields, which are the method's own."""

NAME_RULES = frozenset(
    {
        "LC003",
        "LC201",
        "LC202",
        "LC203",
        "LC204",
        "LC205",
        "LC206",
        "LC208",
        "LC213",
        "LC230",
        "LC240",
    }
) | {"LC801"}
"""Rules about the matching of names, which all these methods share with LoRA, and about the
modules that the method takes. Which it takes where none are named is its own.
"""

_LORA = compile_when_used(r"\bLoRA\b")


def select_method_hits(
    setting: Setting, hits: Iterable[tuple[Rule, Hit]]
) -> Iterator[tuple[Rule, Hit]]:
    """The hits that hold for the method of the setting, in its name."""
    method = str(setting.method)
    has_targets = bool(setting.fields.get("target_modules"))
    for rule, hit in hits:
        if rule.code in FIELD_RULES or (has_targets and rule.code in NAME_RULES):
            yield (
                rule,
                hit._replace(
                    message=_LORA.sub(method, hit.message),
                    help=hit.help and _LORA.sub(method, hit.help),
                    notes=tuple(_LORA.sub(method, note) for note in hit.notes),
                ),
            )
