"""Labelled examples: loading, validation and fingerprint.

A dataset is a folder with ``dataset.json`` (name, version, target, labels) and ``sentences/``, JSONL or CSV files, one
example a line and one file a slice; or a target's folder, whose ``target.json`` says the same; or a single JSONL or CSV
file with the columns ``text`` and ``label``.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.files import decode_lines, read_bytes

SPLITS = ("train", "valid", "test")

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_OPTIONAL = ("holder", "style", "date", "fragment", "split")


@dataclass(frozen=True)
class Example:
    """One labelled sentence."""

    id: str
    text: str
    label: str
    holder: str | None = None  #: whose stance it is; None where there is none
    style: str | None = None  #: wire, headline, transcript, ...
    date: str | None = None  #: YYYY, YYYY-MM or YYYY-MM-DD of the text
    fragment: str | None = None  #: the article it belongs to; a fragment never straddles a split
    split: str | None = None  #: train, valid or test
    readings: tuple[str, ...] = ()  #: labels of the readers in order, where several read it blind
    slice: str = ""  #: the file it stands in

    @property
    def group(self) -> str:
        """Name of what must stay together: the fragment, or the example alone."""
        return self.fragment or self.id


@dataclass(frozen=True)
class Dataset:
    """Examples with the target and labels they are about."""

    name: str
    version: int
    target: str
    label_names: tuple[str, ...]
    examples: tuple[Example, ...]

    def __len__(self) -> int:
        return len(self.examples)

    def __iter__(self) -> Iterator[Example]:
        return iter(self.examples)

    @property
    def texts(self) -> list[str]:
        """The sentences in order."""
        return [example.text for example in self.examples]

    @property
    def labels(self) -> list[str]:
        """Their labels."""
        return [example.label for example in self.examples]

    @property
    def groups(self) -> list[str]:
        """Their groups, for grouped cross-validation and bootstrap."""
        return [example.group for example in self.examples]

    def subset(self, *splits: str) -> Dataset:
        """Return the examples of the given splits."""
        return replace(self, examples=tuple(e for e in self.examples if e.split in splits))

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all fields of all examples in order of id: it changes when any of them does."""
        digest = hashlib.sha256(json.dumps([self.name, self.version, self.target, self.label_names]).encode())
        for example in sorted(self.examples, key=lambda e: e.id):
            digest.update(json.dumps(to_row(example), sort_keys=True).encode())
        return digest.hexdigest()


def load_dataset(path: str | Path) -> Dataset:
    """Load and validate a dataset folder or a labelled file.

    Parameters
    ----------
    path : str or Path
        A folder with ``dataset.json`` or ``target.json``, a ``.jsonl`` file or a ``.csv`` file.

    Raises
    ------
    DataError
        At the first row that is wrong, naming file, line, what was found and what was expected.
    """
    path = Path(path)
    if path.is_dir():
        return _load_folder(path)
    examples = tuple(_examples(path, _rows(path), None))
    if not examples:
        raise DataError(f"{path}: no examples; expected one labelled sentence a line")
    return Dataset(path.stem, 1, "", tuple(sorted({e.label for e in examples})), examples)


def to_row(example: Example) -> dict[str, Any]:
    """Return the JSON object that stands for `example` in its file."""
    row: dict[str, Any] = {"id": example.id, "text": example.text, "label": example.label}
    row |= {name: getattr(example, name) for name in _OPTIONAL}
    if example.readings:
        row["readings"] = list(example.readings)
    return row


