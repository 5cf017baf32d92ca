"""Rows of `batch` as Arrow: for Parquet files, Ray Data, Spark and whatever else speaks Arrow.

`check_table` takes and gives a table (Ray Data, pandas, polars), `check_batches` an iterator of
record batches (Spark's `mapInArrow`). Both are pure functions, as `batch` is. pyarrow is imported
when one is called; it comes with `loracheck[parquet]`.
"""

from __future__ import annotations

from loracheck.results import SettingResult
from loracheck.type_checking import TYPE_CHECKING

from .batch import LEFT_OUT, batch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

INPUT = ("id", "path", "text")
"""The columns that are read, as far as they are there; a record's `text` may be a binary column."""


def arrow_schema(ids: Any = None) -> Any:
    """The schema of the rows. `ids` is the Arrow type of the column `id`, text where it is None."""
    import pyarrow as pa

    finding = pa.struct(
        [(name, pa.string()) for name in ("code", "name", "severity", "message", "help", "field")]
        + [(name, pa.int32()) for name in ("line", "column", "end_line", "end_column")]
        + [("fix", pa.string())]
    )
    types = {"str": pa.string(), "int": pa.int64(), "bool": pa.bool_()}
    setting = pa.struct(
        [
            (name, types[kind.partition(" ")[0]])
            for name, kind in SettingResult.__annotations__.items()
            if name not in LEFT_OUT
        ]
    )
    return pa.schema(
        [
            ("id", pa.string() if ids is None else ids),
            ("path", pa.string()),
            ("reason", pa.string()),
            ("findings", pa.list_(finding)),
            ("settings", pa.list_(setting)),
        ]
    )


def get_id_type(schema: Any) -> Any:
    """The Arrow type of the column `id` of an input; None where it has none."""
    return schema.field("id").type if "id" in schema.names else None


def check_table(table: Any, **options: Any) -> Any:
    """A table with a row for each row of a `pyarrow.Table`; the options are those of `batch`.

    Raises what `batch` raises.
    """
    import pyarrow as pa

    schema = arrow_schema(get_id_type(table.schema))
    columns = [name for name in INPUT if name in table.column_names]
    return pa.Table.from_pylist(batch(table.select(columns).to_pylist(), **options), schema)


def check_batches(batches: Iterable[Any], **options: Any) -> Iterator[Any]:
    """A record batch with rows for each `pyarrow.RecordBatch`; the options are those of `batch`.

    Raises what `batch` raises.
    """
    import pyarrow as pa

    for one in batches:
        table = check_table(pa.Table.from_batches([one]), **options)
        yield from table.combine_chunks().to_batches()
