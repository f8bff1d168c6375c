"""Write the records of a part with what was found: as JSON lines, or as Parquet."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np

from stance.records import Row
from stance.tables import Float64

if TYPE_CHECKING:
    import pyarrow as pa

    from stance.sentences import Sentence

ROW_GROUP, GROUP_BYTES = 65_536, 32_000_000
"""Rows gathered before a row group is written, or bytes if that is reached before."""

DIGITS = 6
"""Decimals of a probability in JSON, as `stance predict --json` writes it."""


@dataclass(frozen=True)
class Found:
    """What was found for the records of a batch, n rows."""

    labels: list[str]
    probabilities: Float64  #: (n, K)
    digest: str  #: of the model
    sentences: list[Sentence] | None = None  #: where documents were split
    numbers: Sequence[int] = ()  #: of each sentence in its document, from 0


class Writer(Protocol):
    """What writes a part; `close` completes the file."""

    def write(self, rows: list[Row] | pa.Table, found: Found) -> None:
        """Add a batch of records."""

    def close(self) -> None:
        """Write what is still kept back."""


class JsonWriter:
    """JSON lines: the fields of the input, then the added ones."""

    def __init__(self, file: IO[bytes], names: Sequence[str]) -> None:
        self._file = file
        self._names = names

    def write(self, rows: list[Row] | pa.Table, found: Found) -> None:
        """Add a batch of records."""
        records = rows if isinstance(rows, list) else rows.to_pylist()
        values = zip(*_added(found, found.probabilities.round(DIGITS).T.tolist()), strict=True)
        lines = (to_json(row | dict(zip(self._names, v, strict=True))) for row, v in zip(records, values, strict=True))
        self._file.write("".join(lines).encode())

    def close(self) -> None:
        """Nothing is kept back."""


class ParquetWriter:
    """Parquet with the columns of the input and the added ones; probabilities are float32, the digest repeats."""

    def __init__(self, file: IO[bytes], names: Sequence[str], schema: pa.Schema, *, split: bool) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        places = [pa.int32()] * 3 if split else []
        types = [*places, pa.string(), *[pa.float32()] * (len(names) - len(places) - 2), pa.string()]
        self._input = schema
        self._schema = pa.schema([*schema, *map(pa.field, names, types)], schema.metadata)
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")
        self._kept: list[pa.Table] = []

    def write(self, rows: list[Row] | pa.Table, found: Found) -> None:
        """Add a batch of records."""
        import pyarrow as pa

        from stance.columns import table_of_rows

        table = table_of_rows(rows, self._input) if isinstance(rows, list) else rows
        values = _added(found, np.ascontiguousarray(found.probabilities.T, np.float32))
        new = [pa.array(v, self._schema.field(table.num_columns + i).type) for i, v in enumerate(values)]
        self._kept.append(pa.table([*table.columns, *new], schema=self._schema))
        if sum(map(len, self._kept)) >= ROW_GROUP or sum(t.nbytes for t in self._kept) >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is still kept back."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._kept:
            self._writer.write_table(pa.concat_tables(self._kept), row_group_size=2 * ROW_GROUP)
        self._kept = []


def to_json(row: Row) -> str:
    """Return a record as a line of JSON; what JSON lacks becomes text, numbers that are none null."""
    try:
        return _encode(row) + "\n"
    except ValueError:
        return _encode(_finite(row)) + "\n"


def _added(found: Found, probabilities: Iterable[Any]) -> Iterable[Any]:
    """Return the added columns in the order of `CorpusOptions.added`."""
    places: list[Any] = []
    if found.sentences is not None:
        places = [list(found.numbers), [s.start for s in found.sentences], [s.end for s in found.sentences]]
    return [*places, found.labels, *probabilities, [found.digest] * len(found.labels)]


def _plain(value: Any) -> Any:
    """Return what stands in JSON for a value of a Parquet file that JSON has no form for."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_plain).encode
