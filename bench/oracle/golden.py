"""Record what each older PEFT release answers, for the tests that have the newest one alone.

`python -m bench.oracle.golden --environments DIR` asks every release in its own environment and
writes `tests/plan/releases/answers-*.json`: the dumps of the models, and PEFT's outcome for the
cases of `cases.json` and for some drawn configs.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .outcome import Outcome

FOLDER = Path(__file__).parents[2] / "tests" / "plan" / "releases"
CONFIGS_PER_MODEL = 6
"""Configs drawn for each model."""


def main() -> int:
    """Ask every release; with `--here` the installed one."""
    parser = argparse.ArgumentParser(prog="python -m bench.oracle.golden", description=__doc__)
    parser.add_argument("--releases", help="e.g. 0.10,0.14; all older ones if left out")
    parser.add_argument("--environments", help="folder of the environments, made with pip")
    parser.add_argument("--here", action="store_true", help="record the installed PEFT")
    options = parser.parse_args()
    if options.here:
        record()
        return 0
    from .environments import RELEASES, find_python
    from .releases import ROOT, child_environment

    chosen = options.releases.split(",") if options.releases else list(RELEASES)[:-1]
    for release in chosen:
        command = [
            str(find_python(release, options.environments)),
            "-m",
            "bench.oracle.golden",
            "--here",
        ]
        subprocess.run(command, cwd=ROOT, env=child_environment(), check=True)
    return 0


def record() -> None:
    """Write the answers of the installed PEFT."""
    from . import models, peft_side, plan_side
    from .differential_run import Pair, draw_comparable

    cases = json.loads((FOLDER / "cases.json").read_text(encoding="utf-8"))
    trees: dict[str, Any] = {}
    answers: list[dict[str, Any]] = []
    for spec in dict.fromkeys(case["spec"] for case in cases):
        try:
            pair = Pair(spec)
        except models.NotBuiltError:
            continue
        trees[spec] = plan_side.dump_model(pair.model)
        configs = [case["config"] for case in cases if case["spec"] == spec]
        configs += [
            draw_comparable(pair, random.Random(f"golden {spec} {n}"))
            for n in range(CONFIGS_PER_MODEL)
        ]
        for config in configs:
            if config.keys() <= peft_side.FIELDS:
                outcome = peft_side.ask_peft(pair.model, config)
                answers.append({"spec": spec, "config": config, **to_plain(outcome)})
    import transformers

    head = {"peft": peft_side.RELEASE, "transformers": transformers.__version__}
    rows = ",\n".join(json.dumps(answer, default=list) for answer in answers)
    dumps = ",\n".join(f"{json.dumps(spec)}: {json.dumps(tree)}" for spec, tree in trees.items())
    text = f'{json.dumps(head)[:-1]},\n"trees": {{\n{dumps}\n}},\n"answers": [\n{rows}\n]}}\n'
    minor = ".".join(peft_side.RELEASE.split(".")[:2])
    (FOLDER / f"answers-{minor}.json").write_text(text, encoding="utf-8")
    sys.stderr.write(f"PEFT {peft_side.RELEASE}: {len(answers)} answers\n")


def to_plain(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON has it; wrapped names by rank, alpha and scaling. After an error the rest
    says nothing.
    """
    found: dict[str, Any] = {"warnings": sorted(map(list, outcome.warnings))}
    if outcome.error is not None:
        return {"error": list(outcome.error), **found}
    groups: dict[str, list[str]] = {}
    for name, values in outcome.wrapped.items():
        groups.setdefault("/".join(map(str, values)), []).append(name)
    return {
        **found,
        "wrapped": {values: sorted(names) for values, names in sorted(groups.items())},
        "saved": sorted(outcome.saved),
        "tokens": sorted(outcome.tokens),
        "counts": list(outcome.counts or ()),
    }


if __name__ == "__main__":
    sys.exit(main())
