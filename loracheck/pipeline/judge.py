"""The result of a file that has been read: what it sets up, and what the rules say of it."""

from __future__ import annotations

from loracheck.results import FileResult
from loracheck.tools import find_settings
from loracheck.tools.core.other_methods import find_methods_passed_over
from loracheck.type_checking import TYPE_CHECKING

from .excerpt import split_lines
from .findings import find_problems
from .own_pins import add_own_pins

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext
    from loracheck.tools.core.setting import Setting


def judge_document(
    document: Document, path: str, display_path: str, settings: LintSettings, *, on_disk: bool
) -> FileResult:
    """The result of a document; the arguments are those of `check_file`."""
    settings = add_own_pins(settings, document)
    found = find_settings(document)
    if found:
        return _judge_settings(document, found, path, display_path, settings, on_disk)
    findings = find_problems(document, [], settings, display_path, on_disk=on_disk)
    lines = split_lines(document.text) if findings else ()
    methods = find_methods_passed_over(document)
    return FileResult(display_path, findings, (), lines, file=path, methods=methods)


def _judge_settings(
    document: Document,
    found: list[Setting],
    path: str,
    display_path: str,
    settings: LintSettings,
    on_disk: bool,
) -> FileResult:
    # Trees and plans are half of all modules, and a file without a setting has no need of them.
    from .contexts import build_contexts_of
    from .failures import find_failures
    from .setting_results import build_setting_result

    contexts: list[RuleContext] = build_contexts_of(found, settings, on_disk=on_disk)
    findings = find_problems(document, contexts, settings, display_path, on_disk=on_disk)
    results = tuple(build_setting_result(one, display_path, settings) for one in contexts)
    lines = split_lines(document.text) if findings else ()
    failures = find_failures(contexts, settings)
    return FileResult(display_path, findings, results, lines, file=path, failures=failures)
