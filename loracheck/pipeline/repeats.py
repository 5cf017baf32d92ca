"""Joins what one rule says of several places for the same reason into one finding.

Llama's seven names on a model that fuses its layers are one slip, not five: the first place is the
finding's, the others are related places.
"""

from __future__ import annotations

from loracheck.findings import Fix, RelatedPlace
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loracheck.documents.model import Span
    from loracheck.findings import Edit, Finding, Repeat

NAMED = 8
"""Subjects that a message names; of more their number is told."""


def join_repeats(findings: Sequence[Finding]) -> list[Finding]:
    """The findings with those that repeat each other joined, in the order of their first places."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        same = finding.repeat and (
            finding.code,
            finding.severity,
            finding.path,
            *finding.repeat[:2],
        )
        groups.setdefault(same or number, []).append(finding)
    return [_join(group) if len(group) > 1 else group[0] for group in groups.values()]


def _join(group: list[Finding]) -> Finding:
    first = group[0]
    repeats = [finding.repeat for finding in group if finding.repeat]
    subjects = [repeat.subject for repeat in repeats]
    listing = subjects if len(subjects) <= NAMED else [*subjects[: NAMED - 1]]
    more = [f"{len(subjects) - len(listing)} more"] if len(listing) < len(subjects) else []
    return first._replace(
        message=f"{_enumerate([*listing, *more])} {repeats[0].predicate}",
        help=_join_mends(group, repeats),
        notes=tuple(dict.fromkeys(note for finding in group for note in finding.notes)),
        related=(*first.related, *_list_related_places(first.span, group[1:])),
        fix=_join_fixes([finding.fix for finding in group if finding.fix]),
    )


def _list_related_places(first: Span, rest: list[Finding]) -> Iterable[RelatedPlace]:
    for finding in (one for one in rest if one.span != first):
        needs_no_help = finding.repeat is None or finding.repeat.mend or not finding.help
        mend = "" if needs_no_help else f": {finding.help}"
        yield RelatedPlace(
            finding.span, f"{finding.repeat.subject if finding.repeat else ''}{mend}"
        )
        yield from finding.related


def _join_mends(group: list[Finding], repeats: list[Repeat]) -> str | None:
    """One help for all: what to write, and for which of them."""
    by_mend: dict[str, list[str]] = {}
    for repeat in repeats:
        if repeat.mend:
            by_mend.setdefault(repeat.mend, []).append(repeat.subject)
    if by_mend and sum(map(len, by_mend.values())) == len(repeats):
        if len(by_mend) == 1:
            return f"write {next(iter(by_mend))} for all of them"
        parts = [f"{mend} for {_enumerate(names)}" for mend, names in by_mend.items()]
        return f"write {'; '.join(parts)}"
    words = dict.fromkeys(finding.help for finding in group if finding.help)
    return "; ".join(words) or None


def _join_fixes(fixes: list[Fix]) -> Fix | None:
    """The fixes as one, those left out that would edit the same text as an earlier one, or a value
    inside of one that another writes anew: the next round has them.
    """
    edits: list[Edit] = []
    used: list[Fix] = []
    for fix in fixes:
        overlaps = any(_overlap(edit, other) for edit in fix.edits for other in edits)
        if not overlaps and not any(_are_nested(fix, other) for other in used):
            edits += fix.edits
            used.append(fix)
    if not used:
        return None
    titles = dict.fromkeys(fix.title for fix in used)
    changes = tuple(change for fix in used for change in fix.changes)
    return Fix(", ".join(titles), tuple(edits), all(fix.safe for fix in used), changes)


def _overlap(one: Edit, other: Edit) -> bool:
    """Whether two edits touch the same text; an insertion also where it only borders on another."""
    first, last = one.span, other.span
    if first[:2] == first[2:] or last[:2] == last[2:]:
        return first[:2] <= last[2:] and last[:2] <= first[2:]
    return first[:2] < last[2:] and last[:2] < first[2:]


def _are_nested(one: Fix, other: Fix) -> bool:
    """Whether one fix sets a container whose inside the other changes."""
    return any(
        len(inner.path) > len(outer.path) and inner.path[: len(outer.path)] == outer.path
        for first, second in ((one, other), (other, one))
        for outer in first.changes
        if outer.kind == "set"
        for inner in second.changes
    )


def _enumerate(words: list[str]) -> str:
    """Words as a list in English."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
