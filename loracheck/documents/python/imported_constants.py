"""Constants that a file imports from another file of the same project: read, never run.

One step is followed: the other file's own imports are not. A module is looked for as Python does
for a script, in the folder of the importing file, and for what runs from the repository's root, in
the folders above it up to that root; where two of them have it nothing is known.
"""

from __future__ import annotations

import ast
import os
import sys

from loracheck.documents.dependencies import is_file
from loracheck.documents.model import DocumentError, Unknown
from loracheck.documents.repository import list_folders_above
from loracheck.documents.source import decode, load
from loracheck.type_checking import TYPE_CHECKING

from .folding import Folder
from .loaded_files import PathParameter, find_path_parameter
from .operations import has_unknown
from .scopes import walk_module
from .syntax import parse_syntax

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILES = 20
"""Most files that are read for one document."""

LIBRARIES = frozenset(
    {
        *("torch", "transformers", "peft", "diffusers", "accelerate", "datasets"),
        *("numpy", "bitsandbytes", "huggingface_hub", "tqdm", "wandb", "fire", "click", "typer"),
        *("yaml", "omegaconf", "hydra", "modelscope", "sentence_transformers", "pydantic"),
    }
)
"""Packages that are no part of the project; they are not looked for."""

_Module = tuple[Folder, int]
"""What folds the expressions of a file, and its number of lines."""


class ImportedConstants:
    """The constants of the files beside one document, whose path is given."""

    def __init__(self, path: str) -> None:
        self._folder = os.path.dirname(os.path.abspath(path))
        self._files: dict[str, _Module | None] = {}
        self._found: dict[tuple[str, bool], object] = {}

    def find_loader(self, name: str) -> PathParameter | None:
        """The parameter of a function of the project, by the dotted name that it is imported by,
        whose value is the path of the configuration file that the function gives back.
        """
        file, rest = self._find_file(name) or ("", [])
        module = self._read(file) if len(rest) == 1 else None
        return find_path_parameter(rest[0], module[0]) if module is not None else None

    def find(self, name: str, *, likely: bool = False) -> object:
        """The value of a dotted name as the document's imports give it ("settings.TARGETS",
        "..conf.RANK"); Ellipsis where it is no constant of a file of the project. A `likely` value
        may be a default: of a field of a dataclass or of pydantic's settings.
        """
        if (name, likely) not in self._found:
            self._found[name, likely] = self._find(name, likely)
        return self._found[name, likely]

    def _find(self, name: str, likely: bool) -> object:
        module_file = self._find_file(name)
        return ... if module_file is None else self._evaluate(*module_file, likely)

    def _find_file(self, name: str) -> tuple[str, list[str]] | None:
        """The file that has the name, and what is left of the name within it."""
        first = name.partition(".")[0]
        if first in LIBRARIES or first in sys.stdlib_module_names or first.startswith("<"):
            return None
        parts_by_file: dict[str, list[str]] = {}
        for files in self._list_candidates(name):
            there = [(file, rest) for file, rest in files if is_file(file)]
            if there and not self._binds_again(there):
                parts_by_file[there[0][0]] = there[0][1]
            elif there:
                return None
        return next(iter(parts_by_file.items())) if len(parts_by_file) == 1 else None

    def _list_candidates(self, name: str) -> Iterator[list[tuple[str, list[str]]]]:
        """For each folder the files that may hold the name, each with what is left of the name
        within it, the innermost module first.
        """
        dots = len(name) - len(name.lstrip("."))
        parts = name[dots:].split(".")
        for folder in self._list_folders(dots):
            candidates: list[tuple[str, list[str]]] = []
            for number in range(len(parts) - 1, 0, -1):
                base = os.path.join(folder, *parts[:number])
                candidates += [
                    (f"{base}.py", parts[number:]),
                    (os.path.join(base, "__init__.py"), parts[number:]),
                ]
            yield candidates

    def _binds_again(self, files: list[tuple[str, list[str]]]) -> bool:
        """Whether a package around the module has something else under the module's name, or two
        files are one module.
        """
        for file, rest in files[1:]:
            module = self._read(file)
            if len(rest) == len(files[0][1]) or module is None:
                return True
            if rest[0] in module[0].module.scope.bindings:
                return True
        return False

    def _list_folders(self, dots: int) -> list[str]:
        above = list_folders_above(self._folder)
        # `from . import x` and `from ..x import y` have the same dotted name here.
        return above[max(dots - 2, 0) : dots] if dots else above

    def _evaluate(self, file: str, parts: list[str], likely: bool) -> object:
        module = self._read(file)
        if module is None:
            return ...
        folder, lines = module
        node: ast.expr = ast.Name(parts[0], ast.Load(), lineno=lines + 1, col_offset=0)
        for part in parts[1:]:
            node = ast.copy_location(ast.Attribute(node, part, ast.Load()), node)
        module_scope = folder.module.scope
        value = folder.fold(node, module_scope).value
        if has_unknown(value) and len(parts) == 2:
            value = _fold_own_attribute(folder, parts[0], parts[1])
        if has_unknown(value) and likely:
            value = _follow_default(folder, node, parts)
        return ... if has_unknown(value) else value

    def _read(self, file: str) -> _Module | None:
        if file not in self._files and len(self._files) < MAX_FILES:
            self._files[file] = _parse(file)
        return self._files.get(file)


def _follow_default(folder: Folder, node: ast.expr, parts: list[str]) -> object:
    """The default behind a dotted name of a file, whose parts are given too: of a field of a class
    by what that class alone says.
    """
    from .class_fields import find_class, find_default
    from .default_values import DefaultValueFollower

    follower = DefaultValueFollower(*folder.get_parts())
    body = find_class(folder.module, ast.Name(parts[0])) if len(parts) > 1 else None
    field = find_default(folder.module, body, parts[1:]) if body is not None else None
    if body is not None and field is None:
        return ...
    followed_value = follower.follow_value(*(field or (node, folder.module.scope)))
    return ... if followed_value is None else followed_value.value


def _fold_own_attribute(folder: Folder, name: str, attribute: str) -> object:
    """`config.model` of `config = Config()`, whose class sets it in one place of the file."""
    bindings = folder.module.scope.bindings.get(name, [])
    value = bindings[0].value if len(bindings) == 1 else None
    values = folder.module.changes.values.get(attribute, ())
    if not isinstance(value, ast.Call) or value.args or value.keywords or len(values) != 1:
        return Unknown(name)
    cls = value.func.id if isinstance(value.func, ast.Name) else ""
    definitions = [one.class_definition for one in folder.module.scope.bindings.get(cls, [])]
    expression, scope = values[0]
    if len(definitions) != 1 or definitions[0] is None:
        return Unknown(name)
    inside = folder.module.classes.get(definitions[0])
    return (
        folder.fold(expression, scope).value
        if scope.find_enclosing_class() is inside
        else Unknown(name)
    )


def _parse(file: str) -> _Module | None:
    try:
        text = decode(load(file))
        module = walk_module(parse_syntax(text))
    except (DocumentError, OSError):
        return None
    return Folder(module, lambda _: "", {}), text.count("\n") + 1
