"""The same records by `loracheck batch` and by a small local Ray: `python -m bench.ray_batch
[--records 100000] [--workers 1]` needs `loracheck[ray]`. It prints the processor time of both and
ends with status 1 where a row differs.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .batch import write_records
from .speed import measure_peak


def check_with_ray(source: Path, target: Path, workers: int) -> None:
    """Check a Parquet file with Ray Data, as the docs have it."""
    import ray

    from loracheck.api.arrow import check_table

    # Ray's reader needs a core of its own.
    ray.init(num_cpus=workers + 1, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    data = ray.data.read_parquet(str(source))
    rows = data.map_batches(
        check_table, batch_format="pyarrow", batch_size=256, concurrency=workers
    )
    rows.write_parquet(str(target))
    ray.shutdown()


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    import pyarrow as pa
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as place:
        lines, source = Path(place, "in.jsonl"), Path(place, "in.parquet")
        write_records(lines, options.records)
        table = pj.read_json(lines)
        pq.write_table(table, source, row_group_size=10_000)
        command = [sys.executable, "-m", "loracheck", "batch", "-j1", str(source)]
        used, start = os.times(), time.monotonic()
        subprocess.run([*command, str(Path(place, "out.parquet"))], check=True)
        after = os.times()
        own = after.children_user + after.children_system
        own -= used.children_user + used.children_system
        print(f"loracheck batch  {own:8.1f} s of CPU {time.monotonic() - start:8.1f} s "
              f"{own / options.records * 1000:6.2f} ms a record")  # fmt: skip
        few = Path(place, "few.parquet")
        for count in (options.records // 10, options.records):
            pq.write_table(table.slice(0, count), few, row_group_size=10_000)
            peak = measure_peak([*command[:-1], str(few), str(Path(place, "few.out.parquet"))])
            print(f"peak memory of {count:,} records: {peak:.1f} MB")
        start = time.monotonic()
        check_with_ray(source, Path(place, "ray"), options.workers)
        print(f"Ray Data, {options.workers} workers {time.monotonic() - start:8.1f} s")
        theirs: Any = pa.concat_tables(
            [pq.read_table(each) for each in sorted(Path(place, "ray").glob("*.parquet"))]
        )
        ours = pq.read_table(Path(place, "out.parquet"))
        same = theirs.sort_by("id").cast(ours.schema).equals(ours.sort_by("id"))
    print("all rows are equal" if same else "rows differ")
    sys.exit(not same)


if __name__ == "__main__":
    main()
