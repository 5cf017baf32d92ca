"""What the config classes of PEFT's other methods refuse and warn of, of fields against each other:
`__post_init__` in PEFT 0.21.2 tuners/adalora/config.py, tuners/boft/config.py, tuners/ia3/config.py
and tuners/oft/config.py.
"""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.type_checking import TYPE_CHECKING

from .issue import Issue, format_value, join_names, make_conflict_issue
from .method_fields import load_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .methods import Method


def find_method_conflicts(
    method: Method, values: Mapping[str, Any], complete: bool
) -> Iterator[Issue]:
    """The conflicts of a config's values. `complete` is False where further ones may be set that
    cannot be read.
    """
    check = {
        "ADALORA": _check_adalora,
        "BOFT": _check_boft,
        "IA3": _check_ia3,
        "OFT": _check_oft,
    }.get(method.name)
    if check is not None:
        defaults = {name: field.default for name, field in load_fields(method.name).items()}
        yield from check(_Values({**defaults, **values}, complete, values))


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
    return _check_sizes(values, "BOFTConfig", "boft_block_size", "boft_block_num")


def _check_oft(values: _Values) -> Iterator[Issue]:
    """The same of OFT, where the file sets both: PEFT 0.14 and 0.15 have other defaults than later
    releases, with which one of the two alone is right.
    """
    names = ("oft_block_size", "r")
    if all(map(values.is_given, names)):
        yield from _check_sizes(values, "OFTConfig", *names)


def _check_sizes(values: _Values, config: str, first: str, second: str) -> Iterator[Issue]:
    size, count = values.plain(first), values.plain(second)
    if size is None or count is None or (size != 0) != (count != 0):
        return
    state = "are both set" if size != 0 else "are both 0"
    yield make_conflict_issue(
        f"{config.removesuffix('Config').lower()}-blocks",
        (second if values.is_given(second) else first,),
        f"`{first}` ({format_value(size)}) and `{second}` ({format_value(count)}) "
        f"{state}, but one follows from the other and the layer; {config} raises ValueError",
        "write one of them, and 0 for the other",
    )


def _check_ia3(values: _Values) -> Iterator[Issue]:
    """That every feedforward module is a target too; PEFT compares them as they are written, and
    lists alone.
    """
    inner, targets = (values.plain(name) for name in ("feedforward_modules", "target_modules"))
    if not isinstance(inner, list) or not isinstance(targets, list):
        return
    if any(isinstance(name, Unknown) for name in targets):
        return
    missing = [name for name in inner if isinstance(name, str) and name not in targets]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        yield make_conflict_issue(
            "ia3-feedforward",
            ("feedforward_modules",),
            f"{join_names(f'`{name}`' for name in missing)} of `feedforward_modules` {verb} not in "
            "`target_modules`; IA3Config raises ValueError",
            "write the same names in `target_modules` too",
        )
