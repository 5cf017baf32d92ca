"""The table of a run, as Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections import Counter

    from .differential_run import Tally


def format_table(tally: Tally, seed: int) -> str:
    """Everything a run has to show."""
    import peft
    import torch
    import transformers

    total = sum(tally.pairs.values())
    heads: dict[str, list[str]] = {}
    for spec in tally.pairs:
        kind, _, head = spec.removesuffix("@real").partition("/")
        heads.setdefault(kind, []).append(head)
    lines = [
        "# Differential run: loracheck's plan against PEFT",
        "",
        f"PEFT {peft.__version__}, transformers {transformers.__version__}, torch "
        f"{torch.__version__}; seed {seed}. Made by `python -m bench.oracle --pairs {total} "
        f"--seed {seed}`.",
        "",
        f"**{total} pairs, {len(tally.differences)} different**: {len(heads)} model types, "
        f"{len(tally.pairs)} models (type, head, width). PEFT took {tally.seconds[0]:.0f} s, the "
        f"plan {tally.seconds[1]:.0f} s.",
        "",
        COMPARED_TEXT,
        "",
    ]
    for found in tally.differences:
        lines += [f"- {found.spec} {found.config}", f"  {found.found}"]
    lines += _counter("PEFT's outcome", tally.outcomes)
    lines += _counter("Warning of PEFT's", tally.warnings)
    lines += ["", f"In {tally.dead} pairs an entry matched nothing."]
    lines += _counter("Kind of architecture", tally.families)
    lines += _forms(tally)
    lines += _list_skipped_models(tally)
    shown = (f"{kind} ({', '.join(dict.fromkeys(heads[kind]))})" for kind in sorted(heads))
    lines += ["", "## Model types and heads", "", "; ".join(shown) + "."]
    return "\n".join(lines) + "\n"


def to_counts(tally: Tally) -> dict[str, Any]:
    """The run as plain data, for a table over several runs."""
    import peft
    import transformers

    return {
        "peft": peft.__version__,
        "transformers": transformers.__version__,
        "pairs": sum(tally.pairs.values()),
        "models": len(tally.pairs),
        "model_types": len({spec.partition("/")[0] for spec in tally.pairs}),
        "skipped": len(tally.skipped),
        "outcomes": dict(tally.outcomes),
        "warnings": dict(tally.warnings),
        "fields": dict(tally.fields),
        "differences": [[one.spec, one.config, repr(one.found)] for one in tally.differences],
    }


COMPARED_TEXT = """\
Compared of each pair: whether PEFT raises, the error's class and meaning; the set of wrapped
modules and parameters with rank, alpha and scaling of each; the modules trained in full; the
embeddings with trained rows; trainable and total parameters; every warning's meaning and class;
which entries of `target_modules`, `exclude_modules`, `modules_to_save`, `rank_pattern` and
`alpha_pattern` matched nothing (asked of PEFT's own functions, one entry at a time).

Tiny models are asked with real weights; real widths, and what stays large, on the meta device with
`low_cpu_mem_usage`. Not drawn: `init_lora_weights="loftq"` (needs bitsandbytes, so the machine
decides); `ensure_weight_tying` where the input embedding is itself tied to another (PEFT's answer
there changes with Python's hash seed). Not drawn on the meta device, where PEFT does otherwise than
in a training run: `ensure_weight_tying` and `layer_replication` (it loses which weights are
shared), `monteclora_config` (its parameters are made at the first forward), and a rank that MiCA or
KaSA, or a token row that the embedding, would refuse (there it is not checked)."""


def _forms(tally: Tally) -> list[str]:
    """The forms of each field in one row."""
    rows: dict[str, list[str]] = {}
    for label, count in sorted(tally.forms.items(), key=lambda pair: (-pair[1], pair[0])):
        field, _, form = label.partition(": ")
        rows.setdefault(field, []).append(f"{form} {count}")
    lines = ["", "| Field drawn | pairs | in which form |", "| --- | ---: | --- |"]
    for field, count in tally.fields.most_common():
        shown = "; ".join(rows.get(field, ())).replace("|", "\\|")
        lines.append(f"| {field} | {count} | {shown} |")
    return lines


def _list_skipped_models(tally: Tally) -> list[str]:
    """What could not be asked: models that real torch and transformers do not build."""
    reasons: dict[str, list[str]] = {}
    for spec, reason in sorted(tally.skipped.items()):
        reasons.setdefault(reason, []).append(spec)
    lines = ["", f"## Not built by transformers itself: {len(tally.skipped)} models", ""]
    return lines + [f"- {reason}: {', '.join(reasons[reason])}" for reason in sorted(reasons)]


def _counter(title: str, counted: Counter[str]) -> list[str]:
    rows = [f"| {name} | {count} |" for name, count in counted.most_common()]
    return ["", f"| {title} | pairs |", "| --- | ---: |", *rows]
