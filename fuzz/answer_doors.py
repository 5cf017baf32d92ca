"""Doors for what is asked about a text or a file, not only whether it is right: `explain`, the
answers to an editor and to an agent, a policy, a LoRA file, a .gitignore.
"""

from __future__ import annotations

import io
import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from loracheck.api.explanation import Explanation
from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.documents.source import decode as decode_text
from loracheck.explain.file.assess_file import assess_document
from loracheck.lsp.actions import fix_all, list_actions
from loracheck.lsp.analysis import analyse
from loracheck.lsp.completion import complete
from loracheck.lsp.effects import list_effects
from loracheck.lsp.hints import list_hints
from loracheck.lsp.hover import describe_place
from loracheck.lsp.outline import list_symbols
from loracheck.mcp.messages import FAULT, read_messages
from loracheck.mcp.server import respond
from loracheck.options.gitignore import find_gitignore
from loracheck.pipeline.lora_file import check_lora_file
from loracheck.policies.load import load_policy
from loracheck.policies.model import PolicyError, UndecidedError
from loracheck.policies.violations import find_violations
from loracheck.reporters import FORMATS, render
from loracheck.reporters.report import Report

from .inputs import build_settings, make_folder, write_file

SETTING = {
    "fields": {"r": 8, "lora_alpha": 1e308, "target_modules": ["q_proj"], "rank_pattern": {"a": 1}},
    "base_model": "a/b", "tool": None,
}  # fmt: skip
"""A setting in the normal form, in parts."""


def explain(name: str, data: bytes) -> None:
    """A file of the name as every page of `explain`."""
    with suppress(DocumentError):
        document = read(name, decode_text(data))
        impacts = assess_document(document, build_settings(), on_disk=False)
        pages = Explanation(impacts, name)
        texts = [str(pages), pages.to_json(), pages.to_html()]
        texts += [pages.to_svg()] if impacts else []
        for text in texts:
            text.encode()


def edit(name: str, data: bytes) -> None:
    """A text of an editor: all answers at the offset that the first two bytes give."""
    text, settings = data[2:].decode("utf-8", "replace"), build_settings()
    at = int.from_bytes(data[:2], "big") % (len(text) + 1)
    path = os.path.join(make_folder(), "unsaved", name)
    found = analyse(path, text, settings, at)
    complete(path, text, at, settings)
    describe_place(found, at)
    list_hints(found)
    list_symbols(found)
    list_effects(found)
    for _ in list_actions(found, 1, text.count("\n") + 1):
        pass
    fix_all(path, text, settings)


def request(data: bytes) -> None:
    """Lines to an agent's server. A path stays in the door's own folder."""
    before = os.getcwd()
    os.chdir(make_folder())
    try:
        for message in read_messages(io.BytesIO(data)):
            if not _leaves_folder(message):
                answer = respond(message)
                json.dumps(answer).encode()
                fault = (answer or {}).get("error") or {}
                assert fault.get("code") != FAULT, fault
    finally:
        os.chdir(before)


def _leaves_folder(value: Any) -> bool:
    """Whether a text in a message may lead elsewhere, where what happens depends on the machine."""
    if isinstance(value, dict):
        return any(map(_leaves_folder, value.values()))
    if isinstance(value, list):
        return any(map(_leaves_folder, value))
    return isinstance(value, str) and (value.startswith(("/", "~")) or ".." in value)


def policy(name: str, data: bytes) -> None:
    """A policy, and a setting held against it."""
    with suppress(PolicyError, UndecidedError):
        find_violations(load_policy(write_file(name, data)), SETTING)


def lora_file(data: bytes) -> None:
    """A LoRA file: what its header says, in every format."""
    path = write_file("lora.safetensors", data)
    result = check_lora_file(path, "lora.safetensors", build_settings())
    for style in FORMATS:
        render(Report((result,), 1), style).encode()


def gitignore(data: bytes) -> None:
    """A .gitignore, asked about a few paths."""
    folder = make_folder()
    Path(folder, ".git").mkdir(exist_ok=True)
    write_file(".gitignore", data)
    if (ignores := find_gitignore(folder)) is not None:
        for path in ("a.json", "a/b/c.yaml", "aaaaaaaaaaaaaaaaaaaaaaaa", "[a]/!b\\#"):
            ignores(os.path.join(folder, path), False)
