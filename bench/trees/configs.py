"""Real checkpoints' config.json files: the builder's tree against the one of real torch."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.trees.compare import first_difference
from loracheck.trees import child

ROOT = Path(__file__).parents[2]
REAL = Path(__file__).with_name("real_configs.py")


def check_configs(folder: Path, python: str) -> int:
    """Build every config.json below `folder` both ways, print what differs. Returns 1 if anything
    does.
    """
    real = subprocess.Popen(
        [python, str(REAL)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    counts: dict[str, int] = {}
    times = []
    for path in sorted(folder.glob("*/config.json")):
        started = time.time()
        answer = build_with_stand_in(path, python)
        times.append(time.time() - started)
        outcome = answer["kind"] if not answer["ok"] else compare_trees(real, path, answer)
        if not answer["ok"]:
            outcome = f"refused: {outcome}"
            if answer["kind"] not in ("unknown-model-type", "remote-code"):
                own = json.loads(path.read_text()).get("architectures") or [""]
                truth = build_with_torch(real, path, own[0])
                outcome += " by both" if isinstance(truth, str) else " BY THE STAND-IN ONLY"
                print(f"{path.parent.name}: {answer['reason'][:200]} / {str(truth)[:200]}")
        counts[outcome] = counts.get(outcome, 0) + 1
    print(
        counts,
        f"median {sorted(times)[len(times) // 2]:.2f} s, longest {max(times):.2f} s",
        file=sys.stdout,
    )
    return 1 if any("different" in name or "ONLY" in name for name in counts) else 0


def build_with_stand_in(path: Path, python: str) -> dict[str, Any]:
    """The builder's answer."""
    request = {"config": json.loads(path.read_text()), "heads": [], "num_labels": None}
    return child.ask(request, python)


def build_with_torch(real: subprocess.Popen[str], path: Path, head: str) -> Any:
    """Real torch's answer."""
    if real.stdin is None or real.stdout is None:
        raise RuntimeError("no pipes")
    real.stdin.write(json.dumps([str(path.parent), head]) + "\n")
    real.stdin.flush()
    return json.loads(real.stdout.readline())


def compare_trees(real: subprocess.Popen[str], path: Path, answer: dict[str, Any]) -> str:
    """Equal, different, or built by the stand-in only."""
    truth, tree = build_with_torch(real, path, answer["head"]), answer["tree"]
    tree["extra"].pop("quantization", None)
    if isinstance(truth, str):
        print(f"{path.parent.name}: real torch: {truth[:200]}")
        return "built by the stand-in only"
    if truth == tree:
        return "equal"
    print(f"{path.parent.name}: {first_difference(truth, tree)}")
    return "different"
