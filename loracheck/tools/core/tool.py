"""`Tool` and `Key`: all that is known of a fine-tuning tool's LoRA keys, as data."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

UNSET: Any = object()
"""The tool passes nothing for the key, so that PEFT's own default holds."""

LIST_OR_STRING = "list[str]|str"


class Key(NamedTuple):
    """One key of a tool's file."""

    name: str
    """The key as the file spells it."""

    field: str | None = None
    """The LoraConfig field that it becomes; None for the tool's own keys about LoRA."""

    default: Any = UNSET
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


class Tool(NamedTuple):
    """One tool's LoRA keys, in one block of one form of its file."""

    name: str
    """The tool's name in reports (`dialect`), and with `_` for `-` its module's."""

    title: str
    """The name for people, with the form of the file in brackets."""

    source: str
    """The release and the files of the tool that this was read in."""

    keys: tuple[Key, ...]
    """Its keys about LoRA, in the order in which the tool has them."""

    block: tuple[str, ...] = ()
    """The keys that lead from the top of the file to the mapping that `keys` stand in."""

    strict: bool = False
    """Nothing but `keys` may stand in the block."""

    unknown: Literal["raises", "drops"] = "raises"
    """What the tool does with a key that it does not know."""

    lenient: bool = False
    """The tool turns "8" into 8 and "true" into true where a file quotes them."""

    near: frozenset[str] = frozenset()
    """Keys of the tool's that lie near a LoRA key without being one."""

    prefix: str | None = None
    """Every key of the tool's that begins so stands in `keys` or `near`."""

    own: str | None = None
    """For a tool with LoRA layers of its own, of which only the values are judged: a sentence that
    says so.
    """

    skips_null: bool = False
    """A key without a value is as good as none; other tools hand null on, or refuse it, where a
    number must stand.
    """

    searched: bool = False
    """A LoRA key counts in the block alone: one that stands elsewhere in the file is lost."""

    switch: tuple[str, ...] = ()
    """The keys that lead from the top to the one without which the tool trains no LoRA."""

    turned_on: str = "true"
    """The value of `switch` that turns LoRA on."""

    renamed: Mapping[str, str] = MappingProxyType({})
    """For the keys of an older release: those that the newest refuses, with their names there."""

    def key(self, name: str) -> Key | None:
        """The key of that name."""
        return next((key for key in self.keys if key.name == name), None)
