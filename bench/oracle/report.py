"""The table of a run, as Markdown."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .run import Tally


def table(tally: Tally, seed: int) -> str:
    """Everything a run has to show."""
    import peft
    import torch
    import transformers

    total = sum(tally.pairs.values())
    kinds = Counter[str]()
    heads: dict[str, list[str]] = {}
    for spec, count in tally.pairs.items():
        kind, _, head = spec.partition("/")
        kinds[kind] += count
        heads.setdefault(kind, []).append(head)
    lines = [
        "# Differential run: loracheck's plan against PEFT",
        "",
        f"PEFT {peft.__version__}, transformers {transformers.__version__}, torch "
        f"{torch.__version__}; seed {seed}.",
        "",
        f"{total} pairs, {len(kinds)} model types, {len(tally.pairs)} (model type, head); "
        f"{len(tally.differences)} different. PEFT took {tally.seconds[0]:.0f} s, the plan "
        f"{tally.seconds[1]:.1f} s; {len(tally.skipped)} specs could not be built small.",
        "",
    ]
    for found in tally.differences:
        lines += [f"- {found.spec} {found.config}", f"  {found.found}"]
    lines += _counter("PEFT's outcome", tally.outcomes)
    lines += _counter("Warning", tally.warnings)
    lines += _counter("Field drawn", tally.fields)
    lines += ["", "| model type | heads | pairs |", "| --- | --- | ---: |"]
    lines += [f"| {kind} | {', '.join(heads[kind])} | {kinds[kind]} |" for kind in sorted(kinds)]
    return "\n".join(lines) + "\n"


def _counter(title: str, counted: Counter[str]) -> list[str]:
    rows = [f"| {name} | {count} |" for name, count in counted.most_common()]
    return ["", f"| {title} | pairs |", "| --- | ---: |", *rows]
