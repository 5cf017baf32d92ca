"""What a PEFT release changes in what loracheck follows: a page of docs/releases."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    "peft_model.py",
    "tuners/lora/config.py",
    "tuners/lora/layer.py",
    "tuners/lora/model.py",
    "tuners/trainable_tokens/layer.py",
    "tuners/tuners_utils.py",
    "utils/other.py",
    "utils/transformers_weight_conversion.py",
)
"""The files of PEFT that the plan follows."""

_LOOK = """
import ast, hashlib, json
from dataclasses import MISSING, fields
from pathlib import Path
import peft
from peft.utils import constants
def default(f):
    if f.default_factory is not MISSING:
        return f"{f.default_factory.__name__}()"
    return "required" if f.default is MISSING else repr(f.default)
found = {"fields": {f.name: default(f) for f in fields(peft.LoraConfig)}, "functions": {}}
table = constants.TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING
found["targets"] = {name: v if isinstance(v, str) else list(v) for name, v in table.items()}
def look(body, prefix, lines):
    for node in body:
        if isinstance(node, ast.ClassDef):
            look(node.body, f"{prefix}{node.name}.", lines)
        elif isinstance(node, ast.FunctionDef):
            source = "\\n".join(lines[node.lineno - 1 : node.end_lineno]).encode()
            found["functions"][f"{prefix}{node.name}"] = hashlib.sha256(source).hexdigest()
for name in FILES:
    text = (Path(peft.__file__).parent / name).read_text("utf-8")
    look(ast.parse(text).body, f"{name} ", text.split("\\n"))
print(json.dumps(found))
"""
"""Run by an interpreter that has PEFT."""


def look(python: str) -> dict[str, Any]:
    """LoraConfig's fields with their defaults, the default targets, and a digest of the source of
    every function that the plan follows. Raises CalledProcessError.
    """
    done = subprocess.run(
        [python, "-c", f"FILES = {FILES!r}\n{_LOOK}"], capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def write_page(python: Path, release: str, before: str, python_before: Path) -> str:
    """The page of a release, held against the one before it, each in its own interpreter."""
    new, old = look(str(python)), look(str(python_before))
    lines = [
        f"# PEFT {release}",
        "",
        f"Against {before}. Made by `make release-peft VERSION={release}`.",
    ]
    for title, key in (
        ("Fields of LoraConfig", "fields"),
        ("Default targets", "targets"),
        ("Functions whose source changed, to be read again", "functions"),
    ):
        lines += ["", f"## {title}", *_rows(old[key], new[key], values=key != "functions")]
    return "\n".join([*lines, ""])


def _rows(old: dict[str, Any], new: dict[str, Any], *, values: bool) -> list[str]:
    """One line for each name that came, went or changed."""
    rows = [
        f"- new: `{name}`" + (f" = {new[name]}" if values else "")
        for name in new
        if name not in old
    ]
    rows += [f"- gone: `{name}`" for name in old if name not in new]
    rows += [
        f"- `{name}`" + (f": {old[name]} to {new[name]}" if values else "")
        for name in new
        if name in old and old[name] != new[name]
    ]
    return sorted(rows) or ["None."]
