"""Cost grows with what differs, not with layers or experts: `python -m bench.folding`.

Reads, matches and counts DeepSeek-R1 (61 layers, 256 experts written out in transformers 4.57) and
Llama-3.2-1B with the same config in the same process, and prints the ratio of the medians.
"""

from __future__ import annotations

import statistics
import time

from loracheck.plan import plan
from loracheck.trees.sources.bundle import find_tree

SMALL, BIG = "meta-llama/Llama-3.2-1B", "deepseek-ai/DeepSeek-R1"
NAMES = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def measure_median(model: str, runs: int = 200) -> tuple[float, int]:
    """Median milliseconds of look-up, matching and counting, and the number of modules."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        tree = find_tree(model, release="4.57.6")
        if tree is None:
            raise SystemExit(f"{model} is not bundled")
        plan({"r": 16, "target_modules": NAMES}, tree)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), sum(1 for _ in tree.modules())


def main() -> None:
    """Measure and print."""
    small, big = measure_median(SMALL), measure_median(BIG)
    for name, (milliseconds, modules) in ((SMALL, small), (BIG, big)):
        print(f"{name:<28}{modules:>8,} modules {milliseconds:8.2f} ms")
    print(f"ratio {big[0] / small[0]:.2f}")


if __name__ == "__main__":
    main()
