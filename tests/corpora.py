"""Small corpora for the tests of corpus scoring, and what a run gave."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]


def rows_of(texts: Sequence[str]) -> list[Row]:
    """Return records with an id and a nested field."""
    return [{"id": i, "text": text, "about": {"day": i % 28}} for i, text in enumerate(texts)]


def write_jsonl(path: Path, rows: Sequence[Row]) -> Path:
    """Write records as JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_parquet(path: Path, rows: Sequence[Row], group: int = 100) -> Path:
    """Write records as Parquet with row groups of a size."""
    pq.write_table(pa.Table.from_pylist(list(rows)), path, row_group_size=group)
    return path


def output(folder: Path) -> list[Row]:
    """Return the records in the parts of a run, in order."""
    found: list[Row] = []
    for path in sorted((folder / "parts").iterdir()):
        if path.suffix == ".parquet":
            found += pq.read_table(path).to_pylist()
        else:
            found += map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return found


def rejections(folder: Path) -> list[Row]:
    """Return what a run rejected."""
    return [json.loads(line) for line in (folder / "rejected.jsonl").read_text(encoding="utf-8").splitlines()]
