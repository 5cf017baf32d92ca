"""Files, functions and names of modules that pages and docstrings name are in the code."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("loracheck", "dev", "bench", "fuzz", "tests")
PAGES = ("docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md", "SECURITY.md")
FILE = re.compile(r"`([\w./-]*\w\.py)`")
CALL = re.compile(r"`(?:\w+\.)*(\w+)\([^`]*\)`")
MEMBER = re.compile(r"`(\w+)\.(\w+)(?:\([^`]*\))?`")

ELSEWHERE = {"loracheck/rules/scaling/lc307_rank_not_a_multiple.py", "tuners/lora/layer.py"}
"""The rule that CONTRIBUTING adds as an example, and a file of PEFT."""


@cache
def python_files() -> tuple[str, ...]:
    return tuple(
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    )


@cache
def defined_names() -> frozenset[str]:
    """Functions and classes of the repository, and Python's own."""
    found = set(dir(builtins))
    for file in python_files():
        text = (ROOT / file).read_text("utf-8")
        found |= {*re.findall(r"^\s*(?:async )?(?:def|class) (\w+)", text, re.MULTILINE)}
    return frozenset(found)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_files_and_functions_that_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    gone = [name for name in FILE.findall(text) if name not in ELSEWHERE and not _exists(name)]
    gone += [name for name in CALL.findall(text) if name not in defined_names()]
    assert not gone, f"{page} names what is not in the code: {', '.join(gone)}"


def _exists(name: str) -> bool:
    """Whether a file's path ends so."""
    return any(file == name or file.endswith(f"/{name}") for file in python_files())


def test_docstrings_name_what_a_sibling_module_has() -> None:
    gone = [
        f"{path.relative_to(ROOT)}: {told}"
        for path in sorted((ROOT / "loracheck").rglob("*.py"))
        if "torch" not in path.parts
        for told in _list_missing(path)
    ]
    assert not gone, "\n".join(gone)


def _list_missing(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(tree):
        text = (ast.get_docstring(node) if isinstance(node, nodes) else None) or ""
        for name in FILE.findall(text):
            if path.name == "__init__.py" and not _exists(name) and "NNN" not in name:
                yield name
        for module, name in MEMBER.findall(text):
            sibling = path.with_name(f"{module}.py")
            if name == "py" or not sibling.exists():
                continue
            if not re.search(rf"\b{name}\b", sibling.read_text("utf-8")):
                yield f"{module}.{name}"
