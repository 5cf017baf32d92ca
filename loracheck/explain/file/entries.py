"""What each entry of a config matched, and the values that the file, its tool and PEFT set."""

from __future__ import annotations

from math import isfinite

from loracheck.config.field_table import get_lora_fields
from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.plan.model import Plan
    from loracheck.rules import RuleContext

    from .module_rows import ModuleRow


class Entry(NamedTuple):
    """One entry of a field, and what it came to.

    `matched` modules match it by name; for `effect` of them it decides what happens. `rows` are the
    rows that it reached (target_modules and target_parameters only). `line` is its place in the
    file, None where the file does not hold it.
    """

    field: str
    entry: str | int
    matched: int
    effect: int
    rows: tuple[str, ...]
    line: int | None


class Value(NamedTuple):
    """A LoraConfig field that is set. `spelled` is the file's own name of it, `line` its place,
    None where the tool sets it. A value only known at run time is its source text in angle
    brackets.
    """

    field: str
    value: Any
    spelled: str
    line: int | None


class AssumedDefault(NamedTuple):
    """What is only a default of the script, which an option may change: `field` is a LoraConfig
    field or "model", `value` the default, `text` the script's own expression, None where it is not
    kept.
    """

    field: str
    value: Any
    text: str | None


class Addition(NamedTuple):
    """A value that the file does not set: `by` is "the tool" or "PEFT", `why` says why."""

    field: str
    value: Any
    by: str
    why: str


def list_entries(
    context: RuleContext, plan: Plan, rows: tuple[ModuleRow, ...]
) -> tuple[Entry, ...]:
    """All entries in the order of the plan."""
    return tuple(
        Entry(
            entries.field,
            entries.entry if type(entries.entry) is int else str(entries.entry),
            entries.matched,
            entries.effect,
            _find_reached_rows(entries.field, entries.entry, rows),
            _find_line(context, entries.field, entries.entry),
        )
        for entries in plan.entry_matches
    )


def select_notable(entries: tuple[Entry, ...]) -> list[Entry]:
    """The entries without those that a tool or PEFT always adds and that match nothing here."""
    always = ("exclude_modules", "modules_to_save")
    return [one for one in entries if one.effect or one.line or one.field not in always]


def _find_reached_rows(
    field: str, entry: str | int, rows: tuple[ModuleRow, ...]
) -> tuple[str, ...]:
    if field not in ("target_modules", "target_parameters"):
        return ()
    return tuple(row.name for row in rows if row.adapted and str(entry) in row.entries)


def _find_line(context: RuleContext, field: str, entry: str | int) -> int | None:
    if field not in context.setting.places:
        return None
    return context.document.span(context.entry_place(field, entry)).line


def list_values(context: RuleContext) -> tuple[Value, ...]:
    """The fields that the file or its tool sets, in the file's order, the tool's own last."""
    setting = context.setting
    set_names = [name for name in setting.fields if name in setting.places]
    more = [name for name in setting.fields if name not in setting.places]
    return tuple(
        Value(
            name,
            to_json_value(setting.fields[name]),
            context.spelling(name),
            context.document.span(context.place(name), key=True).line
            if name in setting.places
            else None,
        )
        for name in (*set_names, *more)
    )


def list_assumed(context: RuleContext) -> tuple[AssumedDefault, ...]:
    """The model and the fields whose value is only the script's default, in the file's order."""
    setting = context.setting
    model = setting.model
    defaults = [AssumedDefault("model", str(model), None)] if setting.assumed and model else []
    defaults += [
        AssumedDefault(name, to_json_value(setting.fields[name]), unknown.text)
        for name, unknown in setting.assumed_fields.items()
        if name in setting.fields
    ]
    return tuple(defaults)


def to_json_value(value: Any) -> Any:
    """The value as JSON can hold it: what is only known at run time is its source text."""
    if isinstance(value, Unknown):
        return f"<{value.text}>"
    if isinstance(value, dict):
        return {str(key): to_json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json_value(item) for item in value]
    finite = value is None or isinstance(value, (str, int, bool))
    if isinstance(value, float):
        finite = isfinite(value)  # JSON has no other numbers
    return value if finite else str(value)


def list_additions(context: RuleContext, plan: Plan | None) -> tuple[Addition, ...]:
    """What the tool and PEFT set by themselves, where it changes the outcome."""
    setting = context.setting
    additions: list[Addition] = []
    if setting.form not in ("adapter_config", "python"):
        title = setting.tool.title.partition(" (")[0] if setting.tool else setting.tool_name
        additions += [
            Addition(name, to_json_value(value), title, _WHY.get(name, _DEFAULT))
            for name, value in setting.fields.items()
            if name not in setting.places
            and value not in (None, _get_default(name))
            and _changes_outcome(name, plan)
        ]
    additions += [
        Addition(name, to_json_value(value), "the tool", _PATCHED.get(name, _PATCH))
        for name, value in setting.behaviour.planned.items()
        if setting.fields.get(name) != value and _changes_outcome(name, plan, planned=True)
    ]
    return (*additions, *_list_peft_additions(context, plan))


_DEFAULT = "its default, which the file leaves alone"
_WHY = {"exclude_modules": "it passes over these modules, told here as an expression"}
_PATCH = "it patches PEFT so that this value is used"
_PATCHED = {"lora_dropout": "it patches PEFT to leave fused experts without dropout"}


def _changes_outcome(name: str, plan: Plan | None, *, planned: bool = False) -> bool:
    """Whether a value that a tool sets changes anything for this model."""
    if plan is None:
        return True
    if name == "exclude_modules":
        return any(reach.effect for reach in plan.list_matches(name))
    if planned and name == "lora_dropout":
        return any(wrapped.parameter is not None for wrapped in plan.wrapped)
    return True


def _get_default(name: str) -> Any:
    """PEFT's own default."""
    field = get_lora_fields().get(name)
    return field.default if field else None


def _list_fused_expert_patterns(context: RuleContext, plan: Plan | None) -> list[Addition]:
    """Patterns that PEFT writes where it turns the names of experts into fused parameters."""
    why = (
        "it joins these experts' names into one fused parameter, which gets the ranks and alphas "
        "of all; its warning that the key matches nothing is mistaken"
    )
    additions: list[Addition] = []
    for field in ("rank_pattern", "alpha_pattern"):
        pattern = context.setting.fields.get(field)
        for reach in plan.list_matches(field) if plan is not None else ():
            if reach.effect and not (isinstance(pattern, dict) and reach.entry in pattern):
                additions.append(Addition(field, reach.entry, "PEFT", why))
    return additions


def _list_peft_additions(context: RuleContext, plan: Plan | None) -> list[Addition]:
    additions: list[Addition] = []
    tree = context.tree
    if tree is not None and context.value("target_modules") is None:
        from loracheck.plan.peft_tables import load_tables

        names = load_tables()["targets"].get(tree.model_type)
        if names is not None:
            why = f"its default targets for model type {tree.model_type}"
            additions.append(Addition("target_modules", names, "PEFT", why))
    additions += _list_fused_expert_patterns(context, plan)
    automatic = dict.fromkeys(s.entry for s in (plan.saved if plan else ()) if s.automatic)
    why = f"what it trains in full for task_type {context.value('task_type')}"
    additions += [Addition("modules_to_save", entry, "PEFT", why) for entry in automatic]
    return additions
