"""Which architectures a release of vLLM adapts, read from its unpacked sources without running it.

    python -m bench.serving FOLDER > vllm_models.json

FOLDER holds one unpacked source distribution a release, named by its version
(`FOLDER/0.33.0/vllm/...`). The registry names a class for each architecture; the class, or one it
inherits from, is a `SupportsLoRA` or not, and its `embedding_modules` says which of the input
embedding and the output head take LoRA. A class that the sources hide (built elsewhere, or in a
way that text does not show) is unknown, never guessed. The result goes into
`loracheck/engines/data/vllm_models.json`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LORA = ("SupportsLoRA", "supports_lora")
PLACES = ("vllm.model_executor.models", "vllm.models")
"""Packages with classes of models."""
ATTRIBUTES = (
    *("embedding_modules", "supported_lora_modules", "supports_lora"),
    "is_3d_moe_weight",
)
"""What of a class body is kept."""
DRAFTS = re.compile(r"MTP|Eagle|DSpark|DraftModel|Medusa|DFlash")
"""Drafters of speculative decoding; nobody trains an adapter for them."""


class ClassFacts(NamedTuple):
    """One class of a module: the names it inherits from and its plain attributes."""

    bases: list[str]
    attributes: dict[str, Any]


class ModuleFacts(NamedTuple):
    """One module: its classes and where its imported names come from."""

    classes: dict[str, ClassFacts]
    imports: dict[str, tuple[str, str]]


def parse_version(version: str) -> tuple[int, ...]:
    """A version as it sorts."""
    return tuple(int(part) for part in re.findall(r"\d+", version))


class Modules:
    """The modules of one release's models by their dotted names, each read when it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._found: dict[str, ModuleFacts | None] = {}

    def get(self, name: str) -> ModuleFacts | None:
        """The module; None for one from elsewhere."""
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def _read(self, name: str) -> ModuleFacts | None:
        if not name.startswith(PLACES):
            return None
        place = self._folder / name.replace(".", "/")
        for file, package in ((place.with_suffix(".py"), False), (place / "__init__.py", True)):
            if file.is_file():
                return read_module(file.read_text(encoding="utf-8"), name, package)
        return None


def read_module(text: str, name: str, package: bool) -> ModuleFacts:
    """One module's classes and imports."""
    tree = ast.parse(text)
    imports = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            steps = name.split(".")[: None if package and node.level == 1 else -node.level]
            if package and node.level > 1:
                steps = name.split(".")[: 1 - node.level]
            full = ".".join([*steps, node.module or ""]) if node.level else node.module or ""
            for alias in node.names:
                imports[alias.asname or alias.name] = (full.rstrip("."), alias.name)
    classes = {n.name: _read_class(n) for n in ast.walk(tree) if isinstance(n, ast.ClassDef)}
    classes |= _read_aliases(tree)
    return ModuleFacts(classes, imports)


def _read_aliases(tree: ast.Module) -> dict[str, ClassFacts]:
    """Names that stand for a class: `A = B`, and `A = as_embedding_model(B)` and the like, which
    give a class that inherits from B (`vllm/model_executor/models/adapters.py`).
    """
    found = {}
    for node in _module_lines(tree.body):
        if not (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)):
            continue
        value = _unwrap(node.value)
        if isinstance(value, ast.Name):
            found[node.targets[0].id] = ClassFacts([value.id], {})
    return found


def _module_lines(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The lines of a module, those of its conditions (`if TYPE_CHECKING: ... else:`) too."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _module_lines([*node.body, *node.orelse])
        else:
            yield node


def _unwrap(value: ast.expr) -> ast.expr:
    """The class that `as_...(Class)` is made from, else the expression itself."""
    if isinstance(value, ast.Call) and value.args and ast.unparse(value.func).startswith("as_"):
        return value.args[0]
    return value


def _read_class(node: ast.ClassDef) -> ClassFacts:
    attributes: dict[str, Any] = {}
    for line in node.body:
        target, value = None, None
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name):
            target, value = line.targets[0].id, line.value
        elif isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            target, value = line.target.id, line.value
        if target in ATTRIBUTES and value:
            try:
                attributes[target] = ast.literal_eval(value)
            except ValueError:
                attributes[target] = None
    return ClassFacts([ast.unparse(_unwrap(base)) for base in node.bases], attributes)


