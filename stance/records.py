"""Read records from JSON lines, CSV and TSV in bounded memory; what is no record is told, never dropped.

A batch holds the records in order with the text of each beside them. Lines are counted from 1, rows from 0.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stance.errors import DataError
from stance.files import MAX_LINE
from stance.lines import UNREADABLE, Lines, RecordError, decode, lines_from, opened
from stance.sources import Source

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_BYTES = 8_000_000
"""Text gathered before a batch ends, however few records that are: bounds memory for long documents."""

DELIMITERS = {"csv": ",", "tsv": "\t"}

Row = dict[str, Any]

_MISSING = object()
_NAMES = {bool: "a truth value", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a text"}


@dataclass(frozen=True)
class Rejected:
    """Records that cannot be scored, one or several in a row, and why."""

    place: Mapping[str, int]  #: line and byte, or row
    reason: str
    records: int = 1


@dataclass(frozen=True)
class Batch:
    """Consecutive records; rejected ones are left out of `texts` and `rows`."""

    first: int  #: records of the segment that stand before it
    records: int  #: records it was read from
    texts: list[str]
    rows: list[Row] | pa.Table  #: the records that `texts` stand in
    rejected: list[Rejected] = field(default_factory=list)
    lines: int = 0  #: lines of the segment read so far
    share: float = 1.0  #: how much of the segment is read


class _TextLines:
    """Lines as text for the CSV reader; `problem` keeps what was wrong with those since it was last emptied."""

    def __init__(self, lines: Lines) -> None:
        self.problem = ""
        self._lines = lines

    def __iter__(self) -> _TextLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        try:
            return decode(line, self._lines)
        except RecordError as error:
            self.problem = str(error)
        return "\n" if len(line) > MAX_LINE else line.decode(errors="replace").replace("\0", " ")


class _Gathered:
    """The batch that is being filled."""

    def __init__(self, column: str, limit: int) -> None:
        self._column, self._limit, self._first = column, limit, 0
        self._empty()

    def _empty(self) -> None:
        self._rows: list[Row] = []
        self._rejected: list[Rejected] = []
        self._records = self._bytes = 0

    def add(self, row: Row, size: int) -> None:
        self._rows.append(row)
        self._records += 1
        self._bytes += size

    def reject(self, place: Mapping[str, int], reason: object) -> None:
        self._rejected.append(Rejected(place, str(reason)))
        self._records += 1

    def full(self) -> bool:
        return self._records >= self._limit or self._bytes >= BATCH_BYTES

    def take(self, lines: int, share: float) -> Batch:
        texts = [row[self._column] for row in self._rows]
        batch = Batch(self._first, self._records, texts, self._rows, self._rejected, lines, min(share, 1.0))
        self._first += self._records
        self._empty()
        return batch


def read_json(
    source: Source, start: int, stop: int | None, column: str, added: frozenset[str], limit: int
) -> Iterator[Batch]:
    """Yield batches of the objects in the lines that start within a range of bytes (`stop` None: to the end)."""
    gathered, number = _Gathered(column, limit), 0
    try:
        with opened(source) as (file, raw):
            lines = lines_from(file, start, stop)
            for line in lines:
                number = lines.number
                try:
                    text = decode(line, lines)
                    if not text.isspace():
                        gathered.add(json_record(text, column, added), len(line))
                except RecordError as error:
                    gathered.reject(lines.place(), error)
                if gathered.full():
                    read = (lines.next - start) / (stop - start) if stop else raw.tell() / source.size
                    yield gathered.take(number, read)
    except UNREADABLE as error:
        gathered.reject({"line": number + 1}, f"the file cannot be read from here on ({error})")
    yield gathered.take(number, 1.0)


def read_csv(source: Source, column: str, header: Sequence[str], limit: int) -> Iterator[Batch]:
    """Yield batches of the rows below the header of a CSV or TSV file; every value is a text."""
    gathered, number = _Gathered(column, limit), 0
    try:
        with opened(source) as (file, raw):
            lines = Lines(file)
            text = _TextLines(lines)
            reader = _reader(text, source.kind)
            next(reader, None)
            while True:
                number, before = lines.number, lines.next
                try:
                    values = next(reader)
                    if values or text.problem:
                        gathered.add(_csv_record(values, text, header, column), lines.next - before)
                except StopIteration:
                    break
                except (RecordError, csv.Error) as error:
                    gathered.reject(_span(number + 1, lines.number), text.problem or error)
                text.problem = ""
                if gathered.full():
                    yield gathered.take(lines.number, raw.tell() / source.size)
    except UNREADABLE as error:
        gathered.reject({"line": number + 1}, f"the file cannot be read from here on ({error})")
    yield gathered.take(number, 1.0)


def csv_header(source: Source) -> list[str]:
    """Return the column names of a CSV or TSV file.

    Raises
    ------
    DataError
        If it has no header of different names in UTF-8.
    """
    try:
        with opened(source) as (file, _):
            text = _TextLines(Lines(file))
            names: list[str] = next(_reader(text, source.kind), [])
    except (*UNREADABLE, csv.Error) as error:
        raise DataError(f"cannot be read ({error})") from None
    if text.problem or not names or len(set(names)) < len(names):
        found = text.problem or (f"the header is {', '.join(names)}" if names else "no header")
        raise DataError(f"{found}; expected a first line of column names, each once")
    return names


# NaN and Infinity, which Python writes though they are no JSON, are read as null.
_parse = json.JSONDecoder(parse_constant=lambda _: None).decode


def json_record(line: str, column: str, added: frozenset[str]) -> Row:
    """Return the object in a line if it can be scored, or raise `RecordError`."""
    try:
        row = _parse(line)
        if "\\u" in line:
            json.dumps(row, ensure_ascii=False).encode()  # lone surrogates are no Unicode
    except UnicodeEncodeError:
        raise RecordError("half of a surrogate pair; expected Unicode text") from None
    except (ValueError, RecursionError):
        raise RecordError("not JSON; expected one object a line") from None
    if type(row) is not dict:
        raise RecordError(f"{_NAMES.get(type(row), 'null')}; expected an object")
    check_text(row.get(column, _MISSING), column)
    if not added.isdisjoint(row):
        clash = ", ".join(sorted(added.intersection(row)))
        raise RecordError(f"has the field {clash}, which the run adds; rename the added fields with --prefix")
    return row


def check_text(value: object, column: str) -> None:
    """Raise `RecordError` unless `value` is a text that can be scored."""
    if type(value) is str:
        if len(value) > MAX_LINE:
            raise RecordError(f"{column} has {len(value):,} characters; expected at most {MAX_LINE:,}")
        if not value or value.isspace():
            raise RecordError(f"{column} is empty")
        return
    if value is _MISSING:
        raise RecordError(f"no field {column!r}")
    raise RecordError(f"{column} is {_NAMES.get(type(value), 'null')}; expected a text")


def _span(first: int, last: int) -> dict[str, int]:
    """Return where a record stands that may cover several lines."""
    return {"line": first} | ({"lines": last - first + 1} if last > first else {})


def _reader(text: _TextLines, kind: str) -> Any:
    csv.field_size_limit(max(MAX_LINE, csv.field_size_limit()))
    return csv.reader(text, delimiter=DELIMITERS[kind])


def _csv_record(values: list[str], text: _TextLines, header: Sequence[str], column: str) -> Row:
    if text.problem:
        raise RecordError(text.problem)
    if len(values) != len(header):
        raise RecordError(f"{len(values)} fields; expected {len(header)} as in the header")
    row = dict(zip(header, values, strict=True))
    check_text(row[column], column)
    return row
