"""The ways in for what strangers write: each takes bytes and raises nothing.

A door calls what a run calls, and lets pass the errors that its function documents. An exception
that comes out is a fault of loracheck's.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.documents.source import decode as decode_text
from loracheck.fixes.apply import apply_fixes
from loracheck.options.baseline import load_baseline
from loracheck.options.errors import SettingsError
from loracheck.options.load_settings_file import load_settings_file
from loracheck.pipeline import check_file
from loracheck.reporters import FORMATS, render
from loracheck.reporters.report import Report
from loracheck.trees.bounds import check_bounds
from loracheck.trees.build_error import BuildError
from loracheck.trees.fold import TreeFormatError, decode
from loracheck.trees.safetensors import HeaderError, read_header
from loracheck.trees.sources.lock import LockError, read_lock
from loracheck.trees.tensors import nest_names, read_index

from .answer_doors import edit, explain, gitignore, lora_file, policy, request
from .inputs import build_settings, write_file

Door = Callable[[bytes], None]


def check(name: str, data: bytes) -> None:
    """A file of the name: its report in every format."""
    result = check_file(name, name, build_settings(), data, on_disk=False)
    for style in FORMATS:
        render(Report((result,), 1), style).encode()


def fix(name: str, data: bytes) -> None:
    """`--fix --unsafe-fixes` of a text, which stays a text of its format."""
    if check_file(name, name, build_settings(), data, on_disk=False).unreadable:
        return

    def find(text: str) -> tuple[object, ...]:
        return check_file(name, name, build_settings(), text.encode(), on_disk=False).findings

    with suppress(DocumentError):
        fixed = apply_fixes(decode_text(data), find, partial(read, name), unsafe=True)  # type: ignore[arg-type]
        read(name, fixed.text)


def settings(data: bytes) -> None:
    """A loracheck.toml."""
    with suppress(SettingsError):
        load_settings_file(write_file("loracheck.toml", data))


def baseline(data: bytes) -> None:
    """A baseline."""
    with suppress(SettingsError):
        load_baseline(write_file("baseline.json", data))


def lock(data: bytes) -> None:
    """A loracheck.lock and all trees in it."""
    read_lock.cache_clear()
    with suppress(LockError, TreeFormatError):
        for entry in read_lock(write_file("loracheck.lock", data)).values():
            decode(entry)


def safetensors(data: bytes) -> None:
    """The header of a safetensors file, and the names in it."""
    with suppress(HeaderError):
        header = read_header(write_file("a.safetensors", data), whole=False, anywhere=True)
        nest_names({name: list(tensor.shape) for name, tensor in header.items()}, None, None)


def index(data: bytes) -> None:
    """The index of a checkpoint in several files."""
    path = Path(write_file("model.safetensors.index.json", data))
    if shapes := read_index(path):
        nest_names(shapes, None, None)


def config(data: bytes) -> None:
    """A model's config.json up to the checks before a build."""
    with suppress(BuildError, ValueError, RecursionError):
        value = json.loads(data)
        if isinstance(value, dict):
            check_bounds(value)


SUFFIXES = ("json", "yaml", "toml", "py", "ipynb", "sh")
DOORS: dict[str, Door] = {
    **{suffix: partial(check, f"a.{suffix}") for suffix in SUFFIXES},
    **{f"fix-{suffix}": partial(fix, f"a.{suffix}") for suffix in ("json", "yaml", "py")},
    **{f"explain-{suffix}": partial(explain, f"a.{suffix}") for suffix in ("json", "yaml", "py")},
    **{f"lsp-{suffix}": partial(edit, f"a.{suffix}") for suffix in ("json", "yaml", "py")},
    **{f"policy-{suffix}": partial(policy, f"policy.{suffix}") for suffix in ("json", "yaml")},
    "mcp": request,
    "lora-file": lora_file,
    "gitignore": gitignore,
    "settings": settings,
    "baseline": baseline,
    "lock": lock,
    "safetensors": safetensors,
    "index": index,
    "config": config,
}
"""Name -> door."""
