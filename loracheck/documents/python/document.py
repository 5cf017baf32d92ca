"""Python documents: the calls that may set LoRA up, with the values of their arguments. Nothing is
executed.

Each root is the arguments of one call, in the order of the text: keywords under their names,
positional arguments under 0, 1, ... `calls` says for each root what is called and whether all of
its arguments are known. A text that `may_hold_adapter_call` says no of is not even parsed.
Problem: "doubled-keyword" (a keyword given twice to one call, which Python refuses, or a key twice
in one dict, of which the last one counts).
"""

from __future__ import annotations

from functools import cached_property
from types import MappingProxyType

from loracheck.documents.lines import Lines
from loracheck.documents.model import DocumentError, Unknown
from loracheck.documents.tree_document import Positions, TreeDocument
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .call_arguments import (
    fill_in_defaults,
    fill_in_models,
    fold_arguments,
    mark_later_assignments,
    trace_arguments,
)
from .duplicates import Duplicate, find_duplicates
from .folding import Folder
from .known_calls import METHOD_CONFIGS
from .origin import Origin
from .own_modules import OwnModuleReader
from .parsed_module import ParsedModule, parse_module
from .root_calls import find_lazy_target, get_root_call_name
from .sources import SourceTracer
from .spans import find_places, get_node_source

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Mapping
    from typing import Any

    from .loaded_files import LoadedFiles
    from .own_modules import OwnModule
    from .sources import Source
    from .started_commands import StartedCommand
    from .uses import Script

TRIGGER_WORDS = (
    "Swift.from_pretrained",
    *("LoraConfig", "get_peft_config", "get_peft_model", "PeftModel", "load_adapter("),
    *("LoRARequest", "enable_lora=True", "megatron.bridge.peft", "run_exp("),
)
"""A text without any of these words, and without a config class of PEFT's other methods, is not
parsed: it has no call that puts an adapter on a model.
"""


def may_hold_adapter_call(text: str) -> bool:
    """Whether a Python text has one of the words without which it is not parsed."""
    if any(word in text for word in TRIGGER_WORDS):
        return True
    return "peft" in text and any(name in text for name in METHOD_CONFIGS)


class Call(NamedTuple):
    """The call that a root holds the arguments of."""

    name: str
    """What is called, as a dotted name through the file's imports ("peft.LoraConfig"); "<local>.X"
    for what the file defines itself.
    """
    complete: bool
    """False where a `*` or `**` argument is not known, so that there may be further arguments."""
    lazy: bool = False
    """Whether it is written in mmengine's way, `dict(type=X, ...)`."""
    fails: bool = False
    """Whether it stands where an error is expected (`with pytest.raises`)."""
    assumed: Mapping[str | int, Unknown] = MappingProxyType({})
    """The arguments of a configuration whose value is only a default that the file gives, and what
    they are where another is given.
    """
    sources: Mapping[str | int, tuple[Source, ...]] = MappingProxyType({})
    """For a call that may put an adapter on a model: where each argument that is not known comes
    from.
    """


class PythonDocument(TreeDocument):
    """A `Document` whose roots are calls."""

    calls: list[Call]
    modules: dict[ast.ClassDef, OwnModule]
    """What the classes of the file hold that an adapter is put on objects of."""
    duplicates: list[Duplicate]

    @cached_property
    def syntax(self) -> ParsedModule | None:
        """The syntax of the text; None where it cannot be read."""
        try:
            return parse_module(self.text)
        except DocumentError:
            return None

    @cached_property
    def script(self) -> Script:
        """All calls of the text, for what the calls of the roots do not tell."""
        from .script_reader import read_script

        return read_script(self.syntax)

    @cached_property
    def started(self) -> tuple[StartedCommand, ...]:
        """The commands that it starts."""
        from .started_commands import may_start_commands, read_started_commands

        module = self.syntax if may_start_commands(self.text) else None
        return tuple(read_started_commands(module)) if module is not None else ()


