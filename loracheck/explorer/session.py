"""How a session begins: with a file, or with a new config for a model."""

from __future__ import annotations

import json

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.documents.source import decode, load
from loracheck.explain.model.first_config import write_first_config
from loracheck.explain.write import WRITABLE_TOOLS
from loracheck.tools import find_settings
from loracheck.trees.sources.request import Request
from loracheck.trees.sources.resolve import resolve

from .field_edit import Refused
from .state import State, limit
from .view_options import Look, job

PLAIN = "peft-json"
"""The form of a new config where no tool is named."""


def opened(path: str, look: Look | None = None) -> State | Refused:
    """The state after opening a file, or why it cannot be opened."""
    try:
        data = load(path, limit(path))
        text = decode(data, limit(path))
        if not find_settings(read(path, text)):
            return Refused(f"{path} sets no LoRA up")
    except DocumentError as error:
        return Refused(f"{path}:{error.span.line}:{error.span.column}: {error.reason}")
    except OSError as error:
        return Refused(f"{path} cannot be read: {error.strerror or error}")
    return State(path, data, text, text, look=look or Look())


def fresh(model: str, look: Look | None = None, tool: str = PLAIN) -> State | Refused:
    """A new config for a model in the words of a tool, or why the model is not known.

    The values are those of `loracheck init`; where none pass the checks, a plain start to mend.
    """
    look = look or Look()
    name = WRITABLE_TOOLS[tool].file
    asked = job(look._replace(model=None), name)
    resolved = resolve(Request(model), asked.trees)
    if resolved.tree is None:
        return Refused(resolved.reason or f"the model {model!r} is not known")
    text = write_first_config(model, resolved.tree, tool, asked).text or _plain(model)
    if not find_settings(read(name, text)):
        return Refused(
            f"there is no start for {model} in the words of {WRITABLE_TOOLS[tool].title}"
        )
    return State("", None, text, text, look=look._replace(model=None), new=name)


def _plain(model: str) -> str:
    config = {"peft_type": "LORA", "base_model_name_or_path": model, "r": 16, "lora_alpha": 32}
    return json.dumps(config, indent=2) + "\n"
