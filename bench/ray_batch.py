"""The same records by `loracheck batch` and by a small local Ray: `python -m bench.ray_batch
[--records 100000] [--cores 2]` needs `loracheck[ray]`. It prints what both took and ends with
status 1 where a row differs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .batch import write_records
from .speed import Yardstick, measure_once

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 5_000
"""Rows of one task. Ray itself makes tasks of up to 128 MiB, which is all of these records."""


def check_with_ray(source: Path, target: Path, cores: int) -> None:
    """Check a Parquet file with Ray Data, as the docs have it."""
    # Before Ray is imported: its workers are polite to all else on the machine by themselves.
    os.environ.setdefault("RAY_worker_niceness", "0")
    import ray

    from loracheck.api.arrow import check_table

    ray.init(num_cpus=cores, include_dashboard=False, log_to_driver=False)
    ray.data.DataContext.get_current().enable_progress_bars = False
    configs = ray.data.read_parquet(str(source))
    configs = configs.repartition(target_num_rows_per_block=ROWS)
    rows = configs.map_batches(check_table, batch_format="pyarrow", batch_size=256)
    rows.write_parquet(str(target))
    ray.shutdown()


def read_rows(path: Path) -> pa.Table:
    """The rows of a file, or of all files of a folder, by their ids."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    files = sorted(path.glob("*.parquet")) if path.is_dir() else [path]
    return pa.concat_tables([pq.read_table(each) for each in files]).sort_by("id")


def main() -> None:
    """Measure, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    with tempfile.TemporaryDirectory() as place:
        lines, source, few = (Path(place, name) for name in ("in.jsonl", "in.parquet", "few"))
        write_records(lines, options.records)
        table = pj.read_json(lines)
        pq.write_table(table, source, row_group_size=ROWS)
        pq.write_table(table.slice(0, options.records // 10), few.with_suffix(".parquet"))
        print(f"{options.records:,} records")
        for one, count in ((few.with_suffix(".parquet"), options.records // 10),
                           (source, options.records)):  # fmt: skip
            command = [sys.executable, "-m", "loracheck", "batch", "-j1", str(one)]
            command.append(str(Path(place, f"{count}.out.parquet")))
            row = measure_once(Yardstick("loracheck batch", command, says=f"{count:,} records"))
            print(f"loracheck batch, {count:>9,} {row.cpu / 1000:8.1f} s of CPU "
                  f"{row.wall / 1000:8.1f} s {row.cpu / count:6.2f} ms a record, "
                  f"peak {row.memory:.1f} MB", flush=True)  # fmt: skip
        start = time.monotonic()
        check_with_ray(source, Path(place, "ray"), options.cores)
        print(f"Ray Data, {options.cores} cores {time.monotonic() - start:35.1f} s")
        ours = read_rows(Path(place, f"{options.records}.out.parquet"))
        theirs = read_rows(Path(place, "ray")).cast(ours.schema)
        same, findings = theirs.equals(ours), sum(map(len, ours["findings"].to_pylist()))
    print(f"{theirs.num_rows:,} rows by Ray, {ours.num_rows:,} by the command with "
          f"{findings:,} findings: {'all are equal' if same else 'they differ'}")  # fmt: skip
    sys.exit(not same)


if __name__ == "__main__":
    main()