def parse(path: str, text: str) -> PythonDocument:
    """The document of a Python text. Raises DocumentError where it is not Python."""
    if not may_hold_adapter_call(text):
        return _build_document(path, text, [], [], [], [])
    return read_module(path, parse_module(text))


def read_module(path: str, syntax: ParsedModule) -> PythonDocument:
    """The document of a Python text whose syntax is known."""
    text, module = syntax.text, syntax.walked
    folder = Folder(
        module,
        lambda node: get_node_source(syntax.lines, node),
        {},
        _make_import_follower(path),
        _make_file_loader(path),
    )
    root_calls = [
        (call, scope, name)
        for call, scope in syntax.calls
        if (name := get_root_call_name(call, scope, folder)) is not None
    ]
    folder.results = {call: number for number, (call, _, _) in enumerate(root_calls)}
    folded = [fold_arguments(call, scope, folder) for call, scope, _ in root_calls]
    fill_in_models(root_calls, [one[0] for one in folded], folder)
    assumed = fill_in_defaults(root_calls, folded, folder)
    mark_later_assignments(root_calls, [one[0] for one in folded], folder)
    tracer = SourceTracer(folder)
    calls = [
        Call(
            name,
            one[2],
            find_lazy_target(call) is not None,
            any(_is_inside(call, part) for part in module.failing),
            defaults,
            trace_arguments((call, scope, name), one[0], one[1], tracer),
        )
        for (call, scope, name), one, defaults in zip(root_calls, folded, assumed, strict=True)
    ]
    twice = find_duplicates(syntax, (call for call, _, _ in root_calls))
    roots, origins = [one[0] for one in folded], [one[1] for one in folded]
    document = _build_document(path, text, roots, calls, origins, twice)
    document.syntax = syntax
    document.modules = _read_modules(calls, OwnModuleReader(folder, tracer))
    return document


def _make_import_follower(path: str) -> Callable[..., Any]:
    """What gives the constants of the files beside a script, which is made when it is first
    asked.
    """
    follower: list[Any] = []

    def find(name: str, *, likely: bool = False, loader: bool = False) -> Any:
        if not follower:
            from .imported_constants import ImportedConstants

            follower.append(ImportedConstants(path))
        if not loader:
            return follower[0].find(name, likely=likely)
        loader_function = follower[0].find_loader(name)
        return ... if loader_function is None else loader_function

    return find


def _make_file_loader(path: str) -> Callable[..., Any]:
    """What gives the configuration files beside a script, which is made when it is first asked."""
    loader: list[LoadedFiles] = []

    def find(name: str, composed: bool = False) -> Any:
        if not loader:
            from .loaded_files import LoadedFiles

            loader.append(LoadedFiles(path))
        return loader[0].find_composed(name) if composed else loader[0].find(name)

    return find


def _build_document(
    path: str,
    text: str,
    roots: list[Any],
    calls: list[Call],
    origins: list[Origin],
    twice: list[Duplicate],
) -> PythonDocument:
    def locate(text: str, lines: Lines) -> Positions:
        problems = [two.problem(lines) for two in twice]
        return Positions([find_places(lines, origin) for origin in origins], problems)

    document = PythonDocument(path, text, "python", roots, locate, bool(twice))
    document.calls, document.duplicates, document.modules = calls, twice, {}
    return document


def _read_modules(calls: list[Call], reader: OwnModuleReader) -> dict[ast.ClassDef, OwnModule]:
    """What the classes hold that the arguments of the calls are objects of."""
    source_lists = (call_sources for call in calls for call_sources in call.sources.values())
    classes = {one.own_class for sources in source_lists for one in sources if one.own_class}
    read = {body: reader.read(body) for body in classes}
    return {body: module for body, module in read.items() if module is not None}


def _is_inside(call: ast.Call, statement: ast.stmt) -> bool:
    return statement.lineno <= call.lineno <= (statement.end_lineno or 0)
