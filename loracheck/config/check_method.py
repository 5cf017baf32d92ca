"""`check_method`: what is wrong with the values of a config of another of PEFT's methods.

By the newest PEFT: which keys its config class has, what it makes of a value of another type, and
what the class refuses of fields against each other (`method_conflicts.py`).
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Issue, format_value
from .method_conflicts import find_method_conflicts
from .method_fields import load_fields
from .release_values import NEWEST, ReleaseValues
from .target_names import find_target_module_issues
from .value_suggestions import LEAVE_OUT, suggest_choice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .issue import Effect
    from .method_fields import MethodField
    from .methods import Method

LIKENESS = 0.8
"""Share of equal letters, as difflib counts it, from which a key is one misspelt."""


def check_method(
    method: Method, values: Mapping[str, Any], *, saved: bool = False, complete: bool = True
) -> list[Issue]:
    """Every issue of the values, in the order of the file.

    `values` maps the keys to plain values; `Unknown` ones are skipped. `saved` says that they stand
    in an adapter_config.json, whose unknown keys PEFT drops; `complete` is False where further ones
    may be set that cannot be read, so that nothing is missing.
    """
    fields = load_fields(method.name)
    issues: list[Issue] = []
    for name, value in values.items() if fields else ():
        if name not in fields:
            issue = _make_unknown_field_issue(method, name, saved)
            # A key of another release that holds nothing is dropped for good.
            if value or not saved or issue.suggestion:
                issues.append(issue)
        elif not isinstance(value, Unknown):
            issues += _find_value_issues(method, name, value, fields[name])
    if "target_modules" in method.fields:
        issues += find_target_module_issues(ReleaseValues(values, NEWEST, saved))
    if saved:
        issues += _find_type_issues(method, values.get("peft_type"))
    if not any(issue.effect == "raises" for issue in issues):
        issues += find_method_conflicts(method, values, complete)
    return issues


def _find_type_issues(method: Method, name: Any) -> Iterator[Issue]:
    """A `peft_type` in small letters: `from_pretrained` looks it up as it stands (PEFT 0.21.2
    config.py).
    """
    if isinstance(name, str) and name != method.name:
        text = f"`peft_type` is {format_value(name)}, which PEFT does not know (it knows "
        text += f"'{method.name}'); reading the file raises KeyError"
        path, help_ = ("peft_type",), f"write '{method.name}'"
        yield Issue("bad-choice", "peft-type-unknown", path, text, help_, method.name, "raises")


def _make_unknown_field_issue(method: Method, name: str, saved: bool) -> Issue:
    from difflib import get_close_matches

    close = get_close_matches(name, load_fields(method.name), 1, LIKENESS)
    right = close[0] if close else None
    outcome = (
        "PEFT drops it with a warning when it reads the file"
        if saved
        else f"{method.config} raises TypeError"
    )
    return Issue(
        *("unknown-field", "unknown-field", (name,)),
        f"`{name}` is no field of {method.config}; {outcome}",
        f"did you mean `{right}`?" if right else "remove it",
        right,
        "warns" if saved else "raises",
    )


def _find_value_issues(
    method: Method, name: str, value: Any, field: MethodField
) -> Iterator[Issue]:
    if value == field.default and type(value) is type(field.default):
        return
    if field.number and isinstance(value, str) and field.text:
        says = f"`{name}` is {format_value(value)}, but PEFT needs a {field.number}"
        yield _make_value_issue("wrong-type", name, says, field.text, method, "write a number")
    elif field.number and type(value) in (int, float) and value <= 0 and field.zero:
        says = f"`{name}` is {value}, but PEFT needs a {field.number} above 0"
        yield _make_value_issue(
            "out-of-range", name, says, field.zero, method, "write a higher one"
        )
    elif field.other and isinstance(value, str) and not _is_choice(value, field.choices):
        says = f"`{name}` is {format_value(value)}, which PEFT does not know"
        choices = [choice for choice in field.choices if not choice.startswith("*")]
        help_ = f"write one of {', '.join(map(repr, choices))}"
        if (right := suggest_choice(name, choices, value)) is not None:
            help_ = f"write {right!r}" if right != LEAVE_OUT else f"leave `{name}` out"
        yield _make_value_issue("bad-choice", name, says, field.other, method, help_)


def _is_choice(value: str, choices: list[str]) -> bool:
    """Whether PEFT takes the text. "*_only" stands for any that ends so: most methods take such a
    `bias` for the adapter's own (`_mark_only_adapters_as_trainable` of PEFT 0.21.2
    tuners/tuners_utils.py).
    """
    return value in choices or ("*_only" in choices and value.endswith("_only"))


def _make_value_issue(
    kind: Any, name: str, says: str, effect: str, method: Method, help_: str
) -> Issue:
    raises = effect == "raises"
    outcome = f"{method.config} raises an error" if raises else "wrapping the model fails"
    consequence: Effect = "raises" if raises else "fails"
    return Issue(kind, f"{name}-{kind}", (name,), f"{says}; {outcome}", help_, None, consequence)
