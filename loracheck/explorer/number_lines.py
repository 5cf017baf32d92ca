"""The numbers of a view in a few lines, with what they were before."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.explain.file.impact import Impact

    from .view import View

StyledLine = list[tuple[str, str]]
"""Pieces of text with a style each ("" for none)."""

BAR = 16
MUTED, GOOD, PART, BAD = "$text-muted", "$text-success", "$text-warning", "$text-error"


class KeyNumbers(NamedTuple):
    """What is compared: adapted linear layers, all of them, trainable and all parameters."""

    reached: int
    linear: int
    trainable: int | None
    total: int | None


def read_numbers(impact: Impact) -> KeyNumbers:
    """The numbers of an effect."""
    reached = impact.linear_reached or 0
    return KeyNumbers(reached, impact.linear_layers, impact.trainable, impact.total)


def format_numbers(view: View, before: KeyNumbers | None, width: int) -> list[StyledLine]:
    """Two lines: reach and parameters, or why there are none."""
    impact = view.impact
    if impact.refusal is not None:
        message = f"PEFT refuses it: {impact.refusal.exception}: {impact.refusal.message}"
        return [[(message, BAD)], []]
    if not impact.judged:
        return [[("no numbers: ", MUTED), (impact.reason or "the model is not known", PART)], []]
    now = read_numbers(impact)
    return [_build_reach_line(now, before), _build_parameters_line(impact, now, before, width)]


def _build_reach_line(now: KeyNumbers, before: KeyNumbers | None) -> StyledLine:
    share = min(now.reached / now.linear, 1.0) if now.linear else 0.0
    full = round(share * BAR)
    tone = GOOD if share == 1 else PART
    line = [
        ("LoRA reaches ", MUTED),
        (f"{now.reached:,} of {now.linear:,} linear layers ", "bold"),
        ("█" * full, tone),
        ("░" * (BAR - full), MUTED),
        (f" {100 * share:.0f} %", "bold"),
    ]
    if before is not None and before.reached != now.reached:
        line.append((f"  was {before.reached:,}", MUTED))
    return line


def _build_parameters_line(
    impact: Impact, now: KeyNumbers, before: KeyNumbers | None, width: int
) -> StyledLine:
    if now.trainable is None or not now.total:
        unknown = ", ".join(impact.unknown)
        return [(f"parameters cannot be counted: {unknown} is known at run time only", MUTED)]
    percent = f" of {now.total:,} ({100 * now.trainable / now.total:.4f} %)"
    line = [("trains ", MUTED), (f"{now.trainable:,}", "bold"), (percent, "")]
    if before is not None and before.trainable not in (None, now.trainable):
        line.append((f"  was {before.trainable:,}", MUTED))
    disk = f"  on disk {_format_bytes(impact.disk.bytes['float32'])}" if impact.disk else ""
    memory = f"  GPU about {_format_bytes(impact.memory.total)}" if impact.memory else ""
    used = sum(len(text) for text, _ in line)
    for more in (disk, memory):
        if more and used + len(more) <= width:
            used += len(more)
            line.append((more, MUTED))
    return line


def _format_bytes(size: float) -> str:
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if size >= limit:
            return f"{size / limit:,.1f} {unit}"
    return f"{size:.0f} B"
