"""The index of the tools: what tells their files, commands and calls, without their modules.

`index.json` is made from the modules by `python -m loracheck.tools.core.build_index`.
"""

from __future__ import annotations

import re
from functools import cache
from os.path import dirname, join

import loracheck.quick_json as json
from loracheck.named_tuple import NamedTuple

FILE = join(dirname(__file__), "index.json")


class Index(NamedTuple):
    """What the modules say, by tool, in the order of their priority."""

    signatures: dict[str, list[str]]
    """Tool -> the signatures of its file; tools without a file of their own are not here."""

    programs: list[tuple[str, str | None, str | None]]
    """Pattern for a program with the word after it, as `command_line.py` puts them together; the
    tool, None where the program sets no LoRA up; `Program.own_lora`. The first that fits counts.
    """

    options: dict[str, str]
    """Tool -> `Tool.told_by_options`, where that is not "never"."""

    recipes: list[str]
    """Tools whose programs take a configuration file under any name."""

    calls: list[tuple[str, str]]
    """Pattern for the name of a Python call, and the tool whose `read_call` reads it."""

    loaders: list[tuple[str, str]]
    """Pattern for the name of a class with `from_pretrained`, and the tool whose `read_load` reads
    that call.
    """

    writers: dict[str, tuple[str, str, str | None]]
    """Tool -> title, file name and `no_dropout` of what can be written for it, by name."""

    diffusion_writers: dict[str, tuple[str, str, str | None]]
    """The same of tools that train diffusion models."""

    refusals: list[str]
    """Tools of which it is known what they refuse among their own keys (`tools/refusals/`)."""

    networks: list[str]
    """Tools of whose network modules the arguments are known (`tools/networks/`)."""

    model_packages: list[str]
    """Python packages of tools whose model classes have the module names of transformers."""


@cache
def load_index() -> Index:
    """The index as it was made."""
    with open(FILE, encoding="utf-8") as file:
        return Index(**json.load(file))


def list_tools_with_files() -> list[str]:
    """The names of the tools that have a file of their own, in alphabetical order."""
    return sorted(load_index().signatures)


def matches_name(pattern: str, name: str) -> bool:
    """`re.fullmatch` of a pattern of `calls` or `loaders`, which is compiled only for a name that
    begins as the pattern does.
    """
    return name.startswith(_get_beginning(pattern)) and re.fullmatch(pattern, name) is not None


@cache
def _get_beginning(pattern: str) -> str:
    """The plain text that all that an expression matches begins with: up to its first sign, and
    none where it has alternatives outside of groups.
    """
    depth = 0
    for sign in pattern:
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth == 0:
            return ""
    begin = ""
    rest = pattern.replace("\\.", "\0")  # a point, which is no sign
    for sign, following in zip(rest, f"{rest[1:]} ", strict=True):
        if not (sign.isalnum() or sign in "_\0") or following in "*?{":
            break
        begin += sign
    return begin.replace("\0", ".")
