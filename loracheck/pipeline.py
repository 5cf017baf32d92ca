"""One file through all the rooms: document, settings, trees, plan, findings."""

from __future__ import annotations

import re
from functools import partial
from os.path import dirname
from typing import TYPE_CHECKING, Any

from loracheck.documents import read
from loracheck.documents.model import DocumentError, Span, Unknown
from loracheck.documents.source import load
from loracheck.findings import Finding, Related
from loracheck.options.lint_settings import LintSettings
from loracheck.results import FileResult, SettingResult
from loracheck.rules import Rule, RuleContext, catalogue
from loracheck.rules.support.localize_names import localize_names
from loracheck.rules.support.suppress_consequences import suppress_consequences
from loracheck.tools import find_settings
from loracheck.tools.core.lora_keywords import seems_to_set_lora
from loracheck.trees.sources.bundle import others
from loracheck.trees.sources.request import NO_MODEL, Request, Resolved
from loracheck.trees.sources.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.documents.model import Document, Path
    from loracheck.findings import Severity
    from loracheck.options.suppressions import Placed
    from loracheck.rules import Hit
    from loracheck.tools.core.setting import Setting

_BREAK = re.compile(r"\r\n|\n|\r")
"""Where a line ends, as spans count them (`str.splitlines` knows more ends)."""


def check_file(
    path: str, shown: str, job: LintSettings, text: bytes | None = None, *, sure: bool = True
) -> FileResult:
    """Lint one file. `shown` is the path in the report, `text` the content where it does not come
    from disk. With `sure` False nobody said that the file is a LoRA config: one that cannot be read
    is passed over unless it speaks of LoRA.
    """
    try:
        document = read(path, text)
    except DocumentError as error:
        if not sure and not _speaks_of_lora(path):
            return FileResult(shown, (), file=path)
        broken = unreadable(shown, error.reason, error.span, path)
        return broken._replace(lines=_broken_lines(path, text))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        return unreadable(shown, reason, Span(1, 1, 1, 1), path)
    found = build_contexts(document, job)
    findings = findings_of(document, found, job, shown)
    judged = tuple(_judged(context, shown, job.with_lines) for context in found)
    lines = tuple(_BREAK.split(document.text)) if findings else ()
    return FileResult(shown, findings, judged, lines, file=path)


def read_contexts(path: str, job: LintSettings) -> list[RuleContext]:
    """Every setting of a file with all that is known about it. Raises DocumentError, OSError."""
    return build_contexts(read(path), job)


def build_contexts(document: Document, job: LintSettings) -> list[RuleContext]:
    """Every setting of a document with all that is known about it."""
    found = find_settings(document)
    return [_build_context(setting, job, first=number == 0) for number, setting in enumerate(found)]


def findings_of(
    document: Document, found: list[RuleContext], job: LintSettings, shown: str
) -> tuple[Finding, ...]:
    """What the job's rules say about all settings of a document, in the order of the text."""
    placed: list[Placed] = []
    for context in found:
        for rule, hit in suppress_consequences(context, _softened(context, job)):
            one = _finding(
                rule, localize_names(hit, rule.code, context.setting), context.document, shown
            )
            # The path of a value in a file inside a script leads nowhere in the script.
            placed.append((one, hit.at if context.document is document else one.span))
    if not found:
        placed += _bare(document, job, shown)
    kept = _kept(document, placed, job, all(context.tree is not None for context in found), shown)
    return tuple(sorted(_once(kept), key=lambda f: (f.span, f.code)))


def _once(found: list[Finding]) -> Iterable[Finding]:
    """Several settings of a file may come to the same words at the same place."""
    once: dict[Any, Finding] = {}
    for finding in found:
        once.setdefault((finding.span, finding.code, finding.message, finding.help), finding)
    return once.values()


def _bare(document: Document, job: LintSettings, shown: str) -> Iterator[Placed]:
    """What the job's rules say about a document that sets nothing up."""
    for rule in catalogue():
        if rule.check_bare is not None and rule.code in job.codes:
            for hit in rule.check_bare(document):
                yield _finding(rule, hit, document, shown), hit.at


