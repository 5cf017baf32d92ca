"""The calls of a Python text as a reader follows them: what each one is called on, what it is
given, and what becomes of its result. `script_reader.py` makes them.
"""

from __future__ import annotations

from types import MappingProxyType

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    from loracheck.documents.tree_document import Place

    from .declared_fields import DeclaredField

    Key = TypeVar("Key")


class Operand(NamedTuple):
    """What a call is called on, or one of its arguments."""

    name: str = ""
    """The variable that it is; "" for any other expression."""

    value: Any = None
    """Its value, where it is a constant or a display of constants."""

    call_number: int = -1
    """The number of the call whose result the variable is, for certain; -1 where that is not
    known.
    """

    path: str = ""
    """The dotted name of an attribute, through the file's imports (`torch.float16`,
    `trainer.model.base_model`); "" for any other expression.
    """

    tuple_call_number: int = -1
    """The number of the call whose result is the only entry of the tuple that the variable is, for
    certain; -1 for every other.
    """

    optional_call_number: int = -1
    """The number of the call whose result it is where a test holds, and None where it does not
    (`config if use_lora else None`); -1 for every other.
    """

    choice_call_numbers: tuple[int, ...] = ()
    """The numbers of the calls of which one made the variable, where several may have (one in each
    branch of an `if`) and nothing else has; () for every other.
    """


class Use(NamedTuple):
    """One call."""

    name: str
    """The dotted name through the file's imports (`peft.get_peft_model`); for a method of a
    variable its name behind the variable's (`model.save_pretrained`).
    """

    owner: Operand
    """What a method is called on."""

    arguments: Mapping[str | int, Operand]
    """The arguments, by position or keyword; those of a `**` of a mapping that the file writes out
    are among them.
    """

    complete: bool
    """Whether there are no further arguments: no `*`, and no `**` of anything else."""

    variables: tuple[str, ...] | None
    """The variables that the result goes to; () where it goes on in an expression, None where it is
    dropped.
    """

    scope: int
    """The scope that it stands in; calls of one scope have the same number."""

    fails: bool
    """Whether an error is expected (`with pytest.raises`), or the call never runs (`if False`)."""

    place: Place
    """Where the name stands."""

    number: int
    """Its place among the calls of the text."""

    called: Operand | None = None
    """What is called, where that is a variable of the file: `model(...)`."""

    @property
    def last(self) -> str:
        """The last part of the name."""
        return self.name.rpartition(".")[2]


class Script(NamedTuple):
    """A Python text as its calls."""

    uses: tuple[Use, ...] = ()
    """The calls in the order of the text."""

    by_name: Mapping[str, tuple[Use, ...]] = MappingProxyType({})
    """The calls by the last part of their name."""

    methods: Mapping[int, tuple[Use, ...]] = MappingProxyType({})
    """The methods that are called on the result of a call, by that call's number."""

    assigned: Mapping[str, tuple[Use, ...]] = MappingProxyType({})
    """The calls whose result goes to a variable, by its name."""

    names_read: frozenset[str] = frozenset()
    """The variables whose value is read somewhere."""

    declared: Mapping[str, DeclaredField] = MappingProxyType({})
    """The fields of its dataclasses."""


def build_script(
    uses: tuple[Use, ...], names_read: frozenset[str], declared: Mapping[str, DeclaredField]
) -> Script:
    """The Script of these calls, with what finds them: no rule looks through all calls for each."""
    by_name: dict[str, list[Use]] = {}
    methods: dict[int, list[Use]] = {}
    assigned: dict[str, list[Use]] = {}
    for use in uses:
        by_name.setdefault(use.last, []).append(use)
        methods.setdefault(use.owner.call_number, []).append(use)
        for variable in use.variables or ():
            assigned.setdefault(variable, []).append(use)
    methods.pop(-1, None)
    groups = _freeze(by_name), _freeze(methods), _freeze(assigned)
    return Script(uses, *groups, names_read, declared)


def _freeze(groups: dict[Key, list[Use]]) -> Mapping[Key, tuple[Use, ...]]:
    return MappingProxyType({key: tuple(group) for key, group in groups.items()})
