"""Records as Arrow tables: reading Parquet by row groups, and turning rows into columns.

Tables stay tables from file to file: per record only its text becomes a Python object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from stance.errors import DataError
from stance.files import MAX_LINE
from stance.lines import RecordError
from stance.records import Batch, Rejected, Row, check_text
from stance.sources import Source

OTHER_FIELDS = "other_fields"
"""Column for what a JSON record holds beside the columns, as JSON text."""

READ_ROWS = 8192
READ_BYTES = 16_000_000
"""A row group is read in steps of at most so many rows and, by its average, so many bytes."""

_TYPES: dict[type, pa.DataType] = {str: pa.string(), bool: pa.bool_(), int: pa.int64(), float: pa.float64()}
_DAMAGE = (pa.ArrowException, OSError)


def read_parquet(
    source: Source, groups: range, first_row: int, column: str, schema: pa.Schema, limit: int
) -> Iterator[Batch]:
    """Yield batches of the rows of consecutive row groups; what cannot be read of a group is one rejection."""
    try:
        file = pq.ParquetFile(source.path, buffer_size=1 << 20)
    except _DAMAGE as error:
        raise DataError(f"{source.path}: cannot be read ({str(error).splitlines()[0]}); check the file") from None
    start = first_row
    with file:
        sizes = [file.metadata.row_group(group).num_rows for group in groups]
        for group, size in zip(groups, sizes, strict=True):
            read = 0
            try:
                for table in _tables(file, group, schema):
                    for part in (table.slice(i, limit) for i in range(0, len(table), limit)):
                        share = (start + read + len(part) - first_row) / sum(sizes)
                        yield _batch(part, column, start + read - first_row, start + read, share)
                        read += len(part)
            except _DAMAGE as error:
                reason = f"{size - read} rows cannot be read ({str(error).splitlines()[0]})"
                rejected = [Rejected({"row": start + read}, reason, size - read)]
                yield Batch(start + read - first_row, size - read, [], schema.empty_table(), rejected)
            start += size


def parquet_groups(source: Source, column: str) -> tuple[pa.Schema, list[tuple[int, int]]]:
    """Return the columns of a Parquet file, and rows and bytes of its row groups.

    Raises
    ------
    DataError
        If it is damaged, or its text column is missing or holds no text.
    """
    try:
        with pq.ParquetFile(source.path) as file:
            schema, about = file.schema_arrow, file.metadata
            groups = [about.row_group(index) for index in range(file.num_row_groups)]
            sizes = [(group.num_rows, group.total_byte_size) for group in groups]
    except _DAMAGE as error:
        raise DataError(f"not Parquet, or damaged ({str(error).splitlines()[0]})") from None
    if column not in schema.names:
        raise DataError(f"no column {column!r}, only {', '.join(schema.names)}; choose one with --text-column")
    kind = schema.field(column).type
    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)):
        raise DataError(f"column {column!r} is {kind}; expected text; choose another with --text-column")
    return schema, sizes


def common_schema(schemas: Sequence[pa.Schema]) -> pa.Schema:
    """Return the columns of several files together.

    Raises
    ------
    DataError
        If a column has types in them that no type covers.
    """
    try:
        return pa.unify_schemas(list(schemas), promote_options="permissive")
    except pa.ArrowException as error:
        raise DataError(f"the files have different columns ({str(error).splitlines()[0]}); score them apart") from None


def schema_of_rows(rows: Sequence[Row], column: str) -> pa.Schema:
    """Return columns for JSON records, judged by some of them.

    A field whose values are all texts, all truth values or all numbers becomes a column; nested, mixed and later fields
    go to the column `OTHER_FIELDS` as JSON text.
    """
    kinds: dict[str, set[type]] = {column: {str}}
    for row in rows:
        for name, value in row.items():
            kinds.setdefault(name, set()).add(type(value))
    fields = []
    for name, found in kinds.items():
        found.discard(type(None))
        kind = float if found == {int, float} else next(iter(found)) if len(found) == 1 else None
        if kind in _TYPES and name != OTHER_FIELDS:
            fields.append(pa.field(name, _TYPES[kind]))
    return pa.schema([*fields, pa.field(OTHER_FIELDS, pa.string())])


def table_of_rows(rows: Sequence[Row], schema: pa.Schema) -> pa.Table:
    """Return rows as a table; what fits no column goes to `OTHER_FIELDS`, if the schema has it."""
    left: list[Row] = [{} for _ in rows]
    columns = [
        _column([row.get(field.name) for row in rows], field, left) for field in schema if field.name != OTHER_FIELDS
    ]
    if OTHER_FIELDS in schema.names:
        known = set(schema.names) - {OTHER_FIELDS}
        for row, rest in zip(rows, left, strict=True):
            if not row.keys() <= known:
                rest.update((name, value) for name, value in row.items() if name not in known)
        columns.append(pa.array([json.dumps(rest, ensure_ascii=False) if rest else None for rest in left], pa.string()))
    return pa.table(columns, schema=schema)


def _column(values: list[Any], field: pa.Field, left: list[Row]) -> pa.Array:
    """Return the values of a field as an array; those of another type stay behind in `left`."""
    if not {*map(type, values)} <= {_PYTHON[field.type], type(None)}:
        for index, value in enumerate(values):
            fits = type(value) is _PYTHON[field.type] or (type(value) is int and field.type == pa.float64())
            if value is not None and not fits:
                left[index][field.name], values[index] = value, None
    try:
        return pa.array(values, field.type)
    except (pa.ArrowException, OverflowError):  # numbers too large for the column
        for index, value in enumerate(values):
            if type(value) is int and abs(value) >= 1 << (53 if field.type == pa.float64() else 63):
                left[index][field.name], values[index] = value, None
        return pa.array(values, field.type)


_PYTHON = {arrow: python for python, arrow in _TYPES.items()}


def _tables(file: pq.ParquetFile, group: int, schema: pa.Schema) -> Iterator[pa.Table]:
    """Yield the rows of a row group in steps that follow from the file alone, in the columns of `schema`."""
    about = file.metadata.row_group(group)
    step = max(1, min(READ_ROWS, READ_BYTES * about.num_rows // max(about.total_byte_size, 1)))
    for batch in file.iter_batches(step, row_groups=[group], use_threads=False):
        table = pa.Table.from_batches([batch])
        if not table.schema.equals(schema):
            known = set(table.schema.names)
            columns = [
                table[name].cast(kind) if name in known else pa.nulls(len(table), kind)
                for name, kind in zip(schema.names, schema.types, strict=True)
            ]
            table = pa.table(columns, schema=schema)
        yield table


def _batch(table: pa.Table, column: str, first: int, row: int, share: float) -> Batch:
    """Return the batch of a table whose first row is `row` of its file."""
    texts = _sound_texts(table, column)
    if texts is not None:
        return Batch(first, len(table), texts, table, share=share)
    good: list[int] = []
    texts, rejected = [], []
    for index in range(len(table)):
        try:
            texts.append(_text(table.slice(index, 1), column))
            good.append(index)
        except RecordError as error:
            rejected.append(Rejected({"row": row + index}, str(error)))
    return Batch(first, len(table), texts, table.take(pa.array(good, pa.int64())), rejected, share=share)


def _sound_texts(table: pa.Table, column: str) -> list[str] | None:
    """Return the texts of a table, None if any row needs a closer look."""
    try:
        table.validate(full=True)
    except pa.ArrowException:
        return None
    values = table[column]
    if values.null_count:
        return None
    texts: list[str] = values.to_pylist()
    sound = all(map(str.strip, texts)) and max(map(len, texts), default=0) <= MAX_LINE
    return texts if sound else None


def _text(row: pa.Table, column: str) -> str:
    """Return the text of a table of one row, or raise `RecordError`."""
    for name in row.column_names:
        try:
            # A copy of the one row: its neighbours' damage is not looked at.
            pc.take(row[name], pa.array([0])).validate(full=True)
        except pa.ArrowException:
            raise RecordError(f"column {name} is not UTF-8") from None
    value = row[column][0].as_py()
    check_text(value, column)
    return str(value)
