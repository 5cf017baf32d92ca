"""The tools: each with its description, its arguments as JSON Schema, and the function."""

from __future__ import annotations

from loracheck.documents.model import DocumentError
from loracheck.named_tuple import NamedTuple
from loracheck.options.errors import SettingsError
from loracheck.reporters.sinks import log_lines
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from loracheck.results import FileResult

MAX_ANSWER = 60_000
"""Characters of an answer; an agent pays for each of them."""

MAX_MODELS = 40
"""Ids that one answer lists."""


class ToolError(Exception):
    """What keeps a tool from its work, in words for the agent."""


class Tool(NamedTuple):
    """One tool."""

    description: str
    """What it does and when to call it."""

    arguments: dict[str, dict[str, Any]]
    """Its arguments, each as a JSON Schema."""

    required: tuple[str, ...]
    """The arguments that must be given."""

    run: Callable[..., str]
    """Gives the answer from the arguments, as keywords."""


def list_tools() -> list[dict[str, Any]]:
    """The tools as MCP lists them."""
    return [
        {
            "name": name,
            "description": tool.description,
            "inputSchema": {
                "type": "object",
                "properties": tool.arguments,
                "required": [*tool.required],
                "additionalProperties": False,
            },
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }
        for name, tool in TOOLS.items()
    ]


def call_tool(name: str, arguments: dict[str, Any]) -> str:
    """The answer of a tool. Raises ToolError for arguments that make no sense, and for files and
    models that cannot be had.
    """
    tool = TOOLS[name]
    _require_arguments(tool, arguments)
    try:
        text = tool.run(**arguments)
    except (DocumentError, SettingsError, ValueError) as error:
        raise ToolError(log_lines(str(error))) from error
    except OSError as error:
        raise ToolError(log_lines(f"{error.filename}: {error.strerror or error}")) from error
    if len(text) <= MAX_ANSWER:
        return text
    beginning = text[:MAX_ANSWER].rpartition("\n")[0]
    return f"{beginning}\n... cut: {len(text) - len(beginning):,} more characters"


def _require_arguments(tool: Tool, arguments: dict[str, Any]) -> None:
    for name in tool.required:
        if name not in arguments:
            raise ToolError(f"the argument {name!r} is missing")
    for name, value in arguments.items():
        if name not in tool.arguments:
            raise ToolError(f"no argument {name!r:.80}; there are {', '.join(tool.arguments)}")
        if not _fits(value, tool.arguments[name]["type"]):
            kind = tool.arguments[name]["type"]
            raise ToolError(f"the argument {name!r} is no {kind}")


def _fits(value: Any, kind: str) -> bool:
    if kind == "array":
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str) and "\0" not in value


def _check(
    path: str | None = None,
    text: str | None = None,
    name: str | None = None,
    model: str | None = None,
    peft: str | None = None,
    transformers: str | None = None,
    serve: list[str] | None = None,
) -> str:
    from loracheck.options.run_options import RunOptions
    from loracheck.reporters import render
    from loracheck.reporters.report import Report

    if (path is None) == (text is None):
        raise ToolError("give either path or text")
    if text is not None:
        from loracheck.api.check import check

        report = check(
            f"{text}\n", model, name=name, peft=peft, transformers=transformers, serve=serve or ()
        )
        return report.render("agent")
    options = RunOptions(model, peft, transformers, online=False, serve=tuple(serve or ()))
    results = tuple(_check_path(path or "", options))
    failures = dict.fromkeys(line for result in results for line in result.failures)
    if failures:
        raise ToolError("\n".join(map(log_lines, failures)))
    return render(Report(results, len(results)), "agent")


