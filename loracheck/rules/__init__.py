"""The rules: a `RuleContext` in (one LoRA setting of a file, with its model's tree and its plan),
`Hit`s out.

Each rule is one module `lcNNN_name.py` in the folder of its family, with CODE, NAME, SEVERITY and a
function `check(context)`; its docstring is its page, its example and its test. `list_all_rules()`
finds them all, nothing is registered by hand. Begin with `context.py` and `types.py`, then any
rule; what several rules need lies in `support/`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib import import_module
from os import listdir
from os.path import dirname, join

from loracheck.lazy_names import import_when_used
from loracheck.type_checking import TYPE_CHECKING

from .field_rules import list_fieldless_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType
    from typing import Any

    from loracheck.documents.model import Document

    from .context import RuleContext
    from .rule import Rule
    from .types import Hit

FOLDERS = {
    "LC0": "file",
    "LC1": "fields",
    "LC2": "targets",
    "LC3": "scaling",
    "LC4": "heads",
    "LC5": "serving",
    "LC6": "weights",
    "LC7": "tools",
    "LC8": "safety",
    "LC9": "policy",
}
"""Family of codes -> the folder of its rules, by code."""

_NONE: frozenset[str] = frozenset()


@cache
def list_codes() -> tuple[str, ...]:
    """The code of every rule, from the names of the rules' files: no rule is imported."""
    return tuple(
        _get_code(file) for family in FOLDERS.values() for file in _list_rule_files(family)
    )


@cache
def list_all_rules() -> tuple[Rule, ...]:
    """Every rule of this package, by code."""
    return tuple(rule for family in FOLDERS.values() for rule in _load_rules(family))


def list_rules_for_setting(
    context: RuleContext,
    codes: frozenset[str] | None = None,
    without: frozenset[str] = _NONE,
) -> tuple[Rule, ...]:
    """The rules that a setting is held against, by code; of `codes` alone where they are given, and
    `without` some.
    What a family's folder says that it has nothing to look at, all of it with `applies(context)` or
    some rules with `list_silent_rules(document, setting)`, is not even imported, nor is a rule
    about fields that the setting does not give.
    """
    parts = []
    for family, applies, list_silent in _list_families():
        if applies is None or applies(context):
            silent = list_silent(context.document, context.setting) if list_silent else _NONE
            parts.append((family, silent))
    return _join_families(tuple(parts), codes, without, list_fieldless_rules(context.setting))


@cache
def _list_families() -> list[tuple[str, Any, Any]]:
    """Each family's folder, its `applies` and its `list_silent_rules`, None where it has none."""
    modules = {family: vars(_import_family(family)) for family in FOLDERS.values()}
    return [
        (family, names.get("applies"), names.get("list_silent_rules"))
        for family, names in modules.items()
    ]


@lru_cache(maxsize=1024)
def _join_families(
    parts: tuple[tuple[str, frozenset[str]], ...],
    codes: frozenset[str] | None,
    without: frozenset[str],
    fieldless: frozenset[str],
) -> tuple[Rule, ...]:
    return tuple(
        rule
        for family, silent in parts
        for rule in _load_rules(family, silent | fieldless)
        if (codes is None or rule.code in codes) and rule.code not in without
    )


BARE = ("LC0", "LC1", "LC7")
"""The families with rules that have `check_bare`."""


def list_rules_for_bare(document: Document) -> Iterator[Rule]:
    """The rules that may have something to say of a document without a setting. No other family
    than BARE is imported for the many files that have none.
    """
    for family in map(FOLDERS.__getitem__, BARE):
        list_silent = getattr(_import_family(family), "list_silent_rules", None)
        silent = list_silent(document, None) if list_silent else _NONE
        yield from (r for r in _load_rules(family, silent) if r.check_bare is not None)


def list_rules_for_lora_files() -> Iterator[Rule]:
    """The rules that speak of LoRA files: the family LC6 has them."""
    rules = _load_rules(FOLDERS["LC6"])
    yield from (rule for rule in rules if rule.check_lora_file is not None)


def list_rules_for_adapters(document: Document) -> Iterator[Rule]:
    """The rules that speak of several adapters on one model: the family LC1 has them."""
    family = FOLDERS["LC1"]
    rules = _load_rules(family, _import_family(family).list_wordless_rules(document.source))
    yield from (rule for rule in rules if rule.check_adapters is not None)


@lru_cache(maxsize=1024)
def _load_rules(family: str, silent: frozenset[str] = _NONE) -> tuple[Rule, ...]:
    """The rules of a family, some left out."""
    files = _list_rule_files(family)
    return tuple(_load_rule(family, file) for file in files if _get_code(file) not in silent)


@cache
def _load_rule(family: str, file: str) -> Rule:
    from .rule import build_rule_from_module

    return build_rule_from_module(vars(import_module(f"{__name__}.{family}.{file}")))


@cache
def _import_family(family: str) -> ModuleType:
    return import_module(f"{__name__}.{family}")


@cache
def _list_rule_files(family: str) -> tuple[str, ...]:
    """The rules' files, without their suffix: what is compiled may stand alone (.pyc)."""
    files = listdir(join(dirname(__file__), family))
    return tuple(sorted({file.partition(".")[0] for file in files if file.startswith("lc")}))


def _get_code(file: str) -> str:
    return file.partition("_")[0].upper()


def select_codes(selectors: tuple[str, ...]) -> frozenset[str]:
    """Codes that the selectors (a code, a prefix of codes, a rule's name, or ALL) stand for.

    Raises KeyError with the first selector that stands for nothing.
    """
    codes: set[str] = set()
    for selector in selectors:
        hits = {
            r.code
            for r in list_all_rules()
            if selector == r.name or selector.upper() == "ALL" or _begins(r.code, selector)
        }
        if not hits:
            raise KeyError(selector)
        codes |= hits
    return frozenset(codes)


def _begins(code: str, selector: str) -> bool:
    return bool(selector) and code.startswith(selector.upper())


def suggest_selector(selector: str) -> str | None:
    """The code or name of a rule that an unknown selector may have meant, None where none is
    close. What has the form of a code is a slip for one of the same family at most.
    """
    from difflib import get_close_matches

    names = [name for rule in list_all_rules() for name in (rule.code, rule.name)]
    if len(selector) == len(names[0]) and selector[-3:].isdecimal():
        codes = [name for name in names if name[:3] == selector[:3].upper()]
        return next(iter(get_close_matches(selector.upper(), codes, 1, 0.8)), None)
    return next(iter(get_close_matches(selector, names, 1, 0.6)), None)


__all__ = [
    "Hit",
    "Rule",
    "RuleContext",
    "list_all_rules",
    "list_codes",
    "list_rules_for_adapters",
    "list_rules_for_bare",
    "list_rules_for_lora_files",
    "list_rules_for_setting",
    "select_codes",
    "suggest_selector",
]

__getattr__ = import_when_used(
    __name__,
    {
        "Hit": "loracheck.rules.types",
        "Rule": "loracheck.rules.rule",
        "RuleContext": "loracheck.rules.context",
    },
)
