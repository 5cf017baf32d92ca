"""`python -m bench.oracle`: the differential run from the command line.

With `--releases` the run is made with each of those PEFT releases in its own environment.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

REGRESSIONS = Path(__file__).parents[2] / "tests" / "plan" / "regressions"


def main() -> int:
    """Run, print the table, keep differences if asked; 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.oracle", description=__doc__)
    parser.add_argument("--pairs", type=int, default=10_000)
    parser.add_argument("--library", choices=["transformers", "diffusers"], default="transformers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="specs that contain this text, e.g. llama/ or /CausalLM")
    parser.add_argument("--stop", type=int, default=20, help="stop after so many differences")
    parser.add_argument("--method", help="another of PEFT's methods, e.g. adalora, or all of them")
    parser.add_argument("--keep", action="store_true", help="write differences as regression cases")
    parser.add_argument("--table", type=Path, help="write the table of the run here")
    parser.add_argument("--json", type=Path, help="write what was counted here")
    parser.add_argument("--releases", help="run with these PEFT releases, e.g. 0.10,0.14,0.17")
    parser.add_argument("--environments", help="folder of their environments, made with pip")
    options = parser.parse_args()
    if options.method:
        from .methods import run_methods

        return int(bool(run_methods(options.method, options.pairs, options.seed)))
    if options.releases:
        from .releases import main as all_releases

        return all_releases(options)

    import transformers

    from . import diffusers_models, models, report
    from .differential_run import run_pairs

    transformers.logging.set_verbosity_error()
    listed = (
        diffusers_models.list_specs() if options.library == "diffusers" else models.list_specs()
    )
    specs = [spec for spec in listed if not options.only or options.only in spec]
    tally = run_pairs(specs, options.pairs, options.seed, stop=options.stop)
    text = report.format_table(tally, options.seed)
    sys.stdout.write(text)
    if options.json:
        options.json.write_text(json.dumps(report.to_counts(tally)), encoding="utf-8")
    if options.table:
        options.table.write_text(text, encoding="utf-8")
    if options.keep:
        REGRESSIONS.mkdir(parents=True, exist_ok=True)
        for found in tally.differences:
            case = {"spec": found.spec, "config": found.config}
            name = f"{found.spec.replace('/', '-')}-{'-'.join(found.config)}"[:90]
            data = json.dumps(case, indent=1) + "\n"
            (REGRESSIONS / f"{name}.json").write_text(data, encoding="utf-8")
    return int(bool(tally.differences))


if __name__ == "__main__":
    sys.exit(main())
