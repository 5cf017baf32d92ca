"""The plain guided dialogue: the explorer's work in questions and answers, a line at a time."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Any

import click

from loracheck.config.field_table import fields
from loracheck.explain.text import choose_style as text_look
from loracheck.explain.text import render
from loracheck.explorer import state as moves
from loracheck.explorer.export import WRITABLE_TOOLS, exported, left_out
from loracheck.explorer.field_edit import Refused
from loracheck.explorer.file_search import configs
from loracheck.explorer.number_lines import Numbers, lines, numbers
from loracheck.explorer.pane_text import advice, entries, headline
from loracheck.explorer.save_file import NotSavedError, diff, saved, text_to
from loracheck.explorer.session import fresh, opened
from loracheck.explorer.value_text import Unfinished, parse, show
from loracheck.explorer.view import View, view
from loracheck.rules.support.linear_layers import describe_linear_layers

if TYPE_CHECKING:
    from loracheck.explorer.state import State
    from loracheck.explorer.view_options import Look

SHOWN = 20
"""Files that are offered by number."""

ASKED = ("r", "lora_alpha", "target_modules")


def talk(state: State | None, look: Look) -> None:
    """The whole dialogue; every question has an answer that leaves things as they are."""
    if state is None:
        state = _chosen(look)
    shown = view(state)
    click.echo(render(shown.impact, _look()))
    before = numbers(shown.impact)
    state = _mended(state)
    state = _asked(state, before)
    _written(state)
    _exported(view(state))


def _look() -> Any:
    width = shutil.get_terminal_size().columns
    colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    return text_look(width, colour=colour, encoding=sys.stdout.encoding)


def _chosen(look: Look) -> State:
    """A file by its number or name, or a new config for a model."""
    found = configs()[:SHOWN]
    for number, (path, told) in enumerate(found, 1):
        click.echo(f"{number:>3}  {path}  {told}")
    click.echo("A number, a file, or a model (Qwen/Qwen3-8B) for a new config.")
    while True:
        answer = str(click.prompt("What", default="1" if found else None)).strip()
        if answer.isdecimal() and 0 < int(answer) <= len(found):
            answer = found[int(answer) - 1][0]
        state = _opened(answer, look)
        if state is not None:
            return state


def _opened(answer: str, look: Look) -> State | None:
    isfile = os.path.isfile(answer)
    found = opened(answer, look) if isfile else fresh(answer, look)
    if isinstance(found, Refused):
        click.echo(found.reason if isfile else f"no such file, and no such model: {found.reason}")
        return None
    return found


def _mended(state: State) -> State:
    """Each mend proposed by itself."""
    passed: set[tuple[str, str]] = set()
    while True:
        found = [f for f in view(state).findings if (f.code, f.message) not in passed]
        if not found:
            return state
        finding = found[0]
        passed.add((finding.code, finding.message))
        if finding.fix is None or not finding.fix.changes:
            continue
        click.echo(f"\n{headline(finding)}")
        if click.confirm(f"  {advice(finding)}?", default=True):
            new = moves.mended(state, finding)
            if isinstance(new, Refused):
                click.echo(f"  not done: {new.reason}")
            else:
                state = new


def _asked(state: State, before: Numbers) -> State:
    """Rank, alpha and targets, with what each answer does."""
    click.echo("\nEnter keeps a value; `-` takes it out of the file.")
    for name in ASKED:
        field = fields()[name]
        shown = view(state)
        tree = shown.context.tree
        if name == "target_modules" and tree is not None:
            layers = describe_linear_layers(tree)
            click.echo(f"  the linear layers here: {layers}; or all-linear, or a regex")
        old = show(shown.value(name), field)
        default = old or show(shown.default(field), field) or "null"
        answer = str(click.prompt(f"  {name}", default=default)).strip()
        if answer == default:
            continue
        value = parse("" if answer == "-" else answer, field)
        if isinstance(value, Unfinished):
            click.echo(f"  not taken: {value.reason}")
            continue
        state = moves.settled(moves.changed(state, name, value))
        _tell(view(state), name, before)
        if name in state.held:
            click.echo(f"  only tried out: {state.held[name].reason}")
    for finding in view(state).findings:
        click.echo(headline(finding))
    return state


def _tell(shown: View, field: str, before: Numbers) -> None:
    reached = " · ".join(told.text for told in entries(shown, field))
    if reached:
        click.echo(f"  reaches: {reached}")
    for line in lines(shown, before, 200):
        if line:
            click.echo("  " + "".join(text for text, _ in line))


def _written(state: State) -> None:
    if state.path and not state.changed:
        click.echo("\nThe file says all of this already.")
        return
    click.echo("")
    for row in diff(state):
        click.echo(row)
    if not click.confirm("Write it?", default=bool(state.path)):
        return
    path = click.prompt("  to the file", default=state.name)
    try:
        saved(state, path)
    except NotSavedError as error:
        click.echo(f"not written: {error}")
    else:
        click.echo(f"written: {path}")


def _exported(shown: View) -> None:
    names = [*WRITABLE_TOOLS, "no"]
    tool = click.prompt("Also as", type=click.Choice(names), default="no")
    if tool == "no":
        return
    found = exported(shown, tool)
    text, left = found.text, left_out(found)
    if left:
        click.echo(f"  {left}")
    path = click.prompt("  to the file (- shows it)", default="-")
    if path == "-":
        click.echo(text)
        return
    try:
        text_to(path, text)
    except NotSavedError as error:
        click.echo(f"not written: {error}")
    else:
        click.echo(f"written: {path}")
