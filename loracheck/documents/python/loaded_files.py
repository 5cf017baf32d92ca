"""Configuration files that a script loads by a path of its own: `yaml.safe_load(open("a.yaml"))`,
`OmegaConf.load(path)`, or a function of the file that does so. They are read, never run.

A path is looked for from where such scripts are run: the folder of the script, and the folders
above it up to the repository's root; where two of them have the file nothing is known.
"""

from __future__ import annotations

import ast
import os

from loracheck.documents.dependencies import is_file
from loracheck.documents.model import DocumentError
from loracheck.documents.repository import list_folders_above
from loracheck.documents.source import decode, load
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .functions import is_opening

if TYPE_CHECKING:
    from .bindings import Parameter, Scope
    from .folding import Folder

LOADERS = frozenset(
    {
        *("yaml.safe_load", "yaml.full_load", "yaml.load", "json.load", "json.loads"),
        *("toml.load", "tomllib.load", "tomli.load", "OmegaConf.load"),
    }
)
"""Calls that give a file's content as a mapping, by the ends of their names."""

MAX_FILES = 5
"""Most files that are read for one document."""

SUFFIXES = frozenset({".yaml", ".yml", ".json", ".toml"})


class LoadedFiles:
    """The configuration files beside one document, whose path is given."""

    def __init__(self, path: str) -> None:
        self._folders = list_folders_above(os.path.dirname(os.path.abspath(path)))
        self._found: dict[str, object] = {}

    def find(self, path: str) -> object:
        """The mapping in the file that a script's path means; Ellipsis where that is not known."""
        if path not in self._found and len(self._found) < MAX_FILES:
            self._found[path] = self._find(path)
        return self._found.get(path, ...)

    def find_composed(self, path: str) -> object:
        """The configuration that hydra composes, beginning at a file whose path is that from the
        script's folder; Ellipsis where that is not known.
        """
        from loracheck.documents.hydra import compose

        if len(self._found) >= MAX_FILES and path not in self._found:
            return ...
        if path not in self._found:
            full = os.path.normpath(os.path.join(self._folders[0], path))
            inside = full.startswith(os.path.join(self._folders[-1], ""))
            values = compose(full) if inside else None
            self._found[path] = ... if values is None else values
        return self._found[path]

    def _find(self, path: str) -> object:
        suffix = os.path.splitext(path)[1].lower()
        if suffix not in SUFFIXES or os.path.isabs(path):
            return ...
        files = {os.path.normpath(os.path.join(folder, path)) for folder in self._folders}
        top = os.path.join(self._folders[-1], "")
        there = [file for file in files if file.startswith(top) and is_file(file)]
        return _read(there[0], suffix) if len(there) == 1 else ...


def _read(file: str, suffix: str) -> object:
    from loracheck.documents.formats import parse_as

    try:
        roots = parse_as(suffix, file, decode(load(file))).roots
    except (DocumentError, OSError):
        return ...
    return roots[0] if len(roots) == 1 and isinstance(roots[0], dict) else ...


def find_path(node: ast.Call, scope: Scope, folder: Folder) -> tuple[ast.expr, Scope] | None:
    """The expression for the path that a call loads, and the scope that it stands in: of a loader,
    or of a function of the file that gives back what a loader reads.
    """
    calls, seen = [(node, scope)], {node}
    for call, inner in calls:  # grows
        name = folder.get_dotted_name(call.func, inner) or ""
        if any(name == one or name.endswith(f".{one}") for one in LOADERS):
            path_expression = _find_opened(call.args[0], inner, folder) if call.args else None
            if path_expression is not None:
                return path_expression
            continue
        returned = _list_returned_calls(call, inner, folder)
        calls += [one for one in returned if one[0] not in seen]
        seen.update(one[0] for one in returned)
    return None


class PathParameter(NamedTuple):
    """The parameter of a function that is the path of the file whose content it gives back."""

    name: str
    position: int

    def find_argument(self, call: ast.Call) -> ast.expr | None:
        """What a call of the function gives it."""
        plain = not any(isinstance(one, ast.Starred) for one in call.args)
        if plain and self.position < len(call.args):
            return call.args[self.position]
        return next((word.value for word in call.keywords if word.arg == self.name), None)


