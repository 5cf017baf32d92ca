"""From the contexts of a document to its findings: runs the rules, and leaves out what a comment of
the file suppresses and what only follows from another finding.
"""

from __future__ import annotations

from loracheck.documents.model import Span
from loracheck.findings import Finding, RelatedPlace
from loracheck.rules import list_rules_for_adapters, list_rules_for_bare
from loracheck.tools.core.started_servers import names_server
from loracheck.type_checking import TYPE_CHECKING

from .limit_hits import limit_hits
from .repeats import join_repeats

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from loracheck.documents.model import Document, Path
    from loracheck.options.lint_settings import LintSettings
    from loracheck.options.suppressions import LocatedFinding
    from loracheck.rules import Hit, Rule, RuleContext


SCRIPTS = ("python", "notebook")
"""Formats of documents whose calls put adapters on models."""
SERVES = {
    "yaml": ("services", "containers"),
    "shell": ("",),
    "modelfile": ("",),
    **dict.fromkeys(SCRIPTS, ("",)),
}
"""Format in which a server is started -> words of which its text has one."""
MAX_FINDINGS = 1_000
"""Findings of one file after which no further setting is looked at."""
MORE_SETTINGS = f"after {MAX_FINDINGS:,} findings no further setting of the file was looked at"


def find_problems(
    document: Document,
    contexts: list[RuleContext],
    settings: LintSettings,
    display_path: str,
    *,
    on_disk: bool = False,
) -> tuple[Finding, ...]:
    """What the rules of the settings say about all contexts of a document, in the order of the
    text. `display_path` is the path in the findings; `on_disk` tells whether the document is a
    file's content, so that the folders beside it may be read.
    """
    located_findings: list[LocatedFinding] = []
    if contexts:  # before the import of all that judges settings
        located_findings += _check_settings(document, contexts, settings, display_path)
    if on_disk:
        located_findings += _check_loaded_adapters(document, settings, display_path)
        located_findings += _check_served_adapters(document, settings, display_path)
    located_findings += _check_joined_adapters(document, settings, display_path, on_disk)
    if not contexts:
        located_findings += _check_bare_document(document, settings, display_path)
    complete = len(located_findings) <= MAX_FINDINGS and all(
        context.tree is not None for context in contexts
    )
    kept_findings = _apply_suppressions(
        document, located_findings, settings, complete, display_path
    )
    ordered = sorted(_remove_duplicates(kept_findings), key=lambda f: (f.span, f.code))
    return tuple(join_repeats(ordered))


def _check_settings(
    document: Document, contexts: list[RuleContext], settings: LintSettings, display_path: str
) -> list[LocatedFinding]:
    """What the rules say about the settings of a document."""
    from loracheck.rules.support.localize_names import localize_names
    from loracheck.rules.support.suppress_consequences import suppress_consequences

    from .setting_hits import find_setting_hits

    found: list[LocatedFinding] = []
    for context in contexts:
        if len(found) > MAX_FINDINGS:
            found[-1] = _add_note(found[-1][0], MORE_SETTINGS), found[-1][1]
            break
        for rule, hit in suppress_consequences(context, find_setting_hits(context, settings)):
            hit = localize_names(hit, rule.code, context.setting)
            finding = _build_finding(
                rule, hit, context.document, display_path, context.setting.path
            )
            # The path of a value in a file inside a script leads nowhere in the script.
            found.append((finding, hit.at if context.document is document else finding.span))
    return found


def _add_note(finding: Finding, note: str) -> Finding:
    return finding._replace(notes=(*finding.notes, note))


def _check_loaded_adapters(
    document: Document, settings: LintSettings, display_path: str
) -> Iterator[LocatedFinding]:
    """What does not fit of the saved adapters that a script loads."""
    if document.format not in SCRIPTS:
        return  # before the import of all that reads Python
    from loracheck.rules.support.suppress_consequences import suppress_consequences

    from .loaded_adapters import RULES, move_hit_to_script, read_loaded_adapters
    from .setting_hits import find_setting_hits

    for adapter, context in read_loaded_adapters(document, settings):
        hits = suppress_consequences(context, find_setting_hits(context, settings))
        for rule, hit in hits:
            if rule.code in RULES and context.tree is not None:
                script_hit = move_hit_to_script(hit, adapter, context)
                yield _build_finding(rule, script_hit, document, display_path), script_hit.at


