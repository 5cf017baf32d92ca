"""Findings, hints and items as the protocol has them."""

from __future__ import annotations

from lsprotocol import types

from loracheck.addresses import build_rule_url
from loracheck.reporters.sinks import log_lines
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.findings import Edit, Finding

    from .actions import Action
    from .hints import Hint
    from .item import Item
    from .positions import Positions

SOURCE = "loracheck"

SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}

KINDS = {
    "key": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "module": types.CompletionItemKind.Module,
    "model": types.CompletionItemKind.Reference,
    "rule": types.CompletionItemKind.Constant,
}


def to_diagnostic(finding: Finding, uri: str, positions: Positions) -> types.Diagnostic:
    """A finding with its help and notes, and its related places."""
    words = [finding.message, *finding.notes]
    if finding.help:
        words.append(f"help: {finding.help}")
    address = build_rule_url(finding.code)
    return types.Diagnostic(
        range=positions.to_range(finding.span),
        message=log_lines("\n".join(words)),
        severity=SEVERITIES[finding.severity],
        code=finding.code,
        code_description=types.CodeDescription(address) if address else None,
        source=SOURCE,
        related_information=[
            types.DiagnosticRelatedInformation(
                types.Location(uri, positions.to_range(related.span)), log_lines(related.label)
            )
            for related in finding.related
        ]
        or None,
    )


def to_edits(edits: Sequence[Edit], positions: Positions) -> list[types.TextEdit]:
    """The edits of a fix."""
    return [types.TextEdit(positions.to_range(edit.span), edit.text) for edit in edits]


def to_code_action(action: Action, uri: str, positions: Positions) -> types.CodeAction:
    """An edit that is offered."""
    return types.CodeAction(
        log_lines(action.title),
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[to_diagnostic(action.finding, uri, positions)],
        is_preferred=action.preferred or None,
        edit=types.WorkspaceEdit(changes={uri: to_edits(action.edits, positions)}),
    )


def to_hint(hint: Hint, positions: Positions) -> types.InlayHint:
    """Words behind a place."""
    return types.InlayHint(
        positions.to_range(hint.span).end, hint.label, tooltip=hint.tooltip, padding_left=True
    )


def to_item(item: Item, number: int, positions: Positions) -> types.CompletionItem:
    """What may be written; `number` keeps the order."""
    return types.CompletionItem(
        item.label,
        kind=KINDS[item.kind],
        detail=item.detail or None,
        documentation=item.help or None,
        sort_text=f"{number:04d}",
        filter_text=item.text,
        text_edit=types.TextEdit(positions.range_of(item.start, item.end), item.text),
    )
