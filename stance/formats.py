"""Labelled sentences in the formats that people have: read them all into examples, write them back without loss.

A format is told by its file; see `FORMATS` for their names. A label of another scheme (``favor``, ``con``, ``-1``) is
mapped as the user says and never guessed.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from stance.annotation_tools import read_doccano, read_label_studio, write_doccano, write_label_studio
from stance.dataset import Example, load_dataset, parse_example, to_row
from stance.errors import DataError, InputError
from stance.files import decode_lines, read_bytes, write_bytes
from stance.labels import LABELS
from stance.parquet import parquet_bytes, parquet_rows
from stance.public_formats import read_gwsd, read_newsmtsc, read_semeval, read_tweeteval
from stance.readings import check_ids, gather, settle
from stance.relabel import relabel, translation
from stance.rows import Row, Rows, Skipped, csv_rows, json_rows


@dataclass(frozen=True)
class Import:
    """What was read, in order, and what was left out."""

    examples: tuple[Example, ...]  #: those without a label too: not annotated, or readers split
    skipped: tuple[Skipped, ...]
    format: str  #: name of the format, see `FORMATS`

    @property
    def labelled(self) -> tuple[Example, ...]:
        """The examples that have a label."""
        return tuple(example for example in self.examples if example.label)


def read_examples(
    path: str | Path,
    format: str | None = None,  # noqa: A002 - the word users know
    *,
    mapping: Mapping[str, str | None] | None = None,
    labels: Sequence[str] | None = LABELS,
    columns: Mapping[str, str] | None = None,
) -> Import:
    """Read labelled or unlabelled sentences in any of the `FORMATS`.

    Parameters
    ----------
    path : str or Path
    format : str, optional
        Name of the format; told by the file where omitted.
    mapping : mapping, optional
        Labels of the file to labels of yours, ``{"favor": "support"}``; None leaves out what has the label.
    labels : labels, or None
        Those that need no mapping, by default the S-400's; None accepts all as they are.
    columns : mapping, optional
        Columns of the file to fields of an example, ``{"sentence": "text"}``.

    Returns
    -------
    Import
        Where several annotators read a sentence, the label is the majority's, and none where they are split.

    Raises
    ------
    DataError
        If the file cannot be read, or holds labels that are neither mapped nor known; they are listed with counts.
    InputError
        If there is no such format.
    """
    path = Path(path)
    name = format or detect_format(path)
    if name not in FORMATS:
        raise InputError(f"format {name!r} is unknown; expected one of {', '.join(FORMATS)}")
    items = list(FORMATS[name](path))
    renamed = [(item[0], _renamed(item[1], columns or {})) for item in items if not isinstance(item, Skipped)]
    _check_text(renamed)
    rows = gather(renamed)
    translate = translation(path, rows, mapping or {}, labels)
    skipped = [item for item in items if isinstance(item, Skipped)]
    examples = []
    for number, (where, row) in enumerate(rows, 1):
        told = relabel(where, row, translate)
        if isinstance(told, Skipped):
            skipped.append(told)
        else:
            examples.append(parse_example(told, None, where, f"{path.stem}-{number:05}", path.stem, undecided=True))
    if not items:
        raise DataError(f"{path}: no examples; expected one or more")
    check_ids(path, examples)
    return Import(tuple(map(settle, examples)), tuple(skipped), name)


def write_examples(examples: Iterable[Example], path: str | Path, format: str | None = None) -> None:  # noqa: A002
    """Write examples in one step, those without a label too.

    Parameters
    ----------
    examples : iterable of Example
    path : str or Path
    format : {"jsonl", "csv", "tsv", "parquet", "label-studio", "doccano"}, optional
        Told by the ending where omitted; ``.json`` is Label Studio's.

    Raises
    ------
    InputError
        If the format is unknown or only read.
    StanceError
        If the file cannot be written.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    name = format or {".ndjson": "jsonl", ".json": "label-studio"}.get(suffix, suffix[1:])
    if name not in WRITERS:
        found = f"cannot write {name or 'a file without ending'}"
        raise InputError(f"{path}: {found}; expected one of {', '.join(WRITERS)}")
    write_bytes(path, WRITERS[name](list(examples), path))