def _load_folder(path: Path) -> Dataset:
    about = path / "target.json" if (path / "target.json").is_file() else path / "dataset.json"
    try:
        facts = json.loads(read_bytes(about))
        target = str(facts["description"] if about.name == "target.json" else facts["target"])
        name, version = str(facts["name"]), int(facts["version"])
        labels = tuple(str(label["name"] if isinstance(label, dict) else label) for label in facts["labels"])
    except (json.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        needed = "name, version, description" if about.name == "target.json" else "name, version, target"
        raise DataError(f"{about}: {error!r}; expected a JSON object with {needed} and labels") from None
    examples: list[Example] = []
    seen: dict[str, str] = {}
    for file in sorted(file for file in (path / "sentences").glob("*") if file.suffix in (".jsonl", ".csv")):
        for example in _examples(file, _rows(file), labels):
            if example.id in seen:
                raise DataError(f"{file}: id {example.id!r} stands in {seen[example.id]} too; expected unique ids")
            seen[example.id] = file.name
            examples.append(example)
    if not examples:
        raise DataError(f"{path}: no examples; expected JSONL or CSV files in {path / 'sentences'}")
    _check_splits(path, examples)
    return Dataset(name, version, target, labels, tuple(examples))


def _check_splits(path: Path, examples: Iterable[Example]) -> None:
    splits: dict[str, str | None] = {}
    for example in examples:
        if splits.setdefault(example.group, example.split) != example.split:
            found = f"fragment {example.group!r} stands in {splits[example.group]} and {example.split}"
            raise DataError(f"{path}: {found}; expected one split")


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    return _csv_rows(path) if path.suffix.lower() == ".csv" else _json_rows(path)


def _json_rows(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in decode_lines(read_bytes(path), str(path)):
        try:
            yield number, json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise DataError(f"{path}:{number}: not JSON: {line[:40]!r}; expected one JSON object a line") from None


def _csv_rows(path: Path) -> Iterator[tuple[int, Any]]:
    text = "\n".join(line for _, line in decode_lines(read_bytes(path), str(path)))
    reader = csv.DictReader(io.StringIO(text))
    try:
        for row in reader:
            yield reader.line_num, {key: value or None for key, value in row.items() if key}
    except csv.Error as error:
        raise DataError(f"{path}:{reader.line_num}: {error}; expected comma-separated text and label columns") from None


def _examples(path: Path, rows: Iterable[tuple[int, Any]], labels: Sequence[str] | None) -> Iterator[Example]:
    for number, row in rows:
        yield _example(row, labels, f"{path}:{number}", f"{path.stem}-{number:05}", path.stem)


def _example(row: Any, labels: Sequence[str] | None, where: str, default_id: str, slice_name: str) -> Example:
    """Return a validated example; `labels` None accepts any label."""
    if not isinstance(row, dict):
        raise DataError(f"{where}: a {type(row).__name__}; expected an object with text and label")
    text = _field(row, "text", where, str.strip, "a sentence")
    label = _field(
        row, "label", where, lambda v: not labels or v in labels, f"one of {', '.join(labels or ['any label'])}"
    )
    readings = row.get("readings") or []
    if not isinstance(readings, list) or not all(isinstance(r, str) and (not labels or r in labels) for r in readings):
        raise DataError(f"{where}: readings is {readings!r}; expected a list of labels")
    optional = {name: row.get(name) for name in _OPTIONAL}
    optional["fragment"] = optional["fragment"] or row.get("article")
    for name, value in optional.items():
        if value is not None and not isinstance(value, str):
            raise DataError(f"{where}: {name} is {value!r}; expected text or null")
    _check_optional(optional, where, strict=labels is not None)
    return Example(
        id=str(row.get("id") or default_id),
        text=text,
        label=label,
        readings=tuple(readings),
        slice=slice_name,
        **optional,
    )


def _field(row: dict[str, Any], name: str, where: str, accept: Callable[[str], object], expected: str) -> str:
    if name not in row:
        raise DataError(
            f"{where}: no field {name!r}, only {', '.join(map(str, row)) or 'nothing'}; expected {expected}"
        )
    value = row[name]
    if not isinstance(value, str) or not accept(value):
        raise DataError(f"{where}: {name} is {value!r}; expected {expected}")
    return value


def _check_optional(values: dict[str, str | None], where: str, *, strict: bool) -> None:
    split, date = values["split"], values["date"]
    if split is not None and split not in SPLITS:
        raise DataError(f"{where}: split is {split!r}; expected one of {', '.join(SPLITS)}")
    if strict and date is not None and not _DATE.fullmatch(date):
        raise DataError(f"{where}: date is {date!r}; expected YYYY, YYYY-MM or YYYY-MM-DD")
