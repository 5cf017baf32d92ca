"""The chat template that lies beside a saved adapter, held against the base model's.

transformers 5.24.0 `tokenization_utils_base.py` (`save_pretrained`) writes chat_template.jinja,
older releases `chat_template` in tokenizer_config.json. The base model's is read where its files
are: in a folder, or in the local Hugging Face cache.
"""

from __future__ import annotations

import json
import os

from loracheck.documents.dependencies import is_file
from loracheck.documents.model import DocumentError
from loracheck.documents.source import load
from loracheck.trees.sources.hub_files import find_cached_file
from loracheck.type_checking import TYPE_CHECKING

from .tokenizer_files import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from loracheck.rules.context import RuleContext

    FindFile = Callable[[str], str | None]

TEMPLATE, TOKENIZER = "chat_template.jinja", "tokenizer_config.json"


def describe_other_template(context: RuleContext) -> str | None:
    """How the base model's chat template differs from that beside the adapter, in words; None where
    it does not, or where one of them is not known.
    """
    folder, name = os.path.split(context.document.path)
    model = context.setting.model
    if not context.on_disk or name != "adapter_config.json" or not isinstance(model, str):
        return None
    template = _read_template(lambda name: _find_in(folder, name))
    if not template:
        return None
    revision = context.value("revision")
    cached_revision = revision if isinstance(revision, str) else None
    base = _read_template(
        lambda name: _find_in(model, name) or find_cached_file(model, cached_revision, name)
    )
    if base is None or base == template:
        return None
    return "which is another" if base else "which has none"


def _find_in(folder: str, name: str) -> str | None:
    path = os.path.join(folder, name)
    return path if is_file(path) else None


def _read_template(find: FindFile) -> str | None:
    """The template, "" for a tokenizer without one; None where that cannot be known."""
    path = find(TEMPLATE)
    if path is not None:
        text = _read(path)
        return text.strip() if text is not None else None
    path = find(TOKENIZER)
    text = _read(path) if path is not None else None
    try:
        data: Any = json.loads(text) if text is not None else None
    except (ValueError, RecursionError):
        return None
    template = data.get("chat_template", "") if isinstance(data, dict) else None
    return template.strip() if isinstance(template, str) else None


def _read(path: str) -> str | None:
    try:
        return load(path, MAX_BYTES, anywhere=True).decode("utf-8")
    except (OSError, DocumentError, UnicodeDecodeError):
        return None