def _softened(context: RuleContext, job: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    """The hits of one setting. What is true of a model that is only the file's default is said one
    step softer, as another may be given to the run.
    """
    if job.model is not None or not context.setting.assumed or context.tree is None:
        yield from _hits(context, job)
        return
    bare = RuleContext(
        context.setting, NO_MODEL, job.peft, context.first, options=job.options, serve=job.serve
    )
    always = {(rule.code, hit.at) for rule, hit in _hits(bare, job)}
    for rule, hit in _hits(context, job):
        if (rule.code, hit.at) not in always:
            severity: Severity = "warning" if (hit.severity or rule.severity) == "error" else "note"
            told = f"{context.setting.model} is the model only where nobody names another"
            hit = hit._replace(severity=severity, notes=(*hit.notes, told))
        yield rule, hit


def _hits(context: RuleContext, job: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    for rule in catalogue():
        if rule.code in job.codes:
            for hit in rule.check(context):
                yield rule, hit


def _kept(
    document: Document, found: list[Placed], job: LintSettings, judged: bool, shown: str
) -> list[Finding]:
    """What the file's own comments leave of the findings."""
    if "loracheck:" not in document.text or document.format == "json":
        return [finding for finding, _ in found]
    from loracheck.options.suppressions import suppress

    return [f._replace(path=shown) for f in suppress(document, found, job.codes, judged)]


def _speaks_of_lora(path: str) -> bool:
    """Whether a regular file, small enough for a config, has a key of LoRA settings."""
    try:
        data = load(path)
    except (DocumentError, OSError):
        return False
    return seems_to_set_lora(data)


def _broken_lines(path: str, text: bytes | None) -> tuple[str, ...]:
    """The lines of a file that is no document, for the excerpt; none where it is no text."""
    try:
        data = load(path) if text is None else text
        return tuple(_BREAK.split(data.decode("utf-8-sig")))
    except (DocumentError, OSError, UnicodeDecodeError):
        return ()


def unreadable(shown: str, reason: str, span: Span, path: str = "") -> FileResult:
    """The outcome of a file that cannot be read: one finding at the fault's place."""
    finding = Finding("LC001", "unreadable-file", "error", reason, shown, span)
    return FileResult(shown, (finding,), unreadable=True, file=path)


def requests(path: str, model: str | None = None) -> list[Request]:
    """The models that a file's settings name, or `model` for each of them. Raises DocumentError and
    OSError for a file that cannot be read.
    """
    found = [_request(setting, model) for setting in find_settings(read(path))]
    return [request for request in found if isinstance(request, Request)]


def _build_context(setting: Setting, job: LintSettings, *, first: bool) -> RuleContext:
    request = _request(setting, job.model)
    if isinstance(request, Resolved):
        return RuleContext(setting, request, job.peft, first, options=job.options, serve=job.serve)
    resolved = resolve(request, job.trees)
    here = resolved.tree.transformers if resolved.tree else None
    lines = partial(others, request.model, request.heads, here)
    return RuleContext(setting, resolved, job.peft, first, lines, job.options, job.serve)


def _request(setting: Setting, override: str | None) -> Request | Resolved:
    """What to look for, or the reason why there is nothing to look for."""
    if setting.own_lora:
        return Resolved(None, reason=setting.own_lora)
    model = override or setting.model
    if isinstance(model, Unknown):
        return NO_MODEL._replace(
            reason=f"the base model is not known before run time: {model.text}"
        )
    if not model:
        return NO_MODEL
    beside = dirname(setting.document.path) or "."
    return Request(model, setting.revision, setting.heads, setting.num_labels, beside)


def _finding(rule: Rule, hit: Hit, document: Document, shown: str) -> Finding:
    span = _span(document, hit.at, hit.key)
    where = getattr(document, "where", None)
    cell = where(span) if where else None
    return Finding(
        rule.code,
        rule.name,
        hit.severity or rule.severity,
        hit.message,
        shown,
        span,
        hit.help,
        hit.field,
        (*hit.notes, f"in {cell} of the notebook") if cell else hit.notes,
        tuple(Related(document.span(path), label) for path, label in hit.related)
        + tuple(Related(span, label) for span, label in hit.spans),
        hit.fix,
    )


def _span(document: Document, at: Path | Span, key: bool) -> Span:
    return at if isinstance(at, Span) else document.span(at, key=key)


def _judged(context: RuleContext, shown: str, with_lines: bool) -> SettingResult:
    setting, tree, plan = context.setting, context.tree, context.plan
    counted: Any = plan if plan is not None and plan.error is None else None
    return SettingResult(
        shown,
        # Places cost a second pass over the text.
        context.document.span(setting.path).line if with_lines else None,
        setting.tool_name,
        setting.model if isinstance(setting.model, str) else None,
        tree.model_type if tree else None,
        context.resolved.source,
        tree.transformers if tree else None,
        tree is not None,
        counted.targeted if counted else None,
        counted.trainable if counted else None,
        counted.total if counted else None,
    )
