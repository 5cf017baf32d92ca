"""`python -m bench.activations [--families llama,gpt2] [--lengths 512] [--worst 20]`: estimate over
measurement for every family, length, choice of targets, dropout, precision and attention, with and
without gradient checkpointing.
"""

from __future__ import annotations

import argparse
from collections import defaultdict

from .cases import Result, every_case, run
from .models import FAMILIES


def main() -> None:
    """Measure and print, the worst ones last."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--families", default=",".join(FAMILIES))
    parser.add_argument("--lengths", default="512,2048")
    parser.add_argument("--worst", type=int, default=20)
    options = parser.parse_args()
    chosen = options.families.split(",")
    lengths = tuple(map(int, options.lengths.split(",")))
    cases = [case for case in every_case(lengths) if case.family in chosen]
    results = [run(case) for case in cases]
    known = [result for result in results if result.ratio is not None]
    by_family: dict[str, list[Result]] = defaultdict(list)
    for result in known:
        by_family[result.case.family].append(result)
    for family, own in by_family.items():
        ratios = [result.ratio or 0 for result in own]
        print(f"{family:<10}{len(own):>4} cases  {min(ratios):.3f} to {max(ratios):.3f}")
    print(f"{len(results) - len(known)} of {len(results)} said to be not known")
    for result in sorted(known, key=lambda one: abs((one.ratio or 0) - 1))[-options.worst :]:
        print(f"{result.ratio:.3f}  {result.measured:>12,}  {result.case.words}")


if __name__ == "__main__":
    main()
