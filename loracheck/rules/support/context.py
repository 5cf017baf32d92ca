"""What a rule is given (`Case`) and what it gives back (`Hit`).

A rule is one module `lcNNN_name.py` in this package with CODE, NAME, SEVERITY, SINCE, a docstring
in fixed headings (its page, its `--explain`, its test) and one function `check(case)` that yields
hits; `check_bare(document)` may stand beside it, for documents that set nothing up. It is found by
itself. FIXABLE = True says that it gives fixes; OPTIONS maps the names of numbers that the settings
may give it (`[tool.loracheck.rules.LCNNN]`) to a line of help each.
"""

from __future__ import annotations

from functools import cached_property
from os.path import join, lexists, split
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.config.field_table import fields as facts
from loracheck.documents.model import Path, Span, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from loracheck.config.check import Issue
    from loracheck.documents.model import Document
    from loracheck.engines import Engine, Trait
    from loracheck.findings import Fix, Severity
    from loracheck.plan.model import Plan
    from loracheck.tools.core.setting import Setting
    from loracheck.trees.model import ModuleTree
    from loracheck.trees.sources.resolve import Resolved

    from .adapter_weights import Weights


class Hit(NamedTuple):
    """One thing a rule has to say. `at` is a path in the document, or a span; `key` points at the
    key there.

    `related` and `spans` are other places with a label each, by path or by span. `severity`
    overrides the rule's own where a case is milder or harder.
    """

    message: str
    at: Path | Span
    help: str | None = None
    field: str | None = None
    key: bool = False
    notes: tuple[str, ...] = ()
    related: tuple[tuple[Path, str], ...] = ()
    spans: tuple[tuple[Span, str], ...] = ()
    severity: Severity | None = None
    fix: Fix | None = None


