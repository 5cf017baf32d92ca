"""`check_file`: one file, or its unsaved text, from the bytes to the result."""

from __future__ import annotations

import re
from os.path import basename, dirname, splitext
from typing import TYPE_CHECKING

from loracheck.documents import load_config, read
from loracheck.documents.model import DocumentError, Span
from loracheck.documents.source import load
from loracheck.findings import Finding
from loracheck.releases.peft import judging_peft
from loracheck.results import FileResult, SettingResult
from loracheck.tools.core.other_methods import find_methods_passed_over
from loracheck.tools.core.quick_look import may_set_lora
from loracheck.trees.sources import lock

from .contexts import build_contexts
from .failures import find_failures
from .findings import find_problems

if TYPE_CHECKING:
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext
    from loracheck.trees.sources.request import Resolved

_ADAPTER_FILE = "adapter_config.json"
"""PEFT's file, which is read whatever words it has."""

_WEIGHTS = (".safetensors", ".ckpt", ".pt", ".pth", ".bin", ".pkl")
"""Ends of the names of files of weights, which `lora_file` reads by their header or names alone."""

_LINE_BREAK = re.compile(r"\r\n|\n|\r")
"""Where a line ends, as spans count them (`str.splitlines` knows more ends)."""


def check_file(
    path: str,
    shown: str,
    settings: LintSettings,
    text: bytes | str | None = None,
    *,
    on_disk: bool | None = None,
    skip_unrelated: bool = False,
) -> FileResult:
    """Lint one file; what cannot be read gives a finding, and nothing is raised.

    `shown` is the path in the report. `text` is the content where it does not come from disk; then
    `path` tells the format, the place that relative paths start from, and no more: neither it nor
    the weights beside it are read. `on_disk` True says that the text is the file's all the same
    (as after a fix), so that the weights beside it count. With `skip_unrelated` a file without any
    word of LoRA is not parsed, and one that cannot be read is passed over unless it seems to set
    LoRA up.
    """
    if on_disk is None:
        on_disk = text is None
    if text is None and path.lower().endswith(_WEIGHTS):
        from .lora_file import check_lora_file

        return check_lora_file(path, shown, settings)
    try:
        if skip_unrelated and text is None:
            text = load_config(path)
            named = basename(path) == _ADAPTER_FILE
            if not (named or may_set_lora(text, splitext(path)[1].lower())):
                return FileResult(shown, (), file=path)
        document = read(path, text)
    except DocumentError as error:
        from loracheck.tools.core.lora_keywords import seems_to_set_lora

        content = _content(path, text)
        if skip_unrelated and not seems_to_set_lora(content):
            return FileResult(shown, (), file=path)
        broken = unreadable_result(shown, error.reason, error.span, path)
        return broken._replace(lines=_lines_of_bytes(content))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        return unreadable_result(shown, reason, Span(1, 1, 1, 1), path)
    contexts = build_contexts(document, settings, on_disk=on_disk)
    findings = find_problems(document, contexts, settings, shown, on_disk=on_disk)
    results = tuple(_setting_result(one, shown, settings) for one in contexts)
    lines = tuple(_LINE_BREAK.split(document.text)) if findings else ()
    failures = find_failures(contexts, settings)
    methods = () if contexts else find_methods_passed_over(document)
    return FileResult(
        shown, findings, results, lines, file=path, methods=methods, failures=failures
    )


def unreadable_result(shown: str, reason: str, span: Span, path: str = "") -> FileResult:
    """The result of a file that cannot be read: one finding at the place of the fault."""
    finding = Finding("LC001", "unreadable-file", "error", reason, shown, span)
    return FileResult(shown, (finding,), unreadable=True, file=path)


def as_note(result: FileResult) -> FileResult:
    """The result of a file that was left out: what is said of it is no fault of the run."""
    notes = tuple(finding._replace(severity="note") for finding in result.findings)
    return result._replace(findings=notes, unreadable=False)


def _content(path: str, text: bytes | str | None) -> bytes:
    """The bytes of a file that is no document; empty where they cannot be had (a folder, a file
    that is too big for a config).
    """
    if text is not None:
        return text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        return load(path)
    except (DocumentError, OSError):
        return b""


def _lines_of_bytes(content: bytes) -> tuple[str, ...]:
    """The lines of a file that is no document, for the excerpt; none where it is no text."""
    try:
        return tuple(_LINE_BREAK.split(content.decode("utf-8-sig"))) if content else ()
    except UnicodeDecodeError:
        return ()


def _setting_result(context: RuleContext, shown: str, settings: LintSettings) -> SettingResult:
    setting, tree, plan = context.setting, context.tree, context.plan
    folder = dirname(setting.document.path) or "."
    peft = judging_peft(folder, settings.peft, settings.trees.python)
    counted = plan if plan is not None and plan.error is None else None
    return SettingResult(
        shown,
        # Places cost a second pass over the text.
        context.document.span(setting.path).line if settings.with_lines else None,
        setting.tool_name,
        setting.model if isinstance(setting.model, str) else None,
        tree.model_type if tree else None,
        context.resolved.source,
        tree.transformers if tree else None,
        tree is not None,
        counted.targeted if counted else None,
        counted.trainable if counted else None,
        counted.total if counted else None,
        _why_release(context.resolved),
        peft.release,
        peft.reason,
        (*context.resolved.notes, *peft.notes),
        tree.built_by if tree and tree.library != "transformers" else None,
    )


def _why_release(resolved: Resolved) -> str | None:
    """Why the tree is of the transformers release that it is."""
    release, tree = resolved.release, resolved.tree
    if tree is not None and (resolved.source or "").startswith(lock.NAME):
        return lock.NAME
    if release is None or tree is None or f"{tree.transformers}.".startswith(f"{release.version}."):
        return release.reason if release else None
    return f"for {release.version}, {release.reason}"
