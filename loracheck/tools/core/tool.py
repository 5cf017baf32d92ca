"""What the dialects share: a tool's key map as data, and the Setting that comes of it.

A dialect is one file: `TOOL` (its keys, the PEFT field that each becomes, what the tool uses where
the file says nothing, where this was read) and `settings(document)`, which expands what the tool
expands. Schemas and the check of misspelt keys come from the same data.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from loracheck.config.field_table import fields as facts
from loracheck.documents.model import Unknown

from .field_names import heads
from .key_suggestions import short, suggest
from .lora_evidence import distance
from .misplaced_keys import strays
from .setting import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.model import Document, Path

_NUMBERS = frozenset({"r", "lora_alpha", "lora_dropout"})

UNSET: Any = object()
"""The tool passes nothing for the key, so that PEFT's own default holds."""

TEXT_ROWS = "list[str]|str"


class Key(NamedTuple):
    """One key of a tool's file.

    `field` is the LoraConfig field that it becomes (None for the tool's own keys about LoRA),
    `default` what the tool gives PEFT where the file is silent. `type` is what the tool itself
    takes where that is not what the field takes (the words of `config.facts.Field.type`); a value
    of another type is refused by the tool. `help` is for keys without a field, or where the field's
    own help would mislead. `like` is the field that a key without one does the work of: other
    tools' names for it are slips for this key.
    """

    name: str
    field: str | None = None
    default: Any = UNSET
    type: str | None = None
    help: str | None = None
    like: str | None = None


class Tool(NamedTuple):
    """One tool's LoRA keys.

    `block` are the keys that lead from the top of the file to the mapping that `keys` stand in, and
    `strict` says that nothing else may stand there. `unknown` is what the tool does with a key that
    it does not know. `lenient` says that the tool turns "8" into 8 and "true" into true. `near` are
    names of the tool's that lie near a LoRA key without being one. `prefix` says that every key of
    the tool's that begins with it stands in `keys` or `near`. `own` says, in a sentence, that
    the tool has its own LoRA layers: then only values are judged. `skips_null` says that a key
    without a value is as good as none; the other tools hand null on, or refuse it, where a number
    must stand. `searched` says that a LoRA key counts in that one mapping alone, so that one that
    stands elsewhere in the file is lost. `switch` leads from the top of the file to the key without
    which the tool trains no LoRA, `turned_on` is what turns it on. `renamed` is set for the keys of
    an older release: those that the newest refuses, with their names there.
    """

    name: str
    title: str
    source: str
    keys: tuple[Key, ...]
    block: tuple[str, ...] = ()
    strict: bool = False
    unknown: Literal["raises", "drops"] = "raises"
    lenient: bool = False
    near: frozenset[str] = frozenset()
    prefix: str | None = None
    own: str | None = None
    skips_null: bool = False
    searched: bool = False
    switch: tuple[str, ...] = ()
    turned_on: str = "true"
    renamed: Mapping[str, str] = MappingProxyType({})

    def key(self, name: str) -> Key | None:
        """The key of that name."""
        return next((key for key in self.keys if key.name == name), None)


def tops(document: Document) -> Iterator[tuple[Path, dict[Any, Any]]]:
    """The mapping at the top of each of the file's documents, with its path."""
    for number, root in enumerate(document.roots):
        if isinstance(root, dict):
            yield (number,), root


def block(mapping: Any, *keys: str) -> dict[Any, Any]:
    """The mapping at a chain of keys; an empty one where there is none."""
    for key in keys:
        mapping = mapping.get(key) if isinstance(mapping, dict) else None
    return mapping if isinstance(mapping, dict) else {}


def draft(tool: Tool, document: Document, path: Path, mapping: dict[Any, Any]) -> Setting:
    """The Setting of the keys in `mapping` as the tool hands them to PEFT, before any expansion.

    A key that is null counts as not set, but for a number that must be one. Its model,
    heads and expansions are the dialect's to add.
    """
    setting = Setting(
        dialect=tool.name,
        document=document,
        path=path,
        fields={
            key.field: key.default for key in tool.keys if key.field and key.default is not UNSET
        },
        unknown_key_effect=tool.unknown,
        own_lora=tool.own,
        tool=tool,
        complete=tool.own is None,
    )
    for key in tool.keys:
        value = mapping.get(key.name)
        needed = key.field in _NUMBERS and key.default is not UNSET and not tool.skips_null
        if key.field is None or (value is None and not (needed and key.name in mapping)):
            continue
        setting.fields[key.field] = _converted(key, value) if tool.lenient else value
        setting.places[key.field] = (*path, key.name)
        if key.name != key.field:
            setting.keys[key.field] = key.name
    _add_unknown(setting, tool, path, mapping)
    setting.heads = heads(setting.fields.get("task_type"))
    return setting


_SWITCHES = {"yes": True, "y": True, "t": True, "1": True}
_SWITCHES |= {"no": False, "n": False, "f": False, "0": False}
"""Words for true and false that transformers' HfArgumentParser, pydantic and OmegaConf all take."""


