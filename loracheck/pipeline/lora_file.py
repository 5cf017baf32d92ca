"""`check_lora_file`: a LoRA file named to the run, from its header to the result."""

from __future__ import annotations

import os

from loracheck.documents.model import Span
from loracheck.findings import Finding
from loracheck.results import FileResult, SettingResult
from loracheck.rules import list_rules_for_lora_files
from loracheck.rules.lora_file_context import LoraFileContext
from loracheck.trees.safetensors import HeaderError
from loracheck.trees.sources.request import NO_MODEL, Request
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.engines import Engine
    from loracheck.lora_files.model import LoraFile
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import Hit, Rule

SUFFIX = ".safetensors"

PICKLES = frozenset({".ckpt", ".pt", ".pth", ".bin", ".pkl"})
"""Suffixes of files that torch.save writes: loading one can run any code."""

PICKLED = (
    "this is a pickle by its name, which is not opened: loading one can run any code; save the LoRA"
    " as .safetensors"
)

START = Span(1, 1, 1, 1)
"""The place of every finding: a header has no lines."""


class LoraFileError(Exception):
    """The file cannot be read; the message is one clear sentence."""


def is_lora_file(path: str) -> bool:
    """Whether a path names a file of weights."""
    suffix = os.path.splitext(path)[1].lower()
    return suffix == SUFFIX or suffix in PICKLES


def read_lora_context(path: str, settings: LintSettings) -> LoraFileContext:
    """The LoRA file at a path with its base model: the caller's, or the one that its metadata
    names. Raises LoraFileError for what cannot be read.
    """
    from loracheck.lora_files.bases import find_named_base

    file = _read(path)
    model = settings.model or find_named_base(file)
    named_by = file.metadata.base_key if model and not settings.model else None
    engines = _parse_lora_engines(settings.serve)
    beside = os.path.dirname(path) or "."
    request = Request(model or "", beside=beside)
    if settings.find_tree is not None:
        resolved = settings.find_tree(request)
    elif model:
        from loracheck.trees.resolve import resolve

        resolved = resolve(request, settings.trees)
    else:
        resolved = NO_MODEL
    return LoraFileContext(file, resolved, model, named_by, engines, settings.trees.python)


def _read(path: str) -> LoraFile:
    from loracheck.lora_files.read import read_lora_file

    if os.path.splitext(path)[1].lower() in PICKLES:
        raise LoraFileError(PICKLED)
    try:
        return read_lora_file(path)
    except HeaderError as error:
        raise LoraFileError(f"the file {error}") from None
    except OSError as error:
        raise LoraFileError(f"cannot be read: {error.strerror or error}") from None


def _parse_lora_engines(serve: tuple[str, ...]) -> tuple[Engine, ...]:
    if not serve:
        return ()
    from loracheck.engines import parse_engine

    return tuple(engine for engine in map(parse_engine, serve) if engine.loads_lora_files)


def check_lora_file(path: str, display_path: str, settings: LintSettings) -> FileResult:
    """Lint one LoRA file; what cannot be read gives a finding, and nothing is raised."""
    try:
        context = read_lora_context(path, settings)
    except LoraFileError as error:
        finding = Finding("LC001", "unreadable-file", "error", str(error), display_path, START)
        return FileResult(display_path, (finding,), unreadable=True, file=path)
    findings = find_hits(context, settings, display_path)
    failures = _describe_failures(context, settings)
    result = _build_setting_result(context, display_path)
    return FileResult(display_path, findings, (result,), file=path, failures=failures)


def find_hits(
    context: LoraFileContext, settings: LintSettings, display_path: str
) -> tuple[Finding, ...]:
    """What the rules of the settings say about a LoRA file, by code; `display_path` is its path in
    them.
    """
    hits = _run_rules(context, settings)
    return tuple(
        sorted(
            (_build_finding(rule, hit, display_path) for rule, hit in hits), key=lambda f: f.code
        )
    )


def _run_rules(context: LoraFileContext, settings: LintSettings) -> Iterator[tuple[Rule, Hit]]:
    for rule in list_rules_for_lora_files():
        if rule.check_lora_file is not None and rule.code in settings.codes:
            for hit in rule.check_lora_file(context):
                yield rule, hit


def _build_finding(rule: Rule, hit: Hit, display_path: str) -> Finding:
    return Finding(
        rule.code,
        rule.name,
        hit.severity or rule.severity,
        hit.message,
        display_path,
        START,
        hit.help,
        hit.field,
        hit.notes,
    )


def _describe_failures(context: LoraFileContext, settings: LintSettings) -> tuple[str, ...]:
    """Why a model of the caller's cannot be had."""
    resolved = context.resolved
    if resolved.tree is not None or settings.model is None:
        return ()
    reason = "; ".join(part for part in (resolved.reason, resolved.help) if part)
    return (f"the model to judge by cannot be had: {reason}",)


def _build_setting_result(context: LoraFileContext, display_path: str) -> SettingResult:
    tree, file = context.tree, context.file
    from loracheck.lora_files.naming import count_parameters

    fit = context.fit
    return SettingResult(
        display_path,
        None,
        file.metadata.dialect or "LoRA file",
        context.model,
        tree.model_type if tree else None,
        context.resolved.source,
        tree.transformers if tree else None,
        tree is not None,
        len(fit.reached) if fit else len(file.changed),
        count_parameters(file),
        None,
        library=tree.built_by if tree and tree.library != "transformers" else None,
    )
