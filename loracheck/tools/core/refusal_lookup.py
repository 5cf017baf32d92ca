"""The refusals of a tool, and which of them hold for a setting or for a file without one."""

from __future__ import annotations

from importlib import import_module
from os.path import basename

from loracheck.type_checking import TYPE_CHECKING

from .index import load_index
from .refusal_conflicts import Keys, find_conflicts, flatten
from .registry import detect_tool, load_key_maps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.model import Document

    from .refusal import QuantizedBase, Refusal
    from .refusal_conflicts import Conflict
    from .setting import Setting


ADAPTER_FILE = "adapter_config.json"
"""What PEFT, mlx-lm and others call the config of an adapter."""


def load_refusals(name: str) -> tuple[Refusal, ...]:
    """What a tool refuses; nothing for a tool of which that is not known."""
    if name not in load_index().refusals:
        return ()
    refusals: tuple[Refusal, ...] = _load_module(name).REFUSALS
    return refusals


def load_quantized_base(name: str) -> QuantizedBase | None:
    """What a tool's keys for bits do to a quantised checkpoint; None where that is not known."""
    if name not in load_index().refusals:
        return None
    quantized_base: QuantizedBase | None = getattr(_load_module(name), "QUANTIZED_BASE", None)
    return quantized_base


def _load_module(name: str) -> Any:
    return import_module(f"loracheck.tools.refusals.{name.replace('-', '_')}")


def find_conflicts_in(setting: Setting) -> Iterator[Conflict]:
    """The refusals that hold for the file, command or calls of a setting."""
    refusals = load_refusals(setting.tool_name)
    if not refusals or setting.form != "tool":
        return
    roots = setting.document.roots
    if setting.calls:
        arguments_by_call = {name: roots[number] for name, number in setting.calls.items()}
        keys = Keys(
            arguments_by_call,
            (),
            setting.calls_known,
            setting.calls,
            setting.document.format,
            program=_find_class(setting),
        )
        yield from find_conflicts(refusals, keys)
        return
    top = roots[int(setting.path[0])] if setting.options is None else setting.options
    closed = setting.options is None or setting.options_known
    if isinstance(top, dict):
        in_sections = setting.options is None and setting.tool is not None and setting.tool.sections
        path = setting.path[:1]
        keys = flatten(top, path) if in_sections else Keys(top, path, closed)
        shell = "omegaconf" if setting.tool and setting.tool.parser == "omegaconf" else "shell"
        form = setting.document.format if setting.options is None else shell
        program = _find_record(setting) if setting.options is None else setting.behaviour.program
        yield from find_conflicts(refusals, keys._replace(form=form, program=program))


def _find_record(setting: Setting) -> str:
    """The name of the file, where it is the one that tools write of an adapter; else empty."""
    name = basename(setting.document.path)
    return name if name == ADAPTER_FILE else ""


def _find_class(setting: Setting) -> str:
    """The class whose method makes a setting in Python; empty where it is no method."""
    from .document_calls import get_calls

    name = str(get_calls(setting.document)[int(setting.path[0])].name)
    return name.rpartition(".")[0].rpartition(".")[2]


def find_conflicts_without_setting(document: Document) -> Iterator[tuple[str, Conflict]]:
    """The refusals that hold for a tool's file, or a command, that sets no LoRA up, each with the
    tool's name.
    """
    if document.format == "shell":
        yield from _find_conflicts_in_commands(document)
    if document.format not in ("yaml", "json", "toml"):
        return
    for number, top in enumerate(document.roots):
        name = detect_tool(top) if isinstance(top, dict) else None
        if name is not None:
            keys = Keys(top, (number,), form=document.format)
            for conflict in find_conflicts(load_refusals(name), keys):
                yield name, conflict


def _find_conflicts_in_commands(document: Document) -> Iterator[tuple[str, Conflict]]:
    from .command_line import list_bare_commands

    for command in list_bare_commands(document):
        refusals = load_refusals(command.tool)
        if not refusals:
            continue
        form = "omegaconf" if load_key_maps(command.tool)[0].parser == "omegaconf" else "shell"
        keys = Keys(
            command.options, (command.number,), command.known, form=form, program=command.program
        )
        for conflict in find_conflicts(refusals, keys):
            yield command.tool, conflict
