"""`python -m bench.merging`: merges into quantised models, and LoRA on experts in FP8, measured.

    python -m bench.merging [--json tests/trees/merging.json]

trains LoRA on a tiny model, merges it into the same model quantised by each method and prints what
came of it; a method whose package is not installed (bitsandbytes, hqq) is skipped and said to be.
Then the share of an FP8 bank's numbers that trained LoRA changes. The pages of LC169 and LC236 and
`loracheck/engines/data/merge.json` rest on it; `--json` keeps the answers for the tests.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import json
import logging
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import transformers

from bench.oracle import standins

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("bitsandbytes", "hqq")
"""Packages that run on a CPU: where they are installed they are not stood for."""
STEPS = (30, 100)
"""Lengths of training, in steps."""


def measure() -> dict[str, Any]:
    """Merge by every method after every length of training."""
    from . import experts, quantised, training

    found: dict[str, Any] = {name: importlib.metadata.version(name) for name in ("peft", "torch")}
    found["transformers"] = transformers.__version__
    merges: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        for steps in STEPS:
            training.save_adapter(Path(folder) / str(steps), steps)
        for method in quantised.METHODS:
            release = quantised.find_release(method)
            if method in quantised.REAL and release is None:
                continue
            lengths = STEPS if method in quantised.REAL else STEPS[:1]
            rows = {n: quantised.merge(method, Path(folder) / str(n)) for n in lengths}
            first = rows[lengths[0]]
            lost = {n: round(one.lost, 3) for n, one in rows.items() if one.lost is not None}
            merges[method] = {
                **({"package": release} if release else {}),
                **({"error": first.error, "message": first.message} if first.error else {}),
                **({"lost": lost, "biases": first.biases} if lost else {}),
            }
    found["merges"] = merges
    changes = {n: experts.measure_change(n) for n in STEPS}
    found["experts"] = {n: [round(c.share, 5), round(c.wide, 5)] for n, c in changes.items()}
    return found


def format_lines(found: dict[str, Any]) -> Iterator[str]:
    """The answers as a table."""
    from . import quantised

    yield f"PEFT {found['peft']}, transformers {found['transformers']}, torch {found['torch']}\n"
    for method in quantised.METHODS:
        row = found["merges"].get(method)
        if row is None:
            yield f"{method:18} skipped: {quantised.REAL[method]} is not installed"
        elif "error" in row:
            yield f"{method:18} raises {row['error']}: {row['message']}"
        else:
            lost = ", ".join(f"{v:.1%} after {n} steps" for n, v in row["lost"].items())
            gone = f"; {row['biases']} biases dropped" if row["biases"] else ""
            yield f"{method:18} ({row['package']}) loses {lost}{gone}"
    yield "\nNumbers of an FP8 bank that LoRA changes (in 32 bits):"
    for steps, (share, wide) in found["experts"].items():
        yield f"{share:.3%} after {steps} steps ({wide:.1%})"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="keep the answers here")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    standins.install(but=[one for one in PACKAGES if importlib.util.find_spec(one)])
    found = measure()
    sys.stdout.write("\n".join(format_lines(found)) + "\n")
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
