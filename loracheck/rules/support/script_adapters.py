"""The adapters that a script puts on its PEFT models, by the names that it gives them."""

from __future__ import annotations

from loracheck.config.field_table import get_lora_fields
from loracheck.config.joining.adapter import Adapter
from loracheck.documents.model import Unknown
from loracheck.documents.python.known_calls import KEEPS_OWNER, is_adapter_load
from loracheck.named_tuple import NamedTuple
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

from .script_calls import MAX_CHAIN, find_source_call, get_call_span, makes_adapter

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.config.joining.adapter import Trouble
    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.documents.values import Value
    from loracheck.findings import Severity

PUTS = ("load_adapter", "add_adapter", "add_weighted_adapter", "delete_adapter")
"""Methods of a PEFT model that change which adapters it has."""


MAX_CHANGES = 100
"""Changes of one model's adapters that are followed; behind more of them the set is unknown."""


class AdapterSet(NamedTuple):
    """The adapters of one model at a call: name -> adapter, None where it cannot be read.
    `complete` is False where there may be others.
    """

    adapters: dict[str, Adapter | None]
    complete: bool


def find_maker(script: Script, operand: Operand | None) -> int | None:
    """The number of the call that put the first adapter on the model; None where it cannot be
    followed.
    """
    for _ in range(MAX_CHAIN):
        if operand is None or operand.call_number < 0:
            return None
        use = script.uses[operand.call_number]
        if makes_adapter(use):
            return operand.call_number
        if use.last not in KEEPS_OWNER:
            return None
        operand = use.owner
    return None


def collect_adapters(
    script: Script, maker: int, before: int, read_folder: Callable[[str], Adapter | None]
) -> AdapterSet:
    """The adapters on the model of the call `maker` when the call `before` begins."""
    first = script.uses[maker]
    name = (
        get_text(first, 2, "adapter_name") if has_argument(first, 2, "adapter_name") else "default"
    )
    adapter = (
        _read_folder(first, read_folder, 1)
        if is_adapter_load(first.name)
        else _read_config(script, first, 1, "peft_config")
    )
    adapters: dict[str, Adapter | None] = {}
    whole = name is not None
    if name is not None:
        adapters[name] = adapter._replace(name=name) if adapter is not None else None
    puts = (use for method in PUTS for use in script.by_name.get(method, ()))
    between = [use for use in puts if maker < use.number < before]
    if len(between) > MAX_CHANGES:
        return AdapterSet({}, False)
    for use in sorted(between, key=lambda use: use.number):
        whole = _put(script, use, maker, adapters, read_folder) and whole
    whole = whole and all(script.uses[maker].scope == use.scope for use in script.uses[before:][:1])
    return AdapterSet(adapters, whole)


def _put(
    script: Script,
    use: Use,
    maker: int,
    adapters: dict[str, Adapter | None],
    read_folder: Callable[[str], Adapter | None],
) -> bool:
    """Take a call that changes the adapters into account; whether that could be done."""
    owner = find_maker(script, use.owner)
    if owner != maker:
        return owner is not None
    keys = {"load_adapter": (1, "adapter_name"), "add_adapter": (0, "adapter_name")}
    name = get_text(use, *keys[use.last]) if use.last in keys else None
    if name is None:
        return False
    adapter = (
        _read_folder(use, read_folder, 0)
        if use.last == "load_adapter"
        else _read_config(script, use, 1, "peft_config")
    )
    adapters[name] = adapter._replace(name=name) if adapter is not None else None
    return True


def has_argument(use: Use, *keys: str | int) -> bool:
    """Whether a call is given an argument, by position or keyword."""
    return any(key in use.arguments for key in keys)


def get_literal(use: Use, *keys: str | int) -> Any:
    """The literal that an argument has; None where it is none, or not given."""
    return next((use.arguments[key].value for key in keys if key in use.arguments), None)


def build_script_hit(
    document: Document, use: Use, trouble: Trouble, severity: Severity | None = None
) -> Hit:
    """A hit at a call: an error where PEFT raises, a warning where the result is another."""
    milder: Severity | None = severity or (None if trouble.effect == "raises" else "warning")
    span = get_call_span(document, use)
    return Hit(trouble.message, span, help=trouble.help, severity=milder)


def get_text(use: Use, *keys: str | int) -> str | None:
    """A literal text among the arguments."""
    argument = next((use.arguments[key] for key in keys if key in use.arguments), None)
    return argument.value if argument is not None and type(argument.value) is str else None


def find_config_call(script: Script, use: Use, *keys: str | int) -> Use | None:
    """The call that makes the LoraConfig of a call, with all its arguments at hand."""
    argument = next(
        (use.arguments[key] for key in keys or ("peft_config", 1) if key in use.arguments), None
    )
    constructor_call = find_source_call(script, argument)
    return (
        constructor_call
        if constructor_call is not None
        and constructor_call.last == "LoraConfig"
        and constructor_call.complete
        else None
    )


def _read_folder(
    use: Use, read_folder: Callable[[str], Adapter | None], position: int
) -> Adapter | None:
    folder = get_text(use, position, "model_id")
    plain = folder is not None and "subfolder" not in use.arguments and use.complete
    return read_folder(folder) if plain and folder is not None else None


def _read_config(script: Script, use: Use, *keys: str | int) -> Adapter | None:
    """The LoraConfig that a call is given, where all of it is written out."""
    constructor_call = find_config_call(script, use, *keys)
    if constructor_call is None:
        return None
    known = get_lora_fields()
    values: dict[str, Value] = {
        key: Unknown() if operand.value is None else operand.value
        for key, operand in constructor_call.arguments.items()
        if isinstance(key, str) and key in known
    }
    return Adapter(
        "",
        values,
        all(isinstance(key, str) for key in constructor_call.arguments),
        None,
        saved=False,
    )
