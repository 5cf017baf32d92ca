"""Arguments of a network module, `network_args = ["conv_dim=4"]`: what the module takes, as data,
and what becomes of those that a file gives.

The trainer hands every `key=value` on to the module's `create_network`, which reads the names that
it knows by `kwargs.get` and passes over all others. In comes a setting, out come its
`GivenArgument`s; `network_values.py` says what is wrong with a value.
"""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType

from loracheck.documents.model import Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .index import load_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Literal

    from loracheck.documents.model import Path

    from .setting import Setting

    Form = Literal[
        "text",  # anything
        "whole",  # int(value)
        "number",  # float(value)
        "share",  # float(value), 0 or more and less than 1
        "True",  # on for this very word alone
        "true",  # on for it in any case of letters
        "not false",  # on for every word but this one
        "words",  # one of `Argument.words`, else an assertion fails
        "any case",  # one of them in any case of letters, else the run stops
        "wholes",  # whole numbers with commas, in brackets or not
        "numbers",  # numbers with commas
        "curve",  # numbers with commas, or a curve's name
        "blocks",  # 0,3,8-12, all or none
        "pairs",  # pattern=number with commas
        "list",  # a Python list of strings
    ]
else:
    Form = str

KEY = "network_args"
MODULE = "network_module"


class Argument(NamedTuple):
    """One argument of a network module."""

    name: str

    form: Form = "text"

    words: tuple[str, ...] = ()
    """For "words": those that it takes. For "curve": the curves' names."""

    lengths: tuple[int, ...] = ()
    """For lists: how many numbers there must be, one of these."""

    script_lengths: Mapping[str, int] = MappingProxyType({})
    """Script -> the one of `lengths` that its model has."""

    blocks: int | None = None
    """For "blocks": how many the model has; None where that is not told."""

    dead: str | None = None
    """Why the module makes no use of it."""

    needs: tuple[str, ...] = ()
    """Arguments of which one must be there, or this one is not looked at."""

    empty: bool = False
    """An empty value counts as none."""

    alpha: str | None = None
    """For a rank: the argument that is its alpha, which is 1 where it is not given."""

    def narrow(self, script: str) -> Argument:
        """The argument as it is for the model of a script."""
        length = self.script_lengths.get(script)
        return self if length is None else self._replace(lengths=(length,))


class Network(NamedTuple):
    """A network module."""

    name: str
    """As `network_module` has it."""

    arguments: tuple[Argument, ...]

    source: str
    """File and function that were read."""

    near: frozenset[str] = frozenset()
    """Further names that its own tools write, although it makes no use of them."""

    scripts: tuple[str, ...] = ()
    """Scripts whose model has a class of layers that it looks into; none where that is not told."""

    def argument(self, name: str) -> Argument | None:
        """The argument of that name."""
        return next((one for one in self.arguments if one.name == name), None)


class Surface(NamedTuple):
    """A program that starts the trainer from files of its own."""

    key: str
    """The key of its files that chooses the network module."""

    modules: Mapping[str, str]
    """The key's value -> the module."""

    arguments: Mapping[str, tuple[str, ...]]
    """The key's value -> keys that it hands on as arguments where they are not empty."""


class GivenArgument(NamedTuple):
    """One entry of a file's list."""

    entry: str
    place: Path
    name: str | None
    """None for an entry without `=`."""
    value: str


def load_networks(tool: str) -> tuple[Network, ...]:
    """The network modules of a tool; none where their arguments are not known."""
    if tool not in load_index().networks:
        return ()
    networks: tuple[Network, ...] = _import_networks(tool).NETWORKS
    return networks


def list_modules() -> list[tuple[str, Network]]:
    """The network modules of all tools whose arguments are known, each with its tool."""
    return [(tool, one) for tool in load_index().networks for one in load_networks(tool)]


def load_surface(tool: str) -> Surface | None:
    """The surface that writes files for the tool; None where there is none."""
    if tool not in load_index().networks:
        return None
    surface: Surface | None = getattr(_import_networks(tool), "SURFACE", None)
    return surface


def _import_networks(tool: str) -> Any:
    return import_module(f"loracheck.tools.networks.{tool.replace('-', '_')}")


def find_network(setting: Setting) -> Network | None:
    """The network module that the file names; None for one that is not known."""
    module = setting.mapping.get(MODULE)
    surface = load_surface(setting.tool_name)
    if surface is not None and surface.key in setting.mapping:
        module = surface.modules.get(str(setting.mapping[surface.key]), module)
    return next((one for one in load_networks(setting.tool_name) if one.name == module), None)


def find_module_key(setting: Setting) -> str:
    """The key of the file that tells the network module."""
    surface = load_surface(setting.tool_name)
    return surface.key if surface is not None and surface.key in setting.mapping else MODULE


def list_arguments(setting: Setting) -> Iterator[GivenArgument]:
    """The arguments that the file gives, in its order; entries that are not known are left out."""
    surface = load_surface(setting.tool_name)
    kind = str(setting.mapping.get(surface.key)) if surface is not None else ""
    for name in surface.arguments.get(kind, ()) if surface is not None else ():
        value = setting.mapping.get(name)
        if value and isinstance(value, (str, int)):
            yield GivenArgument(f"{name}={value}", (*setting.path, name), name, str(value))
    words = setting.mapping.get(KEY)
    for number, entry in enumerate(words if isinstance(words, list) else ()):
        if isinstance(entry, str):
            name, equals, value = entry.partition("=")
            place = (*setting.path, KEY, number)
            yield GivenArgument(entry, place, name if equals else None, value)


def is_open(setting: Setting) -> bool:
    """Whether further arguments may be given that are not known."""
    words = setting.mapping.get(KEY)
    entries = words if isinstance(words, list) else [words]
    return any(isinstance(entry, Unknown) for entry in entries)