def _check_served_adapters(
    document: Document, settings: LintSettings, display_path: str
) -> Iterator[LocatedFinding]:
    """What a server that the file starts does not do with the saved adapters that it is given."""
    words = SERVES.get(document.format, ())  # before the import of all that reads commands
    if not any(word in document.source for word in words):
        return
    if document.format != "modelfile" and not (
        names_server(document) and "lora" in document.source.lower()
    ):
        return
    from .served_adapters import FAMILY, move_hit_to_server, read_served_adapters
    from .setting_hits import run_rules

    for adapter, context in read_served_adapters(document, settings):
        for rule, hit in run_rules(context, settings):
            if rule.code.startswith(FAMILY):
                server_hit = move_hit_to_server(hit, adapter)
                yield _build_finding(rule, server_hit, document, display_path), server_hit.at


def _check_joined_adapters(
    document: Document, settings: LintSettings, display_path: str, on_disk: bool
) -> Iterator[LocatedFinding]:
    """What does not go together of several adapters that a script puts on one model."""
    if document.format not in SCRIPTS:
        return
    from .joined_adapters import build_adapters_context, joins_adapters

    if not joins_adapters(document):
        return
    context = build_adapters_context(document, settings, on_disk)
    for rule in list_rules_for_adapters(document):
        if rule.check_adapters is not None and rule.code in settings.codes:
            for hit in limit_hits(rule.check_adapters(context)):
                yield _build_finding(rule, hit, document, display_path), hit.at


def _check_bare_document(
    document: Document, settings: LintSettings, display_path: str
) -> Iterator[LocatedFinding]:
    """What the rules say about a document that sets no LoRA up."""
    for rule in list_rules_for_bare(document):
        if rule.check_bare is not None and rule.code in settings.codes:
            for hit in limit_hits(rule.check_bare(document)):
                yield _build_finding(rule, hit, document, display_path), hit.at


def _apply_suppressions(
    document: Document,
    located: list[LocatedFinding],
    settings: LintSettings,
    complete: bool,
    display_path: str,
) -> list[Finding]:
    """The findings that the file's own comments leave, and those about the comments."""
    if "loracheck:" not in document.text or document.format == "json":
        return [finding for finding, _ in located]
    from loracheck.options.suppressions import apply_suppressions

    kept_findings = apply_suppressions(document, located, settings.codes, complete)
    return [finding._replace(path=display_path) for finding in kept_findings]


def _remove_duplicates(findings: list[Finding]) -> Iterable[Finding]:
    """Each finding once: several settings of a file may give the same words at the same place."""
    unique: dict[Any, Finding] = {}
    for finding in findings:
        unique.setdefault((finding.span, finding.code, finding.message, finding.help), finding)
    return unique.values()


def _build_finding(
    rule: Rule, hit: Hit, document: Document, display_path: str, setting: Path = ()
) -> Finding:
    span = hit.at if isinstance(hit.at, Span) else document.span(hit.at, key=hit.key)
    span = hit.written or span
    where = getattr(document, "where", None)
    cell = where(span) if where else None
    return Finding(
        rule.code,
        rule.name,
        hit.severity or rule.severity,
        hit.message,
        display_path,
        span,
        hit.help,
        hit.field,
        (*hit.notes, f"in {cell} of the notebook") if cell else hit.notes,
        tuple(RelatedPlace(document.span(path), label) for path, label in hit.related)
        + tuple(RelatedPlace(span, label) for span, label in hit.spans)
        + tuple(RelatedPlace(span, label, path) for path, span, label in hit.files),
        hit.fix,
        hit.repeat and hit.repeat._replace(setting=setting),
    )
