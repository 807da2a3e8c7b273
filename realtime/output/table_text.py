"""Arrow tables as CSV and JSON, written by Arrow's own code.

That code runs without Python's global lock, so that an export does not slow the streams, and takes
a fraction of the time of a loop in Python.
"""

from __future__ import annotations

import importlib
import io
from typing import Any

DIGITS = 4  # decimal places of floating-point numbers
BATCH_ROWS = 20_000  # joined at once


def csv_bytes(table: Any) -> bytes:
    """A `pyarrow.Table` of numbers and labels as CSV in UTF-8 with a header; null is empty."""
    csv = _arrow("csv")
    out = io.BytesIO()
    out.write(f"{','.join(table.column_names)}\n".encode())
    options = csv.WriteOptions(include_header=False, quoting_style="none")
    csv.write_csv(rounded(table), out, options)
    return out.getvalue()


def json_bytes(table: Any) -> bytes:
    """A `pyarrow.Table` of numbers and labels as a JSON list of objects."""
    out = io.BytesIO()
    out.write(b"[")
    for i, batch in enumerate(rounded(table).to_batches(max_chunksize=BATCH_ROWS)):
        out.write(b", " if i else b"")
        out.write(_objects(batch))
    out.write(b"]")
    return out.getvalue()


def parquet_bytes(table: Any) -> bytes:
    """A `pyarrow.Table` as a Parquet file."""
    out = io.BytesIO()
    _arrow("parquet").write_table(table, out)
    return out.getvalue()


def rounded(table: Any) -> Any:
    """The table with floating-point columns rounded to `DIGITS`, and labels as plain strings."""
    import pyarrow as pa

    pc = _arrow("compute")
    columns = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_floating(column.type):
            columns[name] = pc.round(pc.cast(column, pa.float64()), DIGITS)
        elif pa.types.is_dictionary(column.type):
            columns[name] = pc.cast(column, pa.string())
        else:
            columns[name] = column
    return pa.table(columns)


def _objects(batch: Any) -> bytes:
    """The rows as JSON objects, separated by commas."""
    import pyarrow as pa

    pc = _arrow("compute")

    def constant(text: str) -> Any:
        return pa.scalar(text, pa.large_string())

    parts: list[Any] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        text = pc.cast(column, pa.large_string())
        if pa.types.is_string(column.type):
            quote = constant('"')
            text = pc.binary_join_element_wise(quote, text, quote, constant(""))
        start = ", " if parts else "{"
        parts += [constant(f'{start}"{name}": '), pc.fill_null(text, "null")]
    objects = pc.binary_join_element_wise(*parts, constant("}"), constant(""))
    whole = pa.ListArray.from_arrays([0, len(objects)], objects)
    joined: bytes = pc.binary_join(whole, constant(", "))[0].as_buffer().to_pybytes()
    return joined


def _arrow(module: str) -> Any:
    """A module of pyarrow whose functions exist only at run time."""
    return importlib.import_module(f"pyarrow.{module}")
