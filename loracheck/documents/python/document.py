"""Python documents: the calls that may set LoRA up, with the values of their arguments. Nothing is
executed.

Each root is the arguments of one call, in the order of the text: keywords under their names,
positional arguments under 0, 1, ... `calls` says for each root what is called and whether all of
its arguments are known. A text without any of `WORDS` is not even parsed.
Problem: "doubled-keyword" (a keyword given twice to one call, which Python refuses, or a key twice
in one dict, of which the last one counts).
"""

from __future__ import annotations

import ast
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from loracheck.documents.lines import Lines
from loracheck.documents.model import Unknown
from loracheck.documents.tree_document import Positions, TreeDocument
from loracheck.named_tuple import NamedTuple

from .call_index import get_last_name
from .duplicates import Duplicate, find_duplicates
from .folding import Folder
from .known_calls import (
    ADAPTER_WRAPPERS,
    CONFIG_ENDING,
    METHOD_CONFIGS,
    is_adapter_load,
    is_likely_config,
)
from .origin import AssignedLater, Origin
from .own_modules import OwnModuleReader
from .scopes import walk_module
from .sources import SourceTracer
from .spans import find_places, get_node_source
from .syntax import parse_syntax
from .training_calls import makes_training_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .bindings import Scope
    from .own_modules import OwnModule
    from .sources import Source
    from .uses import Script

    _Found = tuple[ast.Call, Scope, str]
    """A call that is shown, the scope it stands in, and its name."""

TRIGGER_WORDS = (
    *("LoraConfig", "get_peft_config", "get_peft_model", "PeftModel", "load_adapter("),
    *("LoRARequest", "enable_lora=True", "megatron.bridge.peft", "run_exp("),
)
"""A text without any of these words is not parsed: it has no call that puts an adapter on a
model.
"""

ADAPTER_METHODS = frozenset({"add_adapter", "load_adapter"})
"""Methods that put an adapter on the model that they are called on."""

CONFIG_CALLS = frozenset({"LoraConfig", "get_peft_config"})
"""Calls that make a configuration, whose attributes may be assigned to later."""

_CALLS_WITH_DEFAULTS = CONFIG_CALLS | METHOD_CONFIGS | {"get_peft_model"}
"""Calls whose arguments are followed to the file's own defaults (default_values.py)."""

SHOWN_CALLS = (
    CONFIG_CALLS
    | ADAPTER_WRAPPERS
    | ADAPTER_METHODS
    | {"from_pretrained", "ModelConfig", "SentenceTransformer", "CrossEncoder"}
    | {"LLM", "LoRARequest"}  # vLLM's
    | {"run_exp"}  # LLaMA-Factory's, with its settings in a dict
    | {"LoRA", "VLMLoRA", "DoRA", "CanonicalLoRA"}  # Megatron-Bridge's
)
"""Last parts of the names of calls that become roots. The object that a method of ADAPTER_METHODS
is called on is given as its argument "model".
"""

MODEL_PATH_ARGUMENTS = (0, "pretrained_model_name_or_path", "model_name", "model_name_or_path")
"""Arguments of `from_pretrained` that say what is loaded."""

MODEL_ARGUMENTS = (*MODEL_PATH_ARGUMENTS, "model")
"""Arguments that may name a model, followed to the file's own defaults (likely_values.py)."""

SHOWN_KEYWORDS = frozenset({"peft_config"})
"""Keywords that make a root of any call: a trainer is given its model beside its config."""


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
    def script(self) -> Script:
        """All calls of the text, for what the calls of the roots do not tell."""
        from .uses import read_script

        return read_script(self.text)