def find_path_parameter(function: str, folder: Folder) -> PathParameter | None:
    """The parameter of a function of the module that it loads a configuration file by; None for a
    function that does more with the path, or gives anything else back.
    """
    call = ast.Call(ast.Name(function, ast.Load()), [], [])
    path_expression = find_path(call, folder.module.scope, folder)
    for _ in range(MAX_FILES):
        if path_expression is None:
            return None
        node, scope = path_expression
        if isinstance(node, ast.Call) and _wraps_path(node) and len(node.args) == 1:
            path_expression = node.args[0], scope
            continue
        bindings = scope.bindings.get(node.id, []) if isinstance(node, ast.Name) else []
        parameter = bindings[0].parameter if len(bindings) == 1 else None
        if parameter is not None and not isinstance(parameter.function, ast.Lambda):
            args = parameter.function.args
            names = [one.arg for one in (*args.posonlyargs, *args.args)]
            within = parameter.function.name == function and parameter.name in names
            return PathParameter(parameter.name, names.index(parameter.name)) if within else None
        value = bindings[0].value if len(bindings) == 1 else None
        path_expression = (value, scope) if value is not None else None
    return None


def find_hydra_path(parameter: Parameter, folder: Folder) -> str | None:
    """The file that hydra gives a function as its only parameter: `@hydra.main(config_path="conf",
    config_name="train")`, beside the script (hydra 1.3, main.py).
    """
    if isinstance(parameter.function, ast.Lambda):
        return None
    for decorator in parameter.function.decorator_list:
        if isinstance(decorator, ast.Call):
            name = folder.get_dotted_name(decorator.func, folder.module.scope) or ""
            keywords = {word.arg: word.value for word in decorator.keywords}
            parts = [keywords.get("config_path"), keywords.get("config_name")]
            texts = [one.value for one in parts if isinstance(one, ast.Constant)]
            if name == "hydra.main" and len(texts) == 2 and all(isinstance(t, str) for t in texts):
                base, file = str(texts[0]), str(texts[1])
                return os.path.join(base, file if file.endswith(".yaml") else f"{file}.yaml")
    return None


def _list_returned_calls(
    node: ast.Call, scope: Scope, folder: Folder
) -> list[tuple[ast.Call, Scope]]:
    """What a function of the file gives back, where that is the result of one call."""
    owner = scope.find_owner(node.func.id) if isinstance(node.func, ast.Name) else None
    if owner is None or not isinstance(node.func, ast.Name):
        return []
    functions = [one.function for one in owner.bindings[node.func.id]]
    inner = folder.module.functions.get(functions[0]) if functions[0] is not None else None
    if len(functions) != 1 or inner is None:
        return []
    results = folder.module.returns.get(inner, [])
    if len(results) != 1:
        return []
    value = results[0]
    if isinstance(value, ast.Name) and len(inner.bindings.get(value.id, [])) == 1:
        value = inner.bindings[value.id][0].value or value
    return [(value, inner)] if isinstance(value, ast.Call) else []


def _find_opened(node: ast.expr, scope: Scope, folder: Folder) -> tuple[ast.expr, Scope] | None:
    """The path behind what a loader is given: a file that is opened, its text, or the path. None
    for a name that is made of itself.
    """
    seen: set[ast.expr] = set()
    while node not in seen:
        seen.add(node)
        if isinstance(node, ast.Name):
            owner = scope.find_owner(node.id)
            bindings = owner.bindings[node.id] if owner is not None else []
            source = bindings[0].source if len(bindings) == 1 else None
            if owner is None or source is None or not is_opening(source):
                return node, scope
            node, scope = source, owner
        elif not isinstance(node, ast.Call):
            return node, scope
        elif isinstance(node.func, ast.Attribute) and node.func.attr in _READING:
            node = node.func.value
        else:
            return (node.args[0] if node.args and _wraps_path(node) else node), scope
    return None


_READING = ("read_text", "read", "open")
"""Methods of a path or a file whose result is what the file holds."""


def _wraps_path(node: ast.Call) -> bool:
    """Whether a call is of `open` or `Path`."""
    return isinstance(node.func, ast.Name) and node.func.id in ("open", "Path", "str")