def inheritance(
    modules: Modules, module: str, name: str, seen: tuple[str, ...] = ()
) -> list[tuple[str, ClassFacts | None]]:
    """A class and all it inherits from, in reading order; None for one from elsewhere."""
    leaf = name.rpartition(".")[2]
    if f"{module}.{leaf}" in seen:
        return []
    here = modules.get(module)
    if here is not None and leaf in here.classes:
        own = here.classes[leaf]
        found: list[tuple[str, ClassFacts | None]] = [(leaf, own)]
        for base in own.bases:
            found += inheritance(modules, module, base, (*seen, f"{module}.{leaf}"))
        return found
    if here is not None and leaf in here.imports:
        place, original = here.imports[leaf]
        return inheritance(modules, place, original, (*seen, f"{module}.{leaf}"))
    return [(leaf, None)]


def read_registry(folder: Path) -> dict[str, tuple[str, str]]:
    """Architecture -> (module, class)."""
    root = folder / "vllm/model_executor/models"
    file = root / "registry.py"
    tree = ast.parse((file if file.is_file() else root / "__init__.py").read_text("utf-8"))
    found = {}
    for node in ast.walk(tree):
        for key, value in _dict_items(node):
            if not (isinstance(key, ast.Constant) and isinstance(value, ast.Tuple)):
                continue
            pair = [e.value for e in value.elts if isinstance(e, ast.Constant)]
            if len(pair) == len(value.elts) == 2:
                module = str(pair[0])
                if not module.startswith("vllm."):
                    module = f"vllm.model_executor.models.{module}"
                found[str(key.value)] = (module, str(pair[1]))
    return found


def _dict_items(node: ast.AST) -> list[tuple[ast.expr | None, ast.expr]]:
    return list(zip(node.keys, node.values, strict=True)) if isinstance(node, ast.Dict) else []


def lora_status(modules: Modules, module: str, name: str) -> str:
    """`lora` with the ends that take LoRA, `none`, or `?` where the class cannot be read."""
    found = inheritance(modules, module, name)
    if found[0][1] is None:
        return "?"
    attributes: dict[str, Any] = {}
    for _, own in reversed(found):
        attributes.update(own.attributes if own else {})
    adapts = any(base in LORA for base, _ in found) or attributes.get("supports_lora") is True
    if not adapts and not attributes.get("supported_lora_modules"):
        return "none"
    ends = attributes.get("embedding_modules", {})
    if ends is None:
        return "?"
    return " ".join(["lora", *ends])


def read_statuses(folder: Path) -> dict[str, str]:
    """Architecture -> `lora_status` in the release that is unpacked in the folder."""
    modules = Modules(folder)
    return {
        architecture: lora_status(modules, *place)
        for architecture, place in read_registry(folder).items()
        if not DRAFTS.search(architecture)
    }


def collect_table(folder: Path) -> dict[str, list[list[str]]]:
    """Architecture -> [release from which on, status], a row where the status changes."""
    rows: dict[str, list[list[str]]] = {}
    releases = sorted((p.name for p in folder.iterdir()), key=parse_version)
    for release in releases:
        add_release(rows, release, read_statuses(folder / release))
    return dict(sorted(rows.items()))


def add_release(rows: dict[str, list[list[str]]], release: str, known: dict[str, str]) -> None:
    """Add to the rows what a release does otherwise than the one before it."""
    for architecture in {*known, *rows}:
        now = known.get(architecture, "absent")
        row = rows.setdefault(architecture, [])
        row[:] = [one for one in row if one[0] != release]
        if not row or row[-1][1] != now:
            row.append([release, now])


def format_table(releases: list[str], rows: dict[str, list[list[str]]]) -> str:
    """The table as it is kept: a line for each architecture."""
    body = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in sorted(rows.items()))
    return f'{{\n "releases": {json.dumps(releases)},\n "architectures": {{\n{body}\n }}\n}}\n'


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1])
    releases = sorted((p.name for p in folder.iterdir()), key=parse_version)
    print(format_table(releases, collect_table(folder)), end="")


if __name__ == "__main__":
    main()
