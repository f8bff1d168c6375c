"""Rows in Parquet files, by pyarrow (extra ``corpus``)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from stance.errors import DataError, StanceError
from stance.files import read_bytes


def parquet_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (row number, row) of a Parquet file.

    Raises
    ------
    DataError
        If it is none.
    StanceError
        If pyarrow is not installed.
    """
    arrow = import_pyarrow(path)
    try:
        table = arrow.parquet.read_table(io.BytesIO(read_bytes(path)))
    except arrow.ArrowException as error:
        raise DataError(f"{path}: not a Parquet file ({error}); expected one with text and label columns") from None
    yield from enumerate(table.to_pylist(), 1)


def parquet_bytes(rows: Sequence[dict[str, Any]], path: Path) -> bytes:
    """Return the bytes of a Parquet file, a column for each field that any row has; the same rows, the same bytes.

    Raises
    ------
    DataError
        If a field holds values of different kinds.
    StanceError
        If pyarrow is not installed.
    """
    arrow = import_pyarrow(path)
    names = list(dict.fromkeys(name for row in rows for name in row))
    buffer = io.BytesIO()
    try:
        table = arrow.table({name: [row.get(name) for row in rows] for name in names})
        arrow.parquet.write_table(table, buffer)
    except arrow.ArrowException as error:
        raise DataError(f"{path}: a field with values of different kinds ({error}); write .jsonl instead") from None
    return buffer.getvalue()


def import_pyarrow(what: str | Path) -> Any:
    """Return pyarrow with its part for Parquet files, or raise a `StanceError` that says how to install it."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise StanceError(f"{what}: needs pyarrow; install it with: pip install 'stance-analysis[corpus]'") from None
    return pyarrow
