"""The page about a topic of `loracheck explain`, as text or JSON."""

from __future__ import annotations

import os
import sys

from loracheck.options.run_options import RunOptions
from loracheck.pipeline.relevance import WEIGHTS
from loracheck.type_checking import TYPE_CHECKING

from .check_options import STDIN, UNNAMED_HELP, run_settings
from .stderr import describe_read_error, fail

if TYPE_CHECKING:
    from typing import NoReturn

    from loracheck.explain.file.impact import Impact
    from loracheck.explain.lora_file.assess import LoraFileReport
    from loracheck.explain.text import TextStyle
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Rule
    from loracheck.trees.sources.request import ResolvedTree


def render_topic(topic: str, options: RunOptions, style: str) -> str:
    """The page of a file, rule, field or model; ends the run with status 2 where it is none."""
    if style == "setting":
        return _render_normal_form(topic, options)
    if os.path.isfile(topic):
        return (_render_lora_file if is_lora_file(topic) else _render_file)(topic, options, style)
    from loracheck.explain import rule

    matching_rule = rule.find_rule(topic)
    if matching_rule is not None:
        return (
            _format_rule_json(matching_rule) if style == "json" else rule.render_rule(matching_rule)
        )
    page = None if "/" in topic or os.path.exists(topic) else _render_field_or_key(topic, style)
    if page is not None:
        return page
    adapters = _render_adapters(topic, options, style) if os.path.isdir(topic) else None
    return adapters or _render_model(topic, options, style, sure=os.path.exists(topic))


def render_standard_input(name: str, options: RunOptions, style: str) -> str:
    """The page of the file that standard input is, under a name that says its format."""
    text = sys.stdin.buffer.read()
    return (
        _render_normal_form(name, options, text)
        if style == "setting"
        else _render_file(name, options, style, text)
    )


def _format_rule_json(rule: Rule) -> str:
    from loracheck.explain.file.json_report import format_page_json

    names = ("code", "name", "severity", "since", "summary", "fixable", "page")
    return format_page_json("rule", {name: getattr(rule, name) for name in names})


def _render_field_or_key(topic: str, style: str) -> str | None:
    """The page of a field or of a tool's key; None where it is neither. (A topic with a slash is a
    model's id.)
    """
    from loracheck.explain.field import page as field_page
    from loracheck.explain.field import tool_key_page
    from loracheck.explain.file.json_report import format_page_json

    if topic == "LoraConfig" and style == "text":
        return field_page.render_all_fields(choose_text_style())
    field = field_page.find_field(topic)
    if field is not None:
        if style == "json":
            return format_page_json("field", field_page.build_field_dict(field))
        hint = tool_key_page.describe_other_spelling(topic, field_page.format_dotted_path(field))
        head = "\n".join([*choose_text_style().wrap(hint), "", ""]) if hint else ""
        return head + field_page.render_field(field, choose_text_style())
    keys = tool_key_page.find_tool_keys(topic)
    if not keys:
        return None
    if style == "json":
        return format_page_json("key", tool_key_page.build_tool_keys_dict(topic, keys))
    return tool_key_page.render_tool_keys(topic, keys, choose_text_style())


def render_comparison(first: str, second: str, options: RunOptions, style: str) -> str:
    """How two files differ in effect; the first setting of each is compared."""
    from loracheck.explain.compare.difference import compare

    sides = []
    for path in (first, second):
        if not os.path.isfile(path):
            fail(f"{path!r} is no file", "two topics are two config files to compare")
        impacts = assess_or_fail(path, options)
        if not impacts:
            fail(f"{path} sets no LoRA up")
        sides.append(impacts[0])
    difference = compare(sides[0], sides[1])
    if style == "json":
        from loracheck.explain.file.json_report import format_comparison_json

        return format_comparison_json(difference)
    from loracheck.explain.text.comparison import render

    return render(difference, choose_text_style())


def _render_file(path: str, options: RunOptions, style: str, text: bytes | None = None) -> str:
    impacts = assess_or_fail(path, options, text)
    if not impacts and text is None and _is_model(path):
        return _render_model(path, options, style, sure=True)
    if style == "json":
        from loracheck.explain.file.json_report import format_settings_json

        return format_settings_json(impacts)
    if not impacts:
        return f"{path} sets no LoRA up"
    from loracheck.explain.text import render

    look = choose_text_style()
    return "\n\n\n".join(render(impact, look) for impact in impacts)


def is_lora_file(path: str) -> bool:
    """Whether a path names a file of weights."""
    return path.lower().endswith(WEIGHTS)


def assess_lora_file_or_fail(path: str, options: RunOptions) -> LoraFileReport:
    """The report of a LoRA file; ends the run with status 2 where it cannot be read."""
    from loracheck.explain.lora_file.assess import assess_lora_file
    from loracheck.pipeline.lora_file import LoraFileError

    try:
        return assess_lora_file(path, _get_lint_settings(path, options))
    except LoraFileError as error:
        fail(f"{path}: {error}")


