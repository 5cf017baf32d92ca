"""`check_method`: what is wrong with the values of a config of another of PEFT's methods.

By the newest PEFT: which keys its config class has, what it makes of a value of another type, and
the checks of AdaLoRA and BOFT (PEFT 0.21.2 tuners/adalora/config.py and tuners/boft/config.py,
`__post_init__`).
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Issue, format_value, make_conflict_issue
from .method_fields import load_fields

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
            if (
                value or not saved
            ):  # a key of another release that holds nothing is dropped for good
                issues.append(_make_unknown_field_issue(method, name, saved))
        elif not isinstance(value, Unknown):
            issues += _find_value_issues(method, name, value, fields[name])
    check = {"ADALORA": _check_adalora, "BOFT": _check_boft}.get(method.name)
    if check is not None and not any(issue.effect == "raises" for issue in issues):
        defaults = {name: field.default for name, field in fields.items()}
        issues += check(_Values({**defaults, **values}, complete, values))
    return issues


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
    elif field.choices and isinstance(value, str) and field.other and value not in field.choices:
        says = f"`{name}` is {format_value(value)}, which PEFT does not know"
        choices = ", ".join(map(repr, field.choices))
        yield _make_value_issue(
            "bad-choice", name, says, field.other, method, f"write one of {choices}"
        )


def _make_value_issue(
    kind: Any, name: str, says: str, effect: str, method: Method, help_: str
) -> Issue:
    raises = effect == "raises"
    outcome = f"{method.config} raises an error" if raises else "wrapping the model fails"
    consequence: Effect = "raises" if raises else "fails"
    return Issue(kind, f"{name}-{kind}", (name,), f"{says}; {outcome}", help_, None, consequence)


class _Values:
    """A config's values with the defaults behind them."""

    def __init__(self, values: Mapping[str, Any], complete: bool, given: Mapping[str, Any]) -> None:
        self._values = values
        self._complete = complete
        self._given = given

    def number(self, name: str) -> float | None:
        """The number of a field; None where it is none, or not known."""
        value = self._values[name]
        is_known = name in self._given or self._complete
        return value if is_known and type(value) in (int, float) else None

    def plain(self, name: str) -> Any:
        """The value of a field; None where it is not known."""
        value = self._values[name]
        is_known = name in self._given or self._complete
        return value if is_known and not isinstance(value, Unknown) else None

    def is_given(self, name: str) -> bool:
        """Whether the file sets the field."""
        return name in self._given

    def is_set(self, name: str) -> bool:
        """Whether a value is known that Python takes for true."""
        value = self._given.get(name)
        return not isinstance(value, Unknown) and bool(value)

    def is_missing(self, name: str) -> bool:
        """Whether the field is known to be None."""
        return (name in self._given or self._complete) and self._values[name] is None


def _check_adalora(values: _Values) -> Iterator[Issue]:
    """What AdaLoraConfig refuses and warns of, in its order; it stops at the first error."""
    if values.is_set("r") and values.number("r") != 8:
        text = "AdaLoRA does not use `r`; the rank that it begins with is `init_r`"
        yield Issue("ignored", "adalora-r", ("r",), text, "write `init_r`", None, "warns")
    error = next(_find_adalora_errors(values), None)
    if error is not None:
        yield error


def _find_adalora_errors(values: _Values) -> Iterator[Issue]:
    def refuse(name: str, text: str, help_: str) -> Issue:
        return make_conflict_issue(
            f"adalora-{name}", (name,), f"{text}; AdaLoraConfig raises ValueError", help_
        )

    for name, called in (("use_dora", "DoRA"), ("loftq_config", "LoftQ")):
        if values.is_set(name):
            yield refuse(name, f"AdaLoRA does not go with {called}", f"take `{name}` out")
    total, first, last = (values.number(name) for name in ("total_step", "tinit", "tfinal"))
    steps = "write the number of steps that the training makes"
    if values.is_missing("total_step"):
        yield refuse("total_step", "`total_step` is not set, which AdaLoRA needs", steps)
    elif total is not None and total <= 0:
        yield refuse("total_step", f"`total_step` is {total:g}, which must be above 0", steps)
    weight = values.number("orth_reg_weight")
    if weight is not None and weight < 0:
        text = f"`orth_reg_weight` is {weight:g}, which must not be negative"
        yield refuse("orth_reg_weight", text, "write 0 or more")
    if total is not None and first is not None and last is not None and first >= total - last:
        text = f"no step is left to allot ranks in: `tinit` is {first:g}, and `total_step` less "
        text += f"`tfinal` {total - last:g}"
        yield refuse("tinit", text, "lower `tinit` or `tfinal`, or raise `total_step`")


def _check_boft(values: _Values) -> Iterator[Issue]:
    """That exactly one of the two sizes is other than 0: their product is the layer's width."""
    names = ("boft_block_size", "boft_block_num")
    size, count = (values.plain(name) for name in names)
    if size is None or count is None or (size != 0) != (count != 0):
        return
    state = "are both set" if size != 0 else "are both 0"
    yield make_conflict_issue(
        "boft-blocks",
        (next((name for name in names[::-1] if values.is_given(name)), names[0]),),
        f"`boft_block_size` ({format_value(size)}) and `boft_block_num` ({format_value(count)}) "
        f"{state}, but one follows from the other and the layer; BOFTConfig raises ValueError",
        "write one of them, and 0 for the other",
    )
