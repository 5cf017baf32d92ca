"""How a session begins: with a file, or with a new config for a model."""

from __future__ import annotations

import json

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.documents.source import decode, load
from loracheck.explain.model.first_config import write_first_config
from loracheck.explain.write import WRITABLE_TOOLS
from loracheck.tools import find_settings
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.request import Request

from .field_edit import EditRefusal
from .state import State, get_size_limit
from .view_options import ViewOptions, make_lint_settings

DEFAULT_TOOL = "peft-json"
"""The form of a new config where no tool is named."""


def open_config(path: str, options: ViewOptions | None = None) -> State | EditRefusal:
    """The state after opening a file, or why it cannot be opened."""
    try:
        data = load(path, get_size_limit(path))
        text = decode(data, get_size_limit(path))
        if not find_settings(read(path, text)):
            return EditRefusal(f"{path} sets no LoRA up")
    except DocumentError as error:
        return EditRefusal(f"{path}:{error.span.line}:{error.span.column}: {error.reason}")
    except OSError as error:
        return EditRefusal(f"{path} cannot be read: {error.strerror or error}")
    return State(path, data, text, text, options=options or ViewOptions())


def create_config(
    model: str, options: ViewOptions | None = None, tool: str = DEFAULT_TOOL
) -> State | EditRefusal:
    """A new config for a model in the words of a tool, or why the model is not known.

    The values are those of `loracheck init`; where none pass the checks, a plain start to mend.
    """
    options = options or ViewOptions()
    name = WRITABLE_TOOLS[tool].file
    lint_settings = make_lint_settings(options._replace(model=None), name)
    resolved = resolve(Request(model), lint_settings.trees)
    if resolved.tree is None:
        return EditRefusal(resolved.reason or f"the model {model!r} is not known")
    text = write_first_config(
        model, resolved.tree, tool, lint_settings
    ).text or _build_minimal_config(model)
    if not find_settings(read(name, text)):
        return EditRefusal(
            f"there is no start for {model} in the words of {WRITABLE_TOOLS[tool].title}"
        )
    return State("", None, text, text, options=options._replace(model=None), new_name=name)


def _build_minimal_config(model: str) -> str:
    config = {"peft_type": "LORA", "base_model_name_or_path": model, "r": 16, "lora_alpha": 32}
    return json.dumps(config, indent=2) + "\n"