def _render_lora_file(path: str, options: RunOptions, style: str) -> str:
    report = assess_lora_file_or_fail(path, options)
    if style == "json":
        from loracheck.explain.file.json_report import format_lora_file_json

        return format_lora_file_json(report)
    from loracheck.explain.lora_file.text import render

    return render(report, choose_text_style())


def _render_adapters(folder: str, options: RunOptions, style: str) -> str | None:
    """The page of a folder that holds adapters in folders of their own; None where it holds fewer
    than two, or is a model's.
    """
    from loracheck.pipeline.adapter_sets import list_adapter_files

    if os.path.isfile(os.path.join(folder, "config.json")):
        return None
    try:
        files = list_adapter_files(folder)
    except OSError:
        return None
    if len(files) < 2:
        return None
    from loracheck.explain.adapters.assess import assess_adapter_files

    report = assess_adapter_files(folder, files, _get_lint_settings(folder, options))
    if style == "json":
        from loracheck.explain.file.json_report import format_adapter_set_json

        return format_adapter_set_json(report)
    from loracheck.explain.adapters.text import render

    return render(report, choose_text_style())


def _render_normal_form(path: str, options: RunOptions, text: bytes | None = None) -> str:
    """The settings of a file as policies see them; ends the run with status 2 where it is none."""
    from loracheck.documents.model import DocumentError
    from loracheck.explain.file.normal_form import print_normal_form

    try:
        return print_normal_form(path, _get_lint_settings(path, options), text)
    except (DocumentError, OSError) as error:
        fail(describe_read_error(path, error))


def assess_or_fail(path: str, options: RunOptions, text: bytes | None = None) -> list[Impact]:
    """The effect of every setting of a file, or of a text under its name; ends the run with status
    2 where it cannot be read.
    """
    from loracheck.documents import read
    from loracheck.documents.model import DocumentError
    from loracheck.explain.file.assess_file import assess_document

    try:
        settings = _get_lint_settings(path, options)
        return assess_document(read(path, text), settings, on_disk=text is None)
    except (DocumentError, OSError) as error:
        unnamed = text is not None and path == STDIN
        fail(describe_read_error(path, error), UNNAMED_HELP if unnamed else None)


def _get_lint_settings(path: str, options: RunOptions) -> LintSettings:
    return run_settings(options, (path,)).for_path(path)


def _is_model(path: str) -> bool:
    """Whether a JSON file is a model's config.json."""
    if not path.endswith(".json"):
        return False
    from loracheck.documents import read

    root = read(path).roots[0]
    return isinstance(root, dict) and bool(
        {"model_type", "architectures", "_class_name"} & root.keys()
    )


def _render_model(topic: str, options: RunOptions, style: str, *, sure: bool) -> str:
    from loracheck.explain.model.overview import describe_model
    from loracheck.trees.resolve import resolve
    from loracheck.trees.sources.request import Request

    trees = _get_lint_settings(os.curdir, options).trees
    resolved = resolve(Request(topic), trees)
    if resolved.tree is None:
        if sure and os.path.isdir(topic):
            fail(f"{topic} has no config.json", "name one config file in it, or a model's folder")
        if sure:
            fail(resolved.reason or "no such model", resolved.help)
        _reject_unknown_topic(topic, resolved)
    overview = describe_model(topic, resolved)
    if style == "json":
        from loracheck.explain.file.json_report import format_model_json

        return format_model_json(overview)
    from loracheck.explain.text.model_overview import render

    return render(overview, choose_text_style())


def _reject_unknown_topic(topic: str, resolved: ResolvedTree) -> NoReturn:
    """Say that the topic is nothing known, and what may have been meant; never take that instead:
    models of near names are not alike.
    """
    from loracheck.config.field_table import get_removed_fields

    from .did_you_mean import find_similar_topics

    removed_field = get_removed_fields().get(topic)
    if removed_field is not None:
        since = (
            f"from PEFT {removed_field['since']} on, and is none since {removed_field['removed']}"
        )
        fail(f"{topic} was a field of LoraConfig {since}")
    similar = find_similar_topics(topic)
    suggestion = f"did you mean {' or '.join(similar)}?" if similar else None
    if "/" in topic:
        fail(resolved.reason or "no such model", suggestion or resolved.help)
    hint = "`loracheck rules` lists the rules; a model is a hub id, a directory or a config.json"
    fail(
        f"{topic!r} is no file, no rule, no field and no model that is known here",
        suggestion or hint,
    )


def choose_text_style() -> TextStyle:
    """How the terminal at hand shows text: colour there alone, and not with NO_COLOR."""
    from loracheck.explain.text import choose_style

    terminal = sys.stdout.isatty()
    width = _read_columns() or (
        os.get_terminal_size(sys.stdout.fileno()).columns if terminal else 80
    )
    colour = terminal or bool(os.environ.get("FORCE_COLOR"))
    return choose_style(
        width, colour=colour and not os.environ.get("NO_COLOR"), encoding=sys.stdout.encoding
    )


def _read_columns() -> int:
    """What COLUMNS says, 0 where it is not set."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() else 0