class Case:
    """One Setting with all that is known about it; expensive parts are worked out when a rule first
    asks.
    """

    def __init__(
        self,
        setting: Setting,
        resolved: Resolved,
        peft: str | None = None,
        first: bool = True,
        others: Callable[[], list[ModuleTree]] = list,
        options: Mapping[str, Mapping[str, Any]] | None = None,
        serve: tuple[str, ...] = (),
    ) -> None:
        self.setting = setting
        self.first = first
        self.resolved = resolved
        self.peft = peft
        self._others = others
        self._options = options or {}
        self._serve = serve

    def option(self, code: str, name: str, default: Any) -> Any:
        """What the settings say for an option that the rule `code` declares in OPTIONS."""
        return self._options.get(code, {}).get(name, default)

    @property
    def document(self) -> Document:
        """The file's document."""
        return self.setting.document

    @property
    def tree(self) -> ModuleTree | None:
        """The model's module tree, if it is known."""
        return self.resolved.tree

    @cached_property
    def issues(self) -> list[Issue]:
        """All that the field schema has to say, every error at once."""
        from loracheck.config.check import check

        saved = self.setting.dialect == "peft-adapter"
        found = check(self.setting.fields, peft=self.peft, saved=saved)
        if self.setting.lists_linear:  # the tool's own list, under PEFT's word
            return [issue for issue in found if issue.id != "all-linear-too-new"]
        return found

    @cached_property
    def broken(self) -> bool:
        """Whether LoraConfig itself would refuse the values, so that there is nothing to inject."""
        return any(
            issue.effect == "raises" and (issue.kind != "unknown-field" or len(issue.path) > 1)
            for issue in self.issues
        )

    @cached_property
    def plan(self) -> Plan | None:
        """What PEFT would do with the model; None without an exact tree or with refused values."""
        if self.tree is None or self.tree.partial:
            return None
        return self.names_plan

    @cached_property
    def names_plan(self) -> Plan | None:
        """As `plan`, also on a tree of tensor names; only what it says of names is worth anything
        there.
        """
        if self.tree is None or self.broken:
            return None
        return self._plan(self.tree)

    def _plan(self, tree: ModuleTree) -> Plan | None:
        from .plan_cache import planned

        values = self.passed
        if self.setting.lists_linear and values.get("target_modules") == "all-linear":
            from .outcome import linear_names

            own = values.get("exclude_modules")
            values["target_modules"] = linear_names(tree, own if isinstance(own, str) else None)
        return planned(values, tree, self.peft)

    @property
    def passed(self) -> dict[str, Any]:
        """The keywords that LoraConfig gets, for the plan: without what PEFT drops of a file."""
        known = facts()
        dropped = {"runtime_config"} if self.setting.dialect == "peft-adapter" else set[str]()
        values = {**self.setting.fields, **self.setting.planned}
        return {k: v for k, v in values.items() if k in known and k not in dropped}

    @cached_property
    def mended_by(self) -> str | None:
        """The newest PEFT release, where it takes what the release asked for refuses."""
        if self.peft is None or self.tree is None:
            return None
        from loracheck.plan.config.releases import NEWEST

        newest = f"{NEWEST[0]}.{NEWEST[1]}"
        plan = Case(self.setting, self.resolved, newest).plan
        return newest if plan is not None and plan.error is None else None

    @cached_property
    def elsewhere(self) -> list[tuple[str, Plan]]:
        """(transformers version, plan) of the same config on the model's other known trees."""
        trees = self._others() if self.tree is not None and not self.broken else []
        plans = [(tree.transformers or "?", self._plan(tree)) for tree in trees]
        return [(version, plan) for version, plan in plans if plan is not None]

    @cached_property
    def weights(self) -> Weights | None:
        """The weights beside an adapter_config.json, where there are any."""
        if self.setting.dialect != "peft-adapter":
            return None
        folder, name = split(self.document.path)
        if name != "adapter_config.json" or not lexists(join(folder, "adapter_model.safetensors")):
            return None
        from .adapter_weights import beside

        return beside(self.document.path)

    @cached_property
    def engines(self) -> tuple[Engine, ...]:
        """The engines that the adapter is to be served by, as the user asked for them."""
        if not self._serve:
            return ()
        from loracheck.engines import asked_for

        return tuple(map(asked_for, self._serve))

    def served(self, whats: tuple[str, ...], effects: tuple[str, ...] = ()) -> Iterator[Hit]:
        """Hits for what the engines asked for do not do; nothing, at no cost, where none is."""
        if self._serve:
            from .engine_verdicts import hits

            yield from hits(self, whats, effects)

    @cached_property
    def traits(self) -> list[Trait]:
        """What the adapter asks of an engine."""
        from .engine_verdicts import traits

        return traits(self)

    def value(self, name: str) -> Any:
        """The field's value as PEFT would get it: the file's, or LoraConfig's default."""
        if name in self.setting.fields:
            return self.setting.fields[name]
        return facts()[name].default if self.setting.complete else Unknown()

    def given(self, name: str) -> bool:
        """Whether the file sets the field to a value that is known."""
        return name in self.setting.fields and not isinstance(self.setting.fields[name], Unknown)

    def place(self, name: str) -> Path:
        """Where the field's value stands, or the setting itself."""
        return self.setting.place(name)

    def entry(self, name: str, value: Any) -> Path:
        """Where one entry of a list or mapping field stands, else the field."""
        return self.place(name) + _step(
            self.setting.fields.get(name), value, name in self.setting.places
        )

    def spelling(self, name: str) -> str:
        """The field's name as the file spells it."""
        return self.setting.keys.get(name, name)


def _step(container: Any, value: Any, placed: bool) -> Path:
    if not placed:
        return ()
    if isinstance(container, dict):
        return (value,) if value in container else ()
    if isinstance(container, (list, tuple)):
        return next(((i,) for i, item in enumerate(container) if item == value), ())
    return ()


class Rule(NamedTuple):
    """A rule as the catalogue holds it; `check_bare` is None where it says nothing of a document
    without a setting.
    """

    code: str
    name: str
    severity: Severity
    since: str
    summary: str
    fixable: bool
    check: Callable[[Case], Iterator[Hit]]
    page: str
    options: Mapping[str, str]
    check_bare: Callable[[Document], Iterator[Hit]] | None


def rule_of(module: Mapping[str, Any]) -> Rule:
    """The rule that a module's names describe."""
    page = str(module["__doc__"])
    return Rule(
        module["CODE"],
        module["NAME"],
        module["SEVERITY"],
        module.get("SINCE", "0.1.0"),
        page.partition("\n")[0].rstrip("."),
        module.get("FIXABLE", False),
        module["check"],
        page,
        module.get("OPTIONS", {}),
        module.get("check_bare"),
    )
