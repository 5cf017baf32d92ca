"""`Rule`: a rule as the catalogue holds it, read from the names of its module."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from loracheck.documents.model import Document
    from loracheck.rules.adapters_context import AdaptersContext
    from loracheck.rules.context import RuleContext
    from loracheck.rules.lora_file_context import LoraFileContext
    from loracheck.rules.types import Hit, Severity


class Rule(NamedTuple):
    """A rule as the catalogue holds it; `check_bare` is None where it says nothing of a document
    without a setting, `check_lora_file` where it says nothing of a LoRA file, `check_adapters`
    where it says nothing of several adapters on one model, and `check` says nothing where the rule
    is about one of these alone.
    """

    code: str
    name: str
    severity: Severity
    since: str
    summary: str
    fixable: bool
    check: Callable[[RuleContext], Iterator[Hit]]
    page: str
    options: Mapping[str, str]
    check_bare: Callable[[Document], Iterator[Hit]] | None
    check_lora_file: Callable[[LoraFileContext], Iterator[Hit]] | None
    check_adapters: Callable[[AdaptersContext], Iterator[Hit]] | None


def build_rule_from_module(module: Mapping[str, Any]) -> Rule:
    """The rule that a module describes, from the module's global names."""
    page = str(module["__doc__"])
    return Rule(
        module["CODE"],
        module["NAME"],
        module["SEVERITY"],
        module.get("SINCE", "0.1.0"),
        page.partition("\n")[0].rstrip("."),
        module.get("FIXABLE", False),
        module.get("check", _say_nothing),
        page,
        module.get("OPTIONS", {}),
        module.get("check_bare"),
        module.get("check_lora_file"),
        module.get("check_adapters"),
    )


def _say_nothing(_: RuleContext) -> Iterator[Hit]:
    """The check of a rule that is about something else than one setting."""
    return iter(())