def parse(path: str, text: str) -> PythonDocument:
    """The document of a Python text. Raises DocumentError where it is not Python."""
    if not any(word in text for word in TRIGGER_WORDS):
        return _build_document(path, text, [], [], [], [])
    tree = parse_syntax(text)
    lines = Lines(text)
    module = walk_module(tree)
    folder = Folder(
        module,
        lambda node: get_node_source(lines, node),
        {},
        _make_import_follower(path),
        _make_file_loader(path),
    )
    found = sorted(
        (
            (call, scope, name)
            for call, scope in module.calls
            if (name := _get_shown_call_name(call, scope, folder)) is not None
        ),
        key=lambda one: (one[0].lineno, one[0].col_offset),
    )
    folder.results = {call: number for number, (call, _, _) in enumerate(found)}
    folded = [_fold_arguments(call, scope, folder) for call, scope, _ in found]
    _fill_in_models(found, [one[0] for one in folded], folder)
    assumed = _fill_in_defaults(found, folded, folder)
    _mark_later_assignments(found, [one[0] for one in folded], folder)
    tracer = SourceTracer(folder)
    calls = [
        Call(
            name,
            one[2],
            _find_lazy_target(call) is not None,
            any(_is_inside(call, part) for part in module.failing),
            defaults,
            _trace_arguments((call, scope, name), one[0], one[1], tracer),
        )
        for (call, scope, name), one, defaults in zip(found, folded, assumed, strict=True)
    ]
    twice = find_duplicates(lines, tree, (call for call, _, _ in found))
    roots, origins = [one[0] for one in folded], [one[1] for one in folded]
    document = _build_document(path, text, roots, calls, origins, twice)
    document.modules = _read_modules(calls, OwnModuleReader(folder, tracer))
    return document


def _make_import_follower(path: str) -> Callable[..., Any]:
    """What gives the constants of the files beside a script, which is made when it is first
    asked.
    """
    follower: list[Callable[..., Any]] = []

    def find(name: str, *, likely: bool = False) -> Any:
        if not follower:
            from .imported_constants import ImportedConstants

            follower.append(ImportedConstants(path).find)
        return follower[0](name, likely=likely)

    return find


def _make_file_loader(path: str) -> Callable[[str], Any]:
    """What gives the configuration files beside a script, which is made when it is first asked."""
    loader: list[Callable[[str], Any]] = []

    def find(name: str) -> Any:
        if not loader:
            from .loaded_files import LoadedFiles

            loader.append(LoadedFiles(path).find)
        return loader[0](name)

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
    traced = (found for call in calls for found in call.sources.values())
    classes = {one.own_class for sources in traced for one in sources if one.own_class}
    read = {body: reader.read(body) for body in classes}
    return {body: module for body, module in read.items() if module is not None}


def _is_inside(call: ast.Call, statement: ast.stmt) -> bool:
    return statement.lineno <= call.lineno <= (statement.end_lineno or 0)


def _trace_arguments(
    shown: _Found, root: dict[str | int, Any], origin: Origin, tracer: SourceTracer
) -> dict[str | int, tuple[Source, ...]]:
    """The sources of the arguments that are not known; nothing for a call that puts no adapter on
    a model.
    """
    _, scope, name = shown
    last = name.rpartition(".")[2]
    known = last in ADAPTER_WRAPPERS | ADAPTER_METHODS or is_adapter_load(name)
    if not known and not SHOWN_KEYWORDS & root.keys():
        return {}
    return {
        key: tracer.trace(child.node, scope)
        for key, child in origin.children.items()
        if isinstance(root[key], Unknown) and isinstance(child.node, ast.expr)
    }


def _get_shown_call_name(call: ast.Call, scope: Scope, folder: Folder) -> str | None:
    """The dotted name of a call that becomes a root; None for every other call."""
    if not isinstance(call.func, (ast.Name, ast.Attribute)):
        return None
    lazy = _find_lazy_target(call)
    if lazy is not None:
        name = folder.name(lazy, scope)
        return name if name and name.rpartition(".")[2] in SHOWN_CALLS else None
    name = folder.name(call.func, scope)
    last = call.func.attr if isinstance(call.func, ast.Attribute) else (name or "")
    if name and name.startswith("peft.") and name.rpartition(".")[2] in METHOD_CONFIGS:
        return name
    if name and is_likely_config(name) and _is_lora_config(call.func, scope):
        return name
    if last.rpartition(".")[2] in SHOWN_CALLS or makes_training_arguments(last):
        return name or last
    if any(keyword.arg in SHOWN_KEYWORDS for keyword in call.keywords):
        return name or last
    return None


def _is_lora_config(function: ast.expr, scope: Scope) -> bool:
    """Whether a class of the file's own has a LoraConfig for its base; True for an imported one."""
    owner = scope.owner(function.id) if isinstance(function, ast.Name) else None
    bindings = owner.bindings[function.id] if owner and isinstance(function, ast.Name) else []
    held = [binding.held for binding in bindings if binding.held is not None]
    bases = [get_last_name(base) for one in held for base in one.bases]
    return not held or any(base.endswith(CONFIG_ENDING) for base in bases)