def detect_format(path: Path) -> str:
    """Return the name of the format that a file or folder is in.

    Raises
    ------
    DataError
        If it is none of the known ones.
    """
    suffix = path.suffix.lower()
    if path.is_dir():
        return _folder_format(path)
    if path.name.endswith("_text.txt") and path.with_name(path.name.replace("_text.txt", "_labels.txt")).exists():
        return "tweeteval"
    if suffix in (".txt", ".tsv"):
        head = next((line for _, line in decode_lines(read_bytes(path), str(path))), "").split("\t")
        if {"ID", "Target", "Tweet", "Stance"} <= set(head):
            return "semeval"
        return "text" if suffix == ".txt" else "gwsd" if {"guid", "worker_0"} <= set(head) else "tsv"
    if suffix in (".jsonl", ".ndjson"):
        row = next((row for _, row in json_rows(path)), None)
        if isinstance(row, dict) and {"polarity", "mention", "sentence"} <= row.keys():
            return "newsmtsc"
        return "doccano" if isinstance(row, dict) and isinstance(row.get("label"), list) else "jsonl"
    if suffix in (".csv", ".parquet", ".json"):
        return {".json": "label-studio"}.get(suffix, suffix[1:])
    known = ".jsonl, .csv, .tsv, .parquet, .json, .txt or a folder"
    raise DataError(f"{path}: cannot tell its format by its name; expected {known}: name the format with --from")


def _folder_format(path: Path) -> str:
    if any((path / name).exists() for name in ("dataset.json", "target.json")):
        return "dataset"
    if any(path.glob("*_text.txt")):
        return "tweeteval"
    expected = "a file, or a folder with dataset.json, target.json or, as in TweetEval, train_text.txt"
    raise DataError(f"{path}: a folder of other files; expected {expected}: put the sentences into one file")


def _located(rows: Iterable[tuple[int, Any]], path: Path) -> Rows:
    for number, row in rows:
        if not isinstance(row, dict):
            raise DataError(f"{path}:{number}: a {type(row).__name__}; expected an object with text and label")
        yield f"{path}:{number}", row


def _text_rows(path: Path) -> Rows:
    for number, line in decode_lines(read_bytes(path), str(path)):
        yield f"{path}:{number}", {"text": line}


def _dataset_rows(path: Path) -> Rows:
    for example in load_dataset(path):
        yield f"{path}: {example.id}", to_row(example)


def _renamed(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    return {columns.get(name, name): value for name, value in row.items()}


def _check_text(rows: Sequence[Row]) -> None:
    if rows and not any("text" in row for _, row in rows):
        found = ", ".join(map(str, rows[0][1])) or "nothing"
        raise DataError(
            f"{rows[0][0]}: no field 'text', only {found}; name the field with the sentence: --column NAME=text"
        )


def _cells(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as text: lists and objects as JSON."""
    return {
        key: json.dumps(v, ensure_ascii=False) if isinstance(v, (list, dict, bool)) else v for key, v in row.items()
    }


def _delimited(delimiter: str, examples: Sequence[Example], path: Path) -> bytes:  # noqa: ARG001 - as all writers
    rows = [_cells(to_row(example)) for example in examples]
    names = dict.fromkeys(name for row in rows for name in row)
    out = io.StringIO()
    writer = csv.DictWriter(out, names, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _json_lines(examples: Sequence[Example], path: Path) -> bytes:  # noqa: ARG001
    return "".join(json.dumps(to_row(example), ensure_ascii=False) + "\n" for example in examples).encode()


FORMATS: dict[str, Callable[[Path], Rows]] = {
    "jsonl": lambda path: _located(json_rows(path), path),
    "csv": lambda path: _located(csv_rows(path), path),
    "tsv": lambda path: _located(csv_rows(path, "\t"), path),
    "parquet": lambda path: _located(parquet_rows(path), path),
    "label-studio": read_label_studio,
    "doccano": read_doccano,
    "dataset": _dataset_rows,
    "text": _text_rows,
    "semeval": read_semeval,
    "tweeteval": read_tweeteval,
    "gwsd": read_gwsd,
    "newsmtsc": read_newsmtsc,
}
"""What can be read: rows of examples (``jsonl`` to ``parquet``), annotation tools, a dataset folder, one sentence a
line, and public corpora."""

WRITERS: dict[str, Callable[[Sequence[Example], Path], bytes]] = {
    "jsonl": _json_lines,
    "csv": partial(_delimited, ","),
    "tsv": partial(_delimited, "\t"),
    "parquet": lambda examples, path: parquet_bytes([to_row(example) for example in examples], path),
    "label-studio": lambda examples, _: write_label_studio(examples).encode(),
    "doccano": lambda examples, _: write_doccano(examples).encode(),
}
"""What can be written."""
