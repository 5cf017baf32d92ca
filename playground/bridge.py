"""What the page of the playground asks of loracheck. Runs in the browser's Python (Pyodide): JSON
in, JSON out; offsets are those of JavaScript's strings.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from loracheck.documents.lines import Lines
from loracheck.explain.file.assess_setting import assess_setting
from loracheck.explain.html.page import render_html
from loracheck.lsp.actions import fix_all, list_actions
from loracheck.lsp.analysis import Analysis, analyse
from loracheck.options.run_options import RunOptions
from loracheck.options.run_settings import resolve_settings
from loracheck.trees.model_search import find_standing, search_models
from loracheck.trees.sources.class_names import resolve_class
from loracheck.trees.sources.request import Request, ResolvedTree
from loracheck.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from loracheck.findings import Edit, Finding
    from loracheck.lsp.actions import Action
    from loracheck.options.lint_settings import LintSettings

PASTED = "the config.json that was pasted"


def list_models() -> str:
    """The ids whose tree is bundled: their own, or that of the model they are a copy of."""
    names = [row.id for row in search_models("") if find_standing(row) in ("exact", "copy")]
    return json.dumps({"models": sorted(names, key=str.lower), "version": __version__})


def check(request: str) -> str:
    """The findings of a text, with what may be applied.

    `request` has `text` and `name` (whose ending tells the format), `model` (an id, or empty for
    the file's own), `config` (the text of a config.json, or empty) and `cursor` (an offset while
    somebody types, else null).
    """
    asked: dict[str, Any] = json.loads(request)
    try:
        settings = _settings(asked["name"], asked["model"], asked["config"])
    except ValueError as error:
        return json.dumps({"fault": f"The config.json cannot be read: {error}."})
    offsets = Offsets(asked["text"])
    cursor = None if asked["cursor"] is None else offsets.to_python(asked["cursor"])
    found = analyse(asked["name"], asked["text"], settings, cursor)
    findings = [_finding(one, offsets, found) for one in found.findings]
    _last[:] = [found]
    return json.dumps(
        {"findings": findings, "readable": found.readable, "settings": len(found.contexts)}
    )


def explain() -> str:
    """What the text that was checked last does, as the page of `loracheck explain --format html`
    without its findings; empty where it sets no LoRA up.
    """
    (found,) = _last
    if not found.contexts:
        return ""
    return render_html([assess_setting(context) for context in found.contexts], found.path)


def mend(request: str) -> str:
    """The text of a request (as of `check`) with every fix that is right whatever was meant."""
    asked: dict[str, Any] = json.loads(request)
    settings = _settings(asked["name"], asked["model"], asked["config"])
    return fix_all(asked["name"], asked["text"], settings)


_last: list[Analysis] = []
"""What came of the text that was checked last."""


class Offsets:
    """Places of a text as offsets in UTF-16 units, which JavaScript counts."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self._plain = text.isascii()

    def of(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1; a place outside the text is cut."""
        number = min(max(line, 1), len(self.lines.starts))
        width = len(self.lines.line(number))
        at = self.lines.starts[number - 1] + min(max(column - 1, 0), width)
        return at if self._plain else len(self.text[:at].encode("utf-16-le", "replace")) // 2

    def to_python(self, offset: int) -> int:
        """The offset in characters."""
        if self._plain:
            return min(offset, len(self.text))
        units = self.text.encode("utf-16-le", "replace")[: offset * 2]
        return len(units.decode("utf-16-le", "ignore"))


def _finding(finding: Finding, offsets: Offsets, analysis: Analysis) -> dict[str, Any]:
    span = finding.span
    actions = list_actions(analysis, span.line, span.end_line)
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
        "notes": [note.removesuffix("; --online tells more") for note in finding.notes],
        "line": span.line,
        "from": offsets.of(span.line, span.column),
        "to": offsets.of(span.end_line, span.end_column),
        "actions": [_action(one, offsets) for one in actions if one.finding == finding],
    }


def _action(action: Action, offsets: Offsets) -> dict[str, Any]:
    return {
        "title": action.title,
        "safe": action.preferred,
        "changes": [_change(edit, offsets) for edit in action.edits],
    }


def _change(edit: Edit, offsets: Offsets) -> dict[str, Any]:
    span = edit.span
    return {
        "from": offsets.of(span.line, span.column),
        "to": offsets.of(span.end_line, span.end_column),
        "insert": edit.text,
    }


@cache
def _settings(name: str, model: str, config: str) -> LintSettings:
    """Raises ValueError for a config that is no JSON object."""
    options = RunOptions(model=model or None, isolated=True)
    settings = resolve_settings(options, (name,)).for_path(name)
    return settings._replace(find_tree=_find_by_config(config)) if config.strip() else settings


def _find_by_config(text: str) -> Callable[[Request], ResolvedTree]:
    """The tree of a pasted config.json: nothing can be built here, so that of its class the names
    alone are told.
    """
    config = json.loads(text)
    if not isinstance(config, dict):
        raise ValueError("it is no JSON object")
    named = config.get("architectures")
    architecture = named[0] if isinstance(named, list) and named else None

    def find_tree(request: Request) -> ResolvedTree:
        if not isinstance(architecture, str):
            return ResolvedTree(None, reason=f"{PASTED} names no architecture (`architectures`)")
        found = resolve_class(architecture, request.heads, PASTED)
        return found or ResolvedTree(
            None,
            reason=f"of {PASTED} no tree can be built in a browser, and the names of "
            f"{architecture} are not known",
            help="run loracheck where transformers is installed",
        )

    return find_tree