def _find_lazy_target(call: ast.Call) -> ast.Name | ast.Attribute | None:
    """The class in `dict(type=X, ...)`, which is how config files of mmengine write a call; None
    for every other call.
    """
    if not isinstance(call.func, ast.Name) or call.func.id != "dict":
        return None
    for keyword in call.keywords:
        if keyword.arg == "type" and isinstance(keyword.value, (ast.Name, ast.Attribute)):
            return keyword.value
    return None


def _fold_arguments(
    call: ast.Call, scope: Scope, folder: Folder
) -> tuple[dict[str | int, Any], Origin, bool]:
    values: dict[str | int, Any] = {}
    origin = Origin(call, call.func)
    complete = True
    for index, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            complete = False
            break
        folded = folder.fold(argument, scope)
        values[index] = folded.value
        origin.children[index] = folded.origin
    lazy = _find_lazy_target(call) is not None
    if isinstance(call.func, ast.Attribute) and call.func.attr in ADAPTER_METHODS:
        owner = folder.fold(call.func.value, scope)
        values["model"], origin.children["model"] = owner.value, owner.origin
    for keyword in call.keywords:
        if lazy and keyword.arg == "type":
            continue
        if keyword.arg is not None:
            folded = folder.fold(keyword.value, scope)
            values[keyword.arg] = folded.value
            child = Origin(folded.origin.node, keyword)
            child.children, child.written = folded.origin.children, folded.origin.written
            origin.children[keyword.arg] = child
            continue
        inner = folder.mapping(keyword.value, scope)
        if inner is None:
            complete = False
        else:
            values.update(inner.value)
            origin.children.update(inner.origin.children)
    return values, origin, complete


def _fill_in_models(found: list[_Found], roots: list[dict[str | int, Any]], folder: Folder) -> None:
    """Put the defaults that the file gives in place of model names that are not known otherwise."""
    from .likely_values import DefaultFollower

    follower = DefaultFollower(*folder.get_parts())
    for (call, scope, name), root in zip(found, roots, strict=True):
        if name.rpartition(".")[2] != "from_pretrained" and not SHOWN_KEYWORDS & root.keys():
            continue
        given: dict[str | int | None, ast.expr] = {k.arg: k.value for k in call.keywords}
        given.update(enumerate(call.args))
        for key in MODEL_ARGUMENTS:
            if key in given and type(root.get(key)) is Unknown:
                text = follower.follow(given[key], scope)
                root[key] = root[key] if text is None else text


def _fill_in_defaults(
    found: list[_Found], folded: list[tuple[dict[str | int, Any], Origin, bool]], folder: Folder
) -> list[dict[str | int, Unknown]]:
    """Put the defaults that the file gives in place of the arguments of configurations that are not
    known; what stood there comes out, for each call.
    """
    follower = None
    replaced: list[dict[str | int, Unknown]] = []
    for (call, scope, name), (root, origin, _) in zip(found, folded, strict=True):
        replaced.append({})
        unknown = [key for key, value in root.items() if type(value) is Unknown and key != "model"]
        if not unknown or not (
            name.rpartition(".")[2] in _CALLS_WITH_DEFAULTS or is_likely_config(name)
        ):
            continue
        from .default_values import DefaultValueFollower

        follower = follower or DefaultValueFollower(*folder.get_parts())
        given: dict[str | int | None, ast.expr] = {k.arg: k.value for k in call.keywords}
        given.update(enumerate(call.args))
        for key in (key for key in unknown if key in given):
            value = follower.follow_value(given[key], scope)
            if value is not None:
                replaced[-1][key], root[key] = root[key], value.value
                child = origin.children[key]
                child.children, child.written = value.origin.children, value.origin.written
    return replaced


def _mark_later_assignments(
    found: list[_Found], roots: list[dict[str | int, Any]], folder: Folder
) -> None:
    """Make an argument unknown whose attribute is assigned to after the call (`config.r = 8`): what
    the call was given no longer holds.
    """
    for name, attribute, scope in folder.module.changes.stores:
        owner = scope.owner(name)
        for binding in owner.bindings[name] if owner is not None else []:
            if isinstance(binding.value, ast.Call) and binding.value in folder.results:
                number = folder.results[binding.value]
                if found[number][2].rpartition(".")[2] in CONFIG_CALLS:
                    roots[number][attribute] = AssignedLater(f"{name}.{attribute}")
