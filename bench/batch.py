"""What a million records cost: `python -m bench.batch [--records 20000]` has `loracheck batch`
check the configs of `bench.many` in one process, and prints its processor time and peak memory for
a tenth of the records and for all, and what a million would take.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from pathlib import Path

from .configs import make_adapter_config, make_recipe
from .speed import Yardstick, measure_once


def write_records(path: Path, records: int) -> None:
    """Three adapter configs to each configuration of LLaMA-Factory, the same each time."""
    draw = random.Random(1)
    with path.open("w", encoding="utf-8") as file:
        for number in range(records):
            if number % 4:
                record = {"id": number, "text": make_adapter_config(draw, number % 10 == 9)}
            else:
                record = {"id": number, "path": "a.yaml", "text": make_recipe(draw, False)}
            file.write(json.dumps(record) + "\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as place:
        os.environ["PYTHONPYCACHEPREFIX"] = cache
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        rows = []
        for count in (10, options.records // 10, options.records):
            source = Path(place, f"{count}.jsonl")
            write_records(source, count)
            command = [sys.executable, "-m", "loracheck", "batch", "-j1", str(source)]
            command.append(str(Path(place, "out.jsonl")))
            row = measure_once(Yardstick("loracheck batch", command, says=f"{count:,} records"))
            rows.append((count, row.cpu))
            print(
                f"{count:>9,} records {row.cpu / 1000:8.1f} s of CPU {row.memory:8.1f} MB",
                flush=True,
            )
    (_, _), (few, less), (many, more) = rows  # the first one has compiled loracheck
    slope = (more - less) / (many - few)
    print(f"a record: {slope:.2f} ms; a million: {slope / 3.6:.2f} hours of one core")


if __name__ == "__main__":
    main()
