"""From a first config of a diffusion model to the text of a trainer's file."""

from __future__ import annotations

import json
import shlex

from loracheck.tools.core.index import load_index
from loracheck.tools.core.registry import import_tool
from loracheck.type_checking import TYPE_CHECKING

from .toml_text import format_toml
from .tool_writers import FileFormat
from .yaml_text import format_comment, format_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from loracheck.documents.values import Value
    from loracheck.tools.core.diffusion_draft import DiffusionDraft, DiffusionRequest

DIFFUSION_TOOLS: dict[str, FileFormat] = {
    name: FileFormat(title, file, comments=not file.endswith(".json"))
    for name, (title, file, _) in load_index().diffusion_writers.items()
}
"""What can be written for diffusion models alone, by the name that `loracheck init` takes."""


def write_for_diffusion(
    request: DiffusionRequest, tool: str, reasons: Mapping[str, str], head: str
) -> str | None:
    """The text of a file for a tool of DIFFUSION_TOOLS, None where it has no words for the model.
    `reasons` are comments by LoraConfig's fields.
    """
    draft: DiffusionDraft | None = import_tool(tool).write(request)
    if draft is None:
        return None
    comments = {draft.names[field]: why for field, why in reasons.items() if field in draft.names}
    top = f"{head} {draft.about}".strip()
    form = DIFFUSION_TOOLS[tool].file.rpartition(".")[2]
    if form == "json":
        return json.dumps(draft.values, indent=2, ensure_ascii=False) + "\n"
    if form == "toml":
        return format_toml(draft.values, comments, top)
    if form == "sh":
        return _format_command(draft, comments, top)
    return format_document(draft.values, comments, top)


def _format_command(draft: DiffusionDraft, comments: Mapping[str, str], head: str) -> str:
    """One command, an option a line; its comments stand above it."""
    lines = [*format_comment(head, "")]
    for key, why in comments.items():
        lines += format_comment(f"--{key}: {why}", "")
    command = [draft.program, *_format_options(draft.values)]
    return "\n".join([*lines, " \\\n  ".join(command)]) + "\n"


def _format_options(options: Mapping[str, Value]) -> Iterator[str]:
    for key, value in options.items():
        if value is True:
            yield f"--{key}"
            continue
        words = value if isinstance(value, list) else [value]
        yield f"--{key} {' '.join(map(_quote, words))}"


def _quote(value: Value) -> str:
    return shlex.quote(str(value))
