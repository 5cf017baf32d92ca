"""How a file writes a key with its value: `bias: none` in YAML, `bias="none"` in Python."""

from __future__ import annotations

import loracheck.quick_json as json
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.documents.values import Value
    from loracheck.tools.core.setting import Setting


def format_assignment(setting: Setting, key: str, value: Value | Sequence[str]) -> str:
    """The key with a value (text, number, truth value or list of them) as the file of the setting
    writes it; on a command line an option with its words.
    """
    tool = setting.tool
    form = setting.document.format
    if form in ("python", "notebook"):
        return f"{key}={_format_python(value)}"
    if form == "json":
        return f"{json.dumps(key)}: {json.dumps(value)}"
    if form == "toml":
        return f"{key} = {json.dumps(value)}"
    if form == "shell":
        if tool is not None and tool.parser == "omegaconf":
            return f"{key}={_format_words(value, ',')}"
        return f"--{key} {_format_words(value, ' ')}"
    return f"{key}: {value if isinstance(value, str) else json.dumps(value)}"


def _format_python(value: Value | Sequence[str]) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_format_python, value))}]"
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _format_words(value: Value | Sequence[str], joint: str) -> str:
    if isinstance(value, (list, tuple)):
        text = joint.join(map(str, value))
        return f"[{text}]" if joint == "," else text
    return value if isinstance(value, str) else json.dumps(value)