def _check_path(path: str, options: Any) -> Iterator[FileResult]:
    """The results of a file, or of all files of a folder."""
    from loracheck.documents.model import Span
    from loracheck.options.find_files import find_files
    from loracheck.options.run_settings import resolve_settings
    from loracheck.pipeline import as_note, build_unreadable_result, check_file

    settings = resolve_settings(options, (path,))
    for file in find_files((path,), settings.excludes, gitignore=settings.respect_gitignore):
        if file.reason is not None:
            result = build_unreadable_result(
                file.display_path, file.reason, Span(1, 1, 1, 1), file.path
            )
            yield as_note(result) if file.is_skipped else result
        else:
            yield check_file(
                file.path,
                file.display_path,
                settings.for_path(file.path),
                skip_unrelated=file.from_search,
            )


def _render_tree(model: str, head: str | None = None) -> str:
    from loracheck.reporters.tree import render_folded
    from loracheck.trees.resolve import resolve
    from loracheck.trees.sources.request import Request

    resolved = resolve(Request(model, heads=(head,) if head else ()))
    if resolved.tree is None:
        reasons = (resolved.reason or "no such model", resolved.help)
        raise ToolError(log_lines("; ".join(part for part in reasons if part)))
    return render_folded(resolved)


def _find_models(query: str) -> str:
    from loracheck.trees.id_hints import find_similar_models
    from loracheck.trees.model_search import describe_id, find_standing, search_models

    rows = sorted(search_models(query), key=lambda row: find_standing(row) != "exact")
    if not rows:
        near = find_similar_models(query)
        raise ToolError(f"no known id holds these words{f'; near: {near[0]}' if near else ''}")
    lines = [" | ".join((row.id, *describe_id(row))) for row in rows[:MAX_MODELS]]
    more = len(rows) - len(lines)
    return "\n".join([*lines, *([f"... {more} more; use more words"] if more else [])])


def _explain(topic: str, model: str | None = None) -> str:
    from .topics import explain_topic

    return explain_topic(topic, model)


def _build_text_schema(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description}


_MODEL = _build_text_schema(
    "Base model to judge by instead of the config's own: Hub id, folder, config.json."
)

TOOLS: dict[str, Tool] = {
    "check": Tool(
        "Lint LoRA configs against PEFT's fields and the base model's real modules. One line a "
        "finding: path:line:column severity CODE message; help; fix line:column-line:column "
        '"old" -> "new" (`fix?` where it is only likely right). No finding of severity error or '
        "warning means that the config does what it says.",
        {
            "path": _build_text_schema(
                "File or folder: JSON, YAML, TOML, Python, notebooks, shell scripts of any LoRA "
                "fine-tuning tool."
            ),
            "text": _build_text_schema("A config that is not saved, instead of path."),
            "name": _build_text_schema("Name of the text, whose suffix is its format: train.yaml."),
            "model": _MODEL,
            "peft": _build_text_schema("PEFT release to judge by, as 0.17."),
            "transformers": _build_text_schema("transformers release to judge by, as 4.57."),
            "serve": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Engines that must take the adapter: vllm, vllm==0.11, llama.cpp.",
            },
        },
        (),
        _check,
    ),
    "explain": Tool(
        "What a config file does to its model (modules, ranks, trainable parameters, memory, "
        "engines), or the page of a field (lora_alpha), a rule (LC202) or a model's id.",
        {"topic": _build_text_schema("Path, field, rule or model id."), "model": _MODEL},
        ("topic",),
        _explain,
    ),
    "tree": Tool(
        "The module names of a base model with classes and shapes, equal layers folded; * marks "
        "what LoRA can wrap. For writing target_modules.",
        {
            "model": _build_text_schema("Hub id, folder or config.json."),
            "head": _build_text_schema("Model class, as CausalLM or SequenceClassification."),
        },
        ("model",),
        _render_tree,
    ),
    "models": Tool(
        "Find known model ids by words in them, and whether their tree is at hand.",
        {"query": _build_text_schema("Words, as qwen3 8b.")},
        ("query",),
        _find_models,
    ),
}
"""Name -> tool."""
