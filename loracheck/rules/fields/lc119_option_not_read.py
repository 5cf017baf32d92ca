"""An option for LoRA that a script takes and never reads.

## What
A parameter of the function that makes the LoraConfig, or an option of argparse, has the name of a
field of LoRA (`lora_r`, `lora_target_modules`) and is read nowhere, or is only printed.

## Why
What is given on the command line changes nothing: the LoraConfig takes another variable, a number
of its own or its default, and the run trains with that. Seen in AGI-Edgerunners/LLM-Adapters issue
79.

## Bad
```python
import argparse
from peft import LoraConfig
parser = argparse.ArgumentParser()
parser.add_argument("--lora_r", type=int, default=8)
args = parser.parse_args()
config = LoraConfig(r=16, target_modules=["q_proj", "v_proj"])
```

## Good
```python
import argparse
from peft import LoraConfig
parser = argparse.ArgumentParser()
parser.add_argument("--lora_r", type=int, default=8)
args = parser.parse_args()
config = LoraConfig(r=args.lora_r, target_modules=["q_proj", "v_proj"])
```

## Fix
Give it to LoraConfig, or take the option out.

## Source
The Python library reference, argparse, "The Namespace object".
"""

from __future__ import annotations

import ast

from loracheck.documents.python.spans import compute_node_offsets
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_calls import read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Span
    from loracheck.documents.python.parsed_module import ParsedModule
    from loracheck.rules.context import RuleContext

CODE = "LC119"
NAME = "option-not-read"
SEVERITY = "warning"

_FIELDS = {
    **dict.fromkeys(("lora_r", "lora_rank", "lora_dim"), "r"),
    **dict.fromkeys(("lora_target_modules", "lora_target", "lora_modules"), "target_modules"),
    "lora_alpha": "lora_alpha",
    "lora_dropout": "lora_dropout",
}
"""Name of an option -> the field that it is meant for."""

_ESCAPES = compile_when_used(r"\b(?:locals|exec|eval)\(|__dict__")
"""Words of a file that may read an option without its name."""

_SHOWS = frozenset({"print", "info", "debug", "warning", "log", "write", "pprint"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such option; the first setting of the file speaks."""
    document = context.document
    script = read_calls(document, "LoraConfig(") if context.first else None
    text = document.text
    if script is None or document.format != "python" or _ESCAPES.search(text):
        return
    if not any(name in text for name in _FIELDS):
        return
    if len(script.by_name.get("LoraConfig", ())) != 1:
        return
    module: ParsedModule | None = document.syntax  # type: ignore[attr-defined]
    if module is None:
        return
    yield from _check_parameters(document, module)
    if "add_argument(" in text:
        yield from _check_options(document, module)


def _check_parameters(document: Document, module: ParsedModule) -> Iterator[Hit]:
    """One hit for every parameter of the function with the LoraConfig that it does not read."""
    functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = [
        *module.find_nodes(ast.FunctionDef),
        *module.find_nodes(ast.AsyncFunctionDef),
    ]
    for function in functions:
        config = next((node for node in ast.walk(function) if _makes_config(node)), None)
        if config is None or function.args.kwarg is not None:
            continue
        read = {node.id for node in _list_read(function) if isinstance(node, ast.Name)}
        for one in (*function.args.args, *function.args.kwonlyargs):
            if one.arg in _FIELDS and one.arg not in read:
                yield _build_hit(document, one.arg, _get_span(document, one), config)


def _check_options(document: Document, module: ParsedModule) -> Iterator[Hit]:
    """One hit for every option of argparse that no attribute reads."""
    nodes = list(_list_read(module.tree))
    config = next((node for node in nodes if _makes_config(node)), None)
    names = _list_namespaces(module)
    if config is None or len(names) != 1 or _is_handed_on(module, names):
        return
    read = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        name = _get_option(node)
        if name in _FIELDS and name not in read:
            yield _build_hit(document, name, _get_span(document, node), config)


def _build_hit(document: Document, name: str, at: Span, config: ast.AST) -> Hit:
    field = _FIELDS[name]
    given = next((one for one in getattr(config, "keywords", ()) if one.arg == field), None)
    text = ast.unparse(given.value) if given is not None else ""
    takes = f"takes {text} as `{field}`" if text and len(text) < 60 else f"gets another `{field}`"
    takes = takes if given is not None else f"gets no `{field}`"
    return Hit(
        f"`{name}` is read nowhere, so that what is given changes nothing: LoraConfig {takes}",
        at,
        help=f"write {field}={name} there, or take the option out",
        field=field,
    )


def _makes_config(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or any(one.arg is None for one in node.keywords):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name == "LoraConfig"


def _list_read(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes below one, without those that are only shown and the names that are assigned."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Call):
            function = child.func
            last = function.attr if isinstance(function, ast.Attribute) else None
            if (last or getattr(function, "id", "")) in _SHOWS:
                continue
        if isinstance(getattr(child, "ctx", None), ast.Store):
            continue
        yield child
        yield from _list_read(child)


def _list_namespaces(module: ParsedModule) -> set[str]:
    """The variables that a parser's options are assigned to."""
    names: set[str] = set()
    for node in module.find_nodes(ast.Assign):
        if isinstance(node.value, ast.Call):
            function = node.value.func
            if isinstance(function, ast.Attribute) and function.attr == "parse_args":
                target = node.targets[0]
                names.add(target.id if isinstance(target, ast.Name) else "")
    return names - {""} if "" not in names else set()


def _is_handed_on(module: ParsedModule, names: set[str]) -> bool:
    """Whether the options are given to a call of another file, or kept in something."""
    own = {one.name for one in module.find_nodes(ast.FunctionDef)}
    plain = [
        node for node in module.find_nodes(ast.Attribute) if getattr(node.value, "id", "") in names
    ]
    attributes = {id(node.value) for node in plain}
    for node in module.find_nodes(ast.Call):
        if getattr(node.func, "id", "") in {*own, "print"}:
            attributes |= {id(argument) for argument in node.args}
    loads = (node for node in module.find_nodes(ast.Name) if node.id in names)
    return any(isinstance(one.ctx, ast.Load) and id(one) not in attributes for one in loads)


def _get_option(node: ast.AST) -> str:
    """The name that argparse gives an option's value; "" for any other node."""
    if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "add_argument":
        return ""
    names = [one.value for one in node.args if isinstance(one, ast.Constant)]
    long = next((name for name in names if str(name).startswith("--")), "")
    dest = next((one.value for one in node.keywords if one.arg == "dest"), None)
    if dest is not None:
        return str(dest.value) if isinstance(dest, ast.Constant) else ""
    return str(long).removeprefix("--").replace("-", "_")


def _get_span(document: Document, node: ast.AST) -> Span:
    lines = document.lines  # type: ignore[attr-defined]
    start, end = compute_node_offsets(lines, node)
    span: Span = lines.span(start, end)
    return span