def _converted(key: Key, value: Any) -> Any:
    """A quoted value of a field that is a number or a switch, as the tool converts it."""
    field = facts()[str(key.field)]
    types = set((key.type or field.type).split("|"))
    if types <= {"bool", "null"} and isinstance(value, str):
        value = _SWITCHES.get(value.strip().lower(), value)
    return retyped(value) if types & {"int", "number", "bool"} else value


def _add_unknown(setting: Setting, tool: Tool, path: Path, mapping: dict[Any, Any]) -> None:
    names = {key.name: key.field or key.like for key in tool.keys}
    taken = {field for name, field in names.items() if field and name in mapping}
    for name in mapping:
        if not isinstance(name, str) or name in names or name in tool.near:
            continue
        right = suggest(name, names, strict=tool.strict or tool.block[-1:] == ("network",))
        plain = name.lstrip("-")
        # A tool none of whose keys begins with lora_ has another tool's key there.
        foreign = plain.startswith("lora_") and not any(k.startswith("lora_") for k in names)
        known = foreign or (tool.prefix is not None and plain.startswith(tool.prefix))
        if right is None and known and tool.prefix != "lora_":
            right = suggest(plain[len(tool.prefix or "") :], names, strict=True)
        if right is None and (taken or _says_lora(tool, mapping)):
            right = short(plain, names, taken)
        if right is not None or tool.strict or known:
            setting.unknown_keys[name] = (*path, name)
            if right:
                setting.suggestions[name] = right
    for name, place in strays(tool, setting.document, path, mapping) if tool.searched else ():
        setting.unknown_keys.setdefault(name, place)
        setting.suggestions.setdefault(name, name)


_LORAS = ("lora_", "adapter", "finetuning_type", "tuner_type")


def _says_lora(tool: Tool, mapping: dict[Any, Any]) -> bool:
    """Whether the mapping has a key that is the tool's alone and LoRA's."""
    own = (key.name for key in tool.keys if key.name in mapping)
    return any(name.lstrip("-").startswith(_LORAS) for name in own)


def add_model(setting: Setting, path: Path, mapping: dict[Any, Any], *names: str) -> None:
    """Take the base model from the first of `names` that is set."""
    for name in names:
        value = mapping.get(name)
        if isinstance(value, Unknown) or (isinstance(value, str) and value.strip()):
            setting.model = value
            setting.model_place = (*path, name)
            return


def put(setting: Setting, field: str, value: Any, place: Path | None = None) -> None:
    """Give PEFT another value for a field; it stands at `place`, else where the field did."""
    setting.fields[field] = value
    if place is not None:
        setting.places[field] = place


def split(value: Any) -> Any:
    """The entries of a comma string, as `[x.strip() for x in value.split(",")]` makes them."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def on(mapping: dict[Any, Any], name: str, default: bool = False) -> bool:
    """Whether a switch is on, or may be on because its value is not known."""
    value = mapping.get(name)
    value = default if value is None else retyped(value)
    return isinstance(value, Unknown) or bool(value)


def misspelt(mapping: dict[Any, Any], name: str) -> str | None:
    """The key that stands for `name` with a slip of the pen, where the mapping has not the key
    itself: a switch that nobody turns.
    """
    if name in mapping:
        return None
    others = (key for key in mapping if isinstance(key, str) and abs(len(key) - len(name)) <= 1)
    return next((key for key in others if distance(key.lower(), name, 1) <= 1), None)


def switched_on(tool: Tool, top: dict[Any, Any], *, forgotten: bool) -> bool:
    """Whether the tool's switch is on, or may be, also under a misspelt name; `forgotten` where the
    file has none.
    """
    *above, name = tool.switch
    home = block(top, *above)
    return on(home, misspelt(home, name) or name, default=forgotten)


def mark_switch(setting: Setting, tool: Tool, path: Path, top: dict[Any, Any]) -> None:
    """Note the key that stands for the tool's switch with a slip; `top` stands at `path`."""
    *above, name = tool.switch
    wrong = misspelt(block(top, *above), name)
    if wrong is not None:
        setting.unknown_keys[wrong] = (*path, *above, wrong)
        setting.suggestions[wrong] = name


def bits(mapping: dict[Any, Any]) -> str | None:
    """ "4bit" or "8bit" by the keys that transformers' own loading has."""
    for name in ("4bit", "8bit"):
        if retyped(mapping.get(f"load_in_{name}")) is True:
            return name
    return None


def retyped(value: Any) -> Any:
    """What argparse, OmegaConf and pydantic make of a quoted number or truth value."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word in ("true", "false"):
        return word == "true"
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return value


def nearly_lora(value: Any) -> str | None:
    """`lora` or `qlora` where a switch's value is that word with a slip (`Lora`, `qlorra`), or
    true. LoHa, DoRA and GLoRA are methods of their own.
    """
    if value is True:
        return "lora"
    if not isinstance(value, str) or value in ("lora", "qlora"):
        return None
    word = value.strip().lower()
    near = (right for right in ("lora", "qlora") if word[:1] == right[0])
    return next((r for r in near if word != "loha" and distance(word, r, 1) <= 1), None)
