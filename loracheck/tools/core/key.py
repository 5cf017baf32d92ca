"""`Key`: one key of a tool's file, and the LoraConfig field that it becomes."""

from __future__ import annotations

from types import MappingProxyType

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    from loracheck.documents.values import Value

UNSET: Any = object()
"""The tool passes nothing for the key, so that PEFT's own default holds."""

LIST_OR_STRING = "list[str]|str"


class Key(NamedTuple):
    """One key of a tool's file."""

    name: str
    """The key as the file spells it."""

    field: str | None = None
    """The LoraConfig field that it becomes; None for the tool's own keys about LoRA."""

    default: Value = UNSET
    """What the tool gives PEFT where the file is silent."""

    type: str | None = None
    """What the tool itself takes, where that is not what the field takes, in the words of
    `config.field_table.Field.type`; a value of another type is refused by the tool.
    """

    help: str | None = None
    """What the key does, for keys without a field or where the field's own help would mislead."""

    like: str | None = None
    """The field that a key without one does the work of: other tools' names for that field are
    slips for this key.
    """

    nargs: Literal["+", "*", "0", "1"] | None = None
    """How many words of a command line the key takes, in argparse's terms: "+" one or more, "*" any
    number, both of which make a list; "0" none (a switch); None one word (for a truth value also
    none), or several where the type is a list; "1" one word of a command line where a file may have
    a list.
    """

    choices: tuple[str, ...] = ()
    """The words that the tool's parser accepts; any other is refused."""

    growing: bool = False
    """Whether each release of the tool adds to `choices`, so that a word may be a newer one."""

    slips: Mapping[str, str] = MappingProxyType({})
    """Words in small letters that people write for one of the tool's, and that no release of it has
    taken -> the right word.
    """

    methods: tuple[str, ...] = ()
    """For the key that names the method of training: the words that mean LoRA."""

    substring: bool = False
    """The tool only asks whether a name is in the value: a string with the names in it passes in
    the place of a list.
    """


def pick_keys(keys: tuple[Key, ...], *names: str, **changes: Any) -> tuple[Key, ...]:
    """The keys of these names, in this order, each with the changes: for a tool that hands some of
    its options to another one. KeyError where there is no key of a name.
    """
    by_name = {key.name: key for key in keys}
    return tuple(by_name[name]._replace(**changes) for name in names)
