"""What a state shows: the setting, its findings, the tree's lines with their marks, the numbers."""

from __future__ import annotations

from functools import lru_cache

from loracheck.documents import read
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.findings import LEVELS
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline import build_contexts, find_problems
from loracheck.tools import find_settings
from loracheck.type_checking import TYPE_CHECKING

from .field_edit import ABSENT
from .field_order import MODEL
from .key_locations import find_own_place
from .preview_match import MatchPreview, preview_match
from .tree_lines import Mark, TreeLine, build_lines, mark_lines
from .view_options import make_lint_settings

if TYPE_CHECKING:
    from typing import Any

    from loracheck.config.field_table import Field
    from loracheck.documents.values import Value
    from loracheck.explain.file.impact import Impact
    from loracheck.findings import Finding
    from loracheck.options.lint_settings import LintSettings
    from loracheck.plan.model import EntryMatch, Plan
    from loracheck.rules import RuleContext
    from loracheck.trees.model import ModuleTree

    from .state import HeldValue, State


class View(NamedTuple):
    """All that is to be seen of one state. `findings` are those of the setting that is shown, the
    gravest first; `settings` is how many the file has; `job` says how it was judged.
    """

    context: RuleContext
    impact: Impact
    settings: int
    findings: tuple[Finding, ...]
    lines: tuple[TreeLine, ...]
    marks: list[Mark]
    held_values: dict[str, HeldValue]
    lint_settings: LintSettings
    preview: MatchPreview | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan, also that on a tree of tensor names."""
        return self.context.names_plan

    @property
    def model(self) -> str:
        """The base model as the file names it."""
        model = self.context.setting.model
        return model if isinstance(model, str) else ""

    def get_value(self, field: str) -> Any:
        """The field's own value in the file, ABSENT where it does not stand there."""
        setting = self.context.setting
        if field in self.held_values:
            return self.held_values[field].value
        if field == MODEL:
            return setting.model if setting.model is not None else ABSENT
        if field in setting.fields and (
            find_own_place(setting, field) is not None or field in setting.places
        ):
            return setting.fields[field]
        return ABSENT

    def get_default(self, field: Field) -> Value:
        """What holds where the file says nothing: the tool's own default, else PEFT's."""
        return self.context.setting.fields.get(field.name, field.default)

    def list_matches(self, field: str) -> tuple[EntryMatch, ...]:
        """What each entry of the field came to."""
        return self.plan.list_matches(field) if self.plan is not None else ()

    def list_findings_about(self, field: str) -> tuple[Finding, ...]:
        """The findings about one field."""
        return tuple(f for f in self.findings if f.field == field)


def build_view(state: State, trial: str = "") -> View:
    """What the state shows; `trial` is a text whose matches are marked. Never raises for a text
    that was read once.
    """
    document = read(state.name, state.text)
    lint_settings = make_lint_settings(state.options, state.name)
    contexts = build_contexts(document, lint_settings)
    context = contexts[state.number]
    for name, held_value in state.held_values.items():
        _override_value(context, name, held_value.value)
    findings = find_problems(document, [context], lint_settings, state.name)
    tree = context.tree
    lines = _list_tree_lines(tree)
    preview = preview_match(trial, tree) if trial else None
    plan = context.names_plan
    marks = mark_lines(lines, plan, preview.groups if preview else ())
    by_severity = sorted(findings, key=lambda f: -LEVELS[f.severity])
    impact = assess_setting(context, tuple(by_severity), lint_settings.serve, lint_settings.model)
    return View(
        context,
        impact,
        len(contexts),
        tuple(by_severity),
        lines,
        marks,
        state.held_values,
        lint_settings,
        preview,
    )


def find_model(state: State) -> str:
    """The model that the state is held against; empty where there is none that is known."""
    if state.options.model:
        return state.options.model
    model = find_settings(state.document)[state.number].model
    return model if isinstance(model, str) else ""


def _override_value(context: RuleContext, name: str, value: object) -> None:
    """A value that the text does not have, in the place of its own."""
    if value is ABSENT:
        context.setting.fields.pop(name, None)
    elif name != MODEL:
        context.setting.fields[name] = value


_lines_of_key = lru_cache(maxsize=8)(lambda key: build_lines(key.tree))


class _TreeKey:
    """A tree by its identity: to hash all of it would cost more than to walk it."""

    def __init__(self, tree: ModuleTree) -> None:
        self.tree = tree

    def __hash__(self) -> int:
        return id(self.tree)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _TreeKey) and other.tree is self.tree


def _list_tree_lines(tree: ModuleTree | None) -> tuple[TreeLine, ...]:
    return _lines_of_key(_TreeKey(tree)) if tree is not None else ()
