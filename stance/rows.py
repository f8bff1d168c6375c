"""Rows of files before they are examples: JSON lines and delimited text, and what readers of foreign files yield."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stance.errors import DataError
from stance.files import MAX_LINE, decode_lines, decode_text, read_bytes

LIST_FIELDS = ("readings", "readers", "notes")
"""The fields of an example that are lists; in a delimited file, JSON in a cell."""


@dataclass(frozen=True)
class Skipped:
    """Something that was left out of what was read."""

    where: str  #: file, and line or task
    reason: str


Row = tuple[str, dict[str, Any]]
"""Where it stands, and its fields as `stance.dataset.to_row` names them."""

Rows = Iterator[Row | Skipped]


def json_rows(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number, value) of a file with one JSON value a line; another line is a `DataError`."""
    for number, line in decode_lines(read_bytes(path), str(path)):
        try:
            yield number, json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise DataError(f"{path}:{number}: not JSON: {line[:40]!r}; expected one JSON object a line") from None


def csv_rows(path: Path, delimiter: str = ",", *, quoted: bool = True) -> Iterator[tuple[int, Any]]:
    """Yield (line number, row) of a delimited file with a header; empty cells are None, lists are JSON in a cell.

    Parameters
    ----------
    path : Path
    delimiter : str
    quoted : bool
        Whether quotation marks may enclose a cell; else they are part of the text.

    Raises
    ------
    DataError
        If the file cannot be read as such, or a list column holds no list.
    """
    data = read_bytes(path)
    for _ in decode_lines(data, str(path)):  # names the line that is not UTF-8, or too long
        pass
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    text = io.StringIO(decode_text(data, str(path)), newline="")
    csv.field_size_limit(max(MAX_LINE, csv.field_size_limit()))
    reader = csv.DictReader(text, delimiter=delimiter, quoting=quoting)
    try:
        _check_header(reader.fieldnames or (), delimiter, path)
        for row in reader:
            if None in row:
                expected = f"{len(reader.fieldnames or ())} columns as in the header: put cells with commas in quotes"
                raise DataError(f"{path}:{reader.line_num}: {len(row[None])} cells too many; expected {expected}")
            cells = {key: value or None for key, value in row.items() if key}
            lists = {
                name: _listed(cells[name], f"{path}:{reader.line_num}", name) for name in LIST_FIELDS if name in cells
            }
            yield reader.line_num, cells | lists
    except csv.Error as error:
        found = f"a cell of over {MAX_LINE:,} characters" if "field limit" in str(error) else str(error)
        expected = "expected text and label columns: check that every quotation mark is closed"
        raise DataError(f"{path}:{reader.reader.line_num}: {found}; {expected}") from None


def _check_header(names: Sequence[str], delimiter: str, path: Path) -> None:
    """Raise `DataError` where the one column's name shows that the columns are separated by something else."""
    others = {"semicolons": ";", "tabs": "\t", "commas": ","}
    found = [name for name, mark in others.items() if mark != delimiter and len(names) == 1 and mark in names[0]]
    if found:
        expected = next(name for name, mark in others.items() if mark == delimiter)
        raise DataError(f"{path}:1: {found[0]} between the columns; expected {expected}: save the file with those")


def _listed(cell: str | None, where: str, name: str) -> Any:
    try:
        return json.loads(cell or "[]")
    except (json.JSONDecodeError, RecursionError):
        raise DataError(f'{where}: {name} is {cell!r}; expected a JSON list such as ["oppose", "none"]') from None
