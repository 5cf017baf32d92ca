"""What a state shows: the setting, its findings, the tree's lines with their marks, the numbers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents import read
from loracheck.explain.file.impact import assess_setting
from loracheck.findings import LEVELS
from loracheck.pipeline import build_contexts, find_problems
from loracheck.tools import find_settings

from .field_edit import ABSENT
from .field_order import MODEL
from .key_locations import own_place
from .preview_match import Tried, tried
from .tree_lines import Mark, Row, marks, rows
from .view_options import job

if TYPE_CHECKING:
    from loracheck.config.field_table import Field
    from loracheck.explain.file.impact import Impact
    from loracheck.findings import Finding
    from loracheck.options.lint_settings import LintSettings
    from loracheck.plan.model import EntryMatch, Plan
    from loracheck.rules import RuleContext
    from loracheck.trees.model import ModuleTree

    from .state import Held, State


class View(NamedTuple):
    """All that is to be seen of one state. `findings` are those of the setting that is shown, the
    gravest first; `settings` is how many the file has; `job` says how it was judged.
    """

    context: RuleContext
    impact: Impact
    settings: int
    findings: tuple[Finding, ...]
    lines: tuple[Row, ...]
    marks: list[Mark]
    held: dict[str, Held]
    job: LintSettings
    trial: Tried | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan, also that on a tree of tensor names."""
        return self.context.names_plan

    @property
    def model(self) -> str:
        """The base model as the file names it."""
        model = self.context.setting.model
        return model if isinstance(model, str) else ""

    def value(self, field: str) -> Any:
        """The field's own value in the file, ABSENT where it does not stand there."""
        setting = self.context.setting
        if field in self.held:
            return self.held[field].value
        if field == MODEL:
            return setting.model if setting.model is not None else ABSENT
        if field in setting.fields and (
            own_place(setting, field) is not None or field in setting.places
        ):
            return setting.fields[field]
        return ABSENT

    def default(self, field: Field) -> Any:
        """What holds where the file says nothing: the tool's own default, else PEFT's."""
        return self.context.setting.fields.get(field.name, field.default)

    def reaches(self, field: str) -> tuple[EntryMatch, ...]:
        """What each entry of the field came to."""
        return self.plan.matches_of(field) if self.plan is not None else ()

    def about(self, field: str) -> tuple[Finding, ...]:
        """The findings about one field."""
        return tuple(f for f in self.findings if f.field == field)


def view(state: State, trial: str = "") -> View:
    """What the state shows; `trial` is a text whose matches are marked. Never raises for a text
    that was read once.
    """
    document = read(state.name, state.text)
    asked = job(state.look, state.name)
    found = build_contexts(document, asked, on_disk=True)
    context = found[state.number]
    for name, held in state.held.items():
        _put(context, name, held.value)
    own = find_problems(document, [context], asked, state.name)
    tree = context.tree
    lines = _lines(tree)
    hits = tried(trial, tree) if trial else None
    plan = context.names_plan
    marked = marks(lines, plan, hits.groups if hits else ())
    order = sorted(own, key=lambda f: -LEVELS[f.severity])
    done = assess_setting(context, tuple(order), asked.serve)
    return View(context, done, len(found), tuple(order), lines, marked, state.held, asked, hits)


def model_of(state: State) -> str:
    """The model that the state is held against; empty where there is none that is known."""
    if state.look.model:
        return state.look.model
    model = find_settings(state.document)[state.number].model
    return model if isinstance(model, str) else ""


def _put(context: RuleContext, name: str, value: Any) -> None:
    """A value that the text does not have, in the place of its own."""
    if value is ABSENT:
        context.setting.fields.pop(name, None)
    elif name != MODEL:
        context.setting.fields[name] = value


_rows = lru_cache(maxsize=8)(lambda key: rows(key.tree))


class _Key:
    """A tree by its identity: to hash all of it would cost more than to walk it."""

    def __init__(self, tree: ModuleTree) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return id(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and other.tree is self.tree


def _lines(tree: ModuleTree | None) -> tuple[Row, ...]:
    return _rows(_Key(tree)) if tree is not None else ()
