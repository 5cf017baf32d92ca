"""`python -m loracheck.tools.core.build_index`: write index.json and setting_words.py from the
tools' modules.
"""

from __future__ import annotations

import json
import pkgutil
from pathlib import Path

from loracheck import tools as package
from loracheck.tools import networks, refusals
from loracheck.type_checking import TYPE_CHECKING

from .field_names import get_field_names
from .index import FILE
from .registry import import_tool, load_key_maps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType
    from typing import Any

    from .tool import Program, Tool

SERVERS = r"(?:vllm|sglang)(?:\.[\w.]+)? .*|lm_eval\.[\w.]+ .*"
"""Programs that serve and evaluate: their LoRA options train nothing."""


def list_all_tools() -> list[Tool]:
    """`TOOL` of every module of the package that has one, those of the highest priority first."""
    modules = (import_tool(tools.name) for tools in pkgutil.iter_modules(package.__path__))
    tools = [module.TOOL for module in modules if hasattr(module, "TOOL")]
    return sorted(tools, key=lambda tool: (-tool.priority, tool.name))


def build() -> dict[str, Any]:
    """The index as it stands in the file."""
    tools = list_all_tools()
    return {
        "signatures": {tool.name: tool.signatures for tool in tools if tool.signatures},
        "programs": [
            *_list_programs(tools),
            *([one, None, None] for one in _list_patterns_without_lora(tools)),
        ],
        "options": {t.name: t.told_by_options for t in tools if t.told_by_options != "never"},
        "recipes": [tool.name for tool in tools if tool.recipes],
        "calls": [[call, tool.name] for tool in tools for call in tool.calls],
        "loaders": [[name, tool.name] for tool in tools for name in tool.loaders],
        "writers": {
            tool.name: _describe_writer(tool)
            for tool in sorted(tools, key=_name)
            if tool.writes and not tool.writes.diffusion
        },
        "diffusion_writers": {
            tool.name: _describe_writer(tool)
            for tool in sorted(tools, key=_name)
            if tool.writes and tool.writes.diffusion
        },
        "refusals": _list_tools_with_data(tools, refusals),
        "networks": _list_tools_with_data(tools, networks),
        "model_packages": sorted(name for tool in tools for name in tool.model_packages),
    }


def _list_tools_with_data(tools: list[Tool], folder: ModuleType) -> list[str]:
    """The tools that have a module in a package of data."""
    there = {info.name for info in pkgutil.iter_modules(folder.__path__)}
    return [tool.name for tool in tools if tool.name.replace("-", "_") in there]


def _name(tool: Tool) -> str:
    return tool.name


def _describe_writer(tool: Tool) -> list[str | None] | None:
    writer = tool.writes
    if writer is None:
        return None
    return [writer.title or tool.title.partition(" (")[0], writer.file, writer.no_dropout]


def _list_programs(tools: list[Tool]) -> Iterator[list[str | None]]:
    for tool in tools:
        for program in tool.programs:
            if program.sets_lora:
                yield [_build_pattern(program), tool.name, program.own_lora]


def _build_pattern(program: Program) -> str:
    if program.module:
        return rf"(?:.*\.)?(?:{program.module}) .*"
    return rf"(?:{program.script}) (?:{'|'.join(program.subcommands) or '.*'})"


def _list_patterns_without_lora(tools: list[Tool]) -> Iterator[str]:
    """Other subcommands and modules of the tools' than those that train."""
    scripts = {program.script for tool in tools for program in tool.programs if program.script}
    yield rf"(?:{'|'.join(sorted(scripts))}) .*"
    yield rf"(?:{'|'.join(sorted({t.package for t in tools if t.package}))})\.[\w.]+ .*"
    yield SERVERS


def render() -> str:
    """The text of the file: one entry a line."""
    parts = (f'"{name}": {_format_lines(value)}' for name, value in build().items())
    return "{" + ",\n".join(parts) + "}\n"


def _format_lines(value: Any) -> str:
    if isinstance(value, dict):
        rows = (f"{json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
        return "{\n" + ",\n".join(rows) + "\n}"
    return "[\n" + ",\n".join(map(json.dumps, value)) + "\n]" if value else "[]"


WORDS_FILE = Path(__file__).with_name("setting_words.py")

EVERYWHERE = ("lora", "peft")
"""Words that are looked for in every file."""

NOT_TELLING = frozenset({"r", "bias", "revision"})
"""Fields whose names are anybody's; for `r` the key is looked for."""


def render_words() -> str:
    """The text of setting_words.py."""
    tools = (one for tool in list_all_tools() for one in load_key_maps(tool.name))
    telling = {"target_modules", "target_parameters"} | {w for tool in tools for w in tool.words}
    words = _drop_longer_words(telling, EVERYWHERE)
    fields = _drop_longer_words(get_field_names() - NOT_TELLING, (*EVERYWHERE, *words))
    parts = [
        '"""Written by `python -m loracheck.tools.core.build_index`: see quick_look.py."""',
        _format_tuple("WORDS", words) + '\n"""Words of which each alone may set LoRA up."""',
        _format_tuple("FIELDS", fields) + '\n"""The other fields of LoraConfig."""',
    ]
    return "\n\n".join(parts) + "\n"


def _drop_longer_words(words: Iterable[str], others: tuple[str, ...]) -> list[str]:
    """The words as the look has them, but those that hold another."""
    forms = {word.replace("_", "") for word in words}
    return sorted(w for w in forms if not any(o in w for o in {*others, *forms} - {w}))


def _format_tuple(name: str, words: list[str]) -> str:
    rows = "".join(f'    b"{word}",\n' for word in words)
    return f"{name} = (\n{rows})"


if __name__ == "__main__":
    WORDS_FILE.write_text(render_words(), encoding="utf-8", newline="\n")
    Path(FILE).write_text(render(), encoding="utf-8", newline="\n")
