"""One run as a page: the table, what differs, and what real torch itself refuses, by reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bench.trees.compare import OUTCOMES, ROWS

if TYPE_CHECKING:
    from bench.trees.compare import ComparisonTable


PAIRS = {
    "transformers": "Pairs of model type and auto class",
    "diffusers": "Every model class",
}
"""Library -> what its rows are."""


def format_page(table: ComparisonTable) -> str:
    """The run as Markdown."""
    library = table.release.partition(" ")[0]
    rows = [f"| configs | built by real torch | {' | '.join(OUTCOMES)} |"]
    rows.append("| --- " * (len(OUTCOMES) + 2) + "|")
    for row in ROWS:
        counts = [table.counts[row, name] for name in OUTCOMES]
        if any(counts):
            rows.append(f"| {row} | {sum(counts[:3])} | {' | '.join(map(str, counts))} |")
    return "\n".join(
        [
            f"# Trees of {table.release}: real torch on meta and the stand-in",
            "",
            f"{PAIRS[library]}; equal means every module name, class, shape,",
            "parameter, dtype, tie, alias and accessor, in order. Made by `python -m bench.trees`.",
            "",
            *rows,
            "",
            *([*table.lines, ""] if table.lines else []),
            "## Refused by real torch itself (default configs)",
            "",
            *list_refused(table),
            "",
        ]
    )


def list_refused(table: ComparisonTable) -> list[str]:
    """Pairs that no torch builds, joined where the reason is the same."""
    reasons: dict[str, list[str]] = {}
    for line in sorted(table.refused):
        pair, _, reason = line.partition(": ")
        reasons.setdefault(shorten_reason(reason), []).append(pair)
    return [f"- {', '.join(pairs)}: {reason}" for reason, pairs in sorted(reasons.items())]


def shorten_reason(reason: str) -> str:
    """The first sentence, without places on this machine."""
    return re.sub(r" from '[^']*'", "", reason).split(" (")[0].split(". ")[0][:160]
