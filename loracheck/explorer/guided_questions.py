"""The plain guided dialogue: the explorer's work in questions and answers, a line at a time."""

from __future__ import annotations

import os
import shutil
import sys

import click

from loracheck.config.field_table import get_lora_fields
from loracheck.explain.text import choose_style as text_look
from loracheck.explain.text import render
from loracheck.explorer import state as transitions
from loracheck.explorer.export import WRITABLE_TOOLS, describe_left_out, export_config
from loracheck.explorer.field_edit import EditRefusal
from loracheck.explorer.file_suggestions import find_configs
from loracheck.explorer.number_lines import KeyNumbers, format_numbers, read_numbers
from loracheck.explorer.pane_text import describe_entries, format_advice, format_headline
from loracheck.explorer.save_file import SaveError, diff_lines, save, write_new_file
from loracheck.explorer.session import create_config, open_config
from loracheck.explorer.value_text import IncompleteValue, format_value, parse_value
from loracheck.explorer.view import View, build_view
from loracheck.reporters.sinks import log_line, log_lines
from loracheck.rules.support.linear_layers import describe_linear_layers
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.explorer.state import State
    from loracheck.explorer.view_options import ViewOptions

MAX_FILES = 20
"""Files that are offered by number."""

FIELDS = ("r", "lora_alpha", "target_modules")


def run_questions(state: State | None, options: ViewOptions) -> None:
    """The whole dialogue; every question has an answer that leaves things as they are."""
    if state is None:
        state = _ask_what_to_open(options)
    view = build_view(state)
    click.echo(render(view.impact, _choose_style()))
    before = read_numbers(view.impact)
    state = _offer_fixes(state)
    state = _ask_fields(state, before)
    _offer_to_save(state)
    _offer_to_export(build_view(state))


def _show(text: str) -> None:
    """Print lines that may hold words of a file."""
    click.echo(log_lines(text))


def _choose_style() -> Any:
    width = shutil.get_terminal_size().columns
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return text_look(width, colour=colour, encoding=sys.stdout.encoding)


def _ask_what_to_open(options: ViewOptions) -> State:
    """A file by its number or name, or a new config for a model."""
    configs = find_configs()[:MAX_FILES]
    for number, (path, description) in enumerate(configs, 1):
        _show(f"{number:>3}  {path}  {description}")
    _show("A number, a file, or a model (Qwen/Qwen3-8B) for a new config.")
    while True:
        answer = str(click.prompt("What", default="1" if configs else None)).strip()
        if answer.isdecimal() and 0 < int(answer) <= len(configs):
            answer = configs[int(answer) - 1][0]
        state = _open(answer, options)
        if state is not None:
            return state


def _open(answer: str, options: ViewOptions) -> State | None:
    isfile = os.path.isfile(answer)
    state = open_config(answer, options) if isfile else create_config(answer, options)
    if isinstance(state, EditRefusal):
        _show(state.reason if isfile else f"no such file, and no such model: {state.reason}")
        return None
    return state


def _offer_fixes(state: State) -> State:
    """Each mend proposed by itself."""
    skipped_findings: set[tuple[str, str]] = set()
    while True:
        findings = [
            f for f in build_view(state).findings if (f.code, f.message) not in skipped_findings
        ]
        if not findings:
            return state
        finding = findings[0]
        skipped_findings.add((finding.code, finding.message))
        if finding.fix is None or not finding.fix.changes:
            continue
        _show(f"\n{format_headline(finding)}")
        if click.confirm(log_line(f"  {format_advice(finding)}?"), default=True):
            new = transitions.apply_fix(state, finding)
            if isinstance(new, EditRefusal):
                _show(f"  not done: {new.reason}")
            else:
                state = new


def _ask_fields(state: State, before: KeyNumbers) -> State:
    """Rank, alpha and targets, with what each answer does."""
    _show("\nEnter keeps a value; `-` takes it out of the file.")
    for name in FIELDS:
        field = get_lora_fields()[name]
        view = build_view(state)
        tree = view.context.tree
        if name == "target_modules" and tree is not None:
            layers = describe_linear_layers(tree)
            _show(f"  the linear layers here: {layers}; or all-linear, or a regex")
        old = format_value(view.get_value(name), field)
        default = old or format_value(view.get_default(field), field) or "null"
        answer = str(click.prompt(f"  {name}", default=default)).strip()
        if answer == default:
            continue
        value = parse_value("" if answer == "-" else answer, field)
        if isinstance(value, IncompleteValue):
            _show(f"  not taken: {value.reason}")
            continue
        state = transitions.end_edit(transitions.set_value(state, name, value))
        _print_matches(build_view(state), name, before)
        if name in state.held_values:
            _show(f"  only tried out: {state.held_values[name].reason}")
    for finding in build_view(state).findings:
        _show(format_headline(finding))
    return state


def _print_matches(view: View, field: str, before: KeyNumbers) -> None:
    reached = " · ".join(entry.text for entry in describe_entries(view, field))
    if reached:
        _show(f"  reaches: {reached}")
    for line in format_numbers(view, before, 200):
        if line:
            _show("  " + "".join(text for text, _ in line))


def _offer_to_save(state: State) -> None:
    if state.path and not state.is_changed:
        _show("\nThe file says all of this already.")
        return
    _show("")
    for row in diff_lines(state):
        _show(row)
    if not click.confirm("Write it?", default=bool(state.path)):
        return
    path = click.prompt("  to the file", default=state.name)
    try:
        save(state, path)
    except SaveError as error:
        _show(f"not written: {error}")
    else:
        _show(f"written: {path}")


def _offer_to_export(view: View) -> None:
    names = [*WRITABLE_TOOLS, "no"]
    tool = click.prompt("Also as", type=click.Choice(names), default="no")
    if tool == "no":
        return
    exported = export_config(view, tool)
    text, omissions = exported.text, describe_left_out(exported)
    if omissions:
        _show(f"  {omissions}")
    path = click.prompt("  to the file (- shows it)", default="-")
    if path == "-":
        _show(text)
        return
    try:
        write_new_file(path, text)
    except SaveError as error:
        _show(f"not written: {error}")
    else:
        _show(f"written: {path}")
