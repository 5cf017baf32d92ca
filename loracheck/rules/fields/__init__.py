"""Family LC1, LoraConfig's fields: names, types, choices, ranges and combinations that PEFT refuses
or ignores. Most of these rules turn the issues of `loracheck.config` into `Hit`s through
`support/issue_hits.py`; begin with LC102. LC151 and those behind it read the calls of a script that
undo what its config asks for (`support/script_calls.py`); begin with LC151.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.tools.core.setting import Setting

SCRIPT_RULES = frozenset(
    {"LC151", "LC152", "LC153", "LC154", "LC155", "LC156", "LC157", "LC158", "LC159", "LC160"}
    | {"LC162", "LC163", "LC164", "LC165", "LC166", "LC167", "LC168", "LC169", "LC170"}
    | {"LC181", "LC182", "LC183", "LC184", "LC185", "LC186", "LC187", "LC188"}
    | {"LC189", "LC190", "LC191", "LC192", "LC193", "LC194", "LC195", "LC196", "LC197"}
    | {"LC113", "LC114", "LC174", "LC175", "LC176", "LC177", "LC178", "LC179", "LC198", "LC199"}
)
"""Rules about the calls of a Python file or a notebook."""

SETTING_RULES = frozenset(
    {"LC101", "LC102", "LC103", "LC104", "LC105", "LC106", "LC107", "LC108", "LC109", "LC110"}
    | {"LC153", "LC156", "LC157", "LC158", "LC160", "LC161"}
    | {"LC181", "LC184", "LC185", "LC188", "LC189"}
    | {"LC194", "LC195", "LC197"}
)
"""Rules about a setting; those that are not listed are loaded for files without one too."""


def list_silent_rules(document: Document, setting: Setting | None) -> frozenset[str]:
    """The rules that have nothing to say of a document and its setting (None: it has none)."""
    silent = _NONE if document.format in ("python", "notebook") else SCRIPT_RULES
    return silent if setting is not None else silent | SETTING_RULES


_NONE: frozenset[str] = frozenset()
