"""`LintSettings`: the settings under which one file is linted."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.trees.sources.request import TreeOptions
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from loracheck.policies.model import Policy
    from loracheck.trees.sources.request import Request, ResolvedTree


class LintSettings(NamedTuple):
    """The settings under which one file is linted; `resolve_settings` makes them for a path."""

    codes: frozenset[str]
    """The rules that run, by code."""

    model: str | None = None
    """The base model that stands in for the one that the file names."""

    peft: str | None = None
    """The PEFT release to judge by; None for the newest known."""

    trees: TreeOptions = TreeOptions()
    """Where module trees may come from."""

    options: Mapping[str, Mapping[str, Any]] | None = None
    """Numbers that single rules take: code -> name of the option -> number."""

    with_lines: bool = True
    """Whether the result gives the line of each LoRA setting, which costs a second pass over the
    text.
    """

    serve: tuple[str, ...] = ()
    """Engines that must take the adapter, as `vllm` or `vllm==0.11`."""

    find_tree: Callable[[Request], ResolvedTree] | None = None
    """Gives the tree that stands in for that of any model, as of one that lives in this process;
    the request has the classes that the setting asks for. None for the usual sources.
    """

    policies: tuple[Policy, ...] = ()
    """What the team asks of the file's settings."""
