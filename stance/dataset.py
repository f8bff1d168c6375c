"""Labelled examples: loading, validation and fingerprint.

A dataset is a folder with ``dataset.json`` (name, version, target, labels) and ``sentences/``, JSONL or CSV files, one
example a line and one file a slice; or a target's folder, whose ``target.json`` says the same; or a single JSONL or CSV
file with the columns ``text`` and ``label``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.files import read_bytes
from stance.rows import LIST_FIELDS, csv_rows, json_rows

SPLITS = ("train", "valid", "test")

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_OPTIONAL = ("holder", "style", "date", "fragment", "split")
_KNOWN = {"id", "text", "label", "article", *_OPTIONAL, *LIST_FIELDS}

UNDECIDED = ""
"""Label of an example that has none yet: not annotated, or its readers are split. `load_dataset` refuses it."""


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
    readers: tuple[str, ...] = ()  #: who gave the readings, in the same order
    notes: tuple[str, ...] = ()  #: remarks on it; those of the readers, where there are as many as readings
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)  #: other fields of its file, kept as they are

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
    source: str = field(default="", compare=False)  #: the file or folder it was read from, for messages

    def __str__(self) -> str:
        return self.source or self.name

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
    labels = tuple(sorted({e.label for e in examples}))
    _check_case(path, labels)
    return Dataset(path.stem, 1, "", labels, examples, str(path))


def to_row(example: Example) -> dict[str, Any]:
    """Return the JSON object that stands for `example` in its file."""
    row: dict[str, Any] = {"id": example.id, "text": example.text, "label": example.label or None}
    row |= {name: getattr(example, name) for name in _OPTIONAL}
    row |= {name: list(getattr(example, name)) for name in LIST_FIELDS if getattr(example, name)}
    return row | dict(example.more)


def majority(readings: Sequence[str]) -> str:
    """Return the label that most readers gave, `UNDECIDED` where no label leads."""
    votes = Counter(readings).most_common(2)
    tied = len(votes) == 2 and votes[0][1] == votes[1][1]
    return votes[0][0] if votes and not tied else UNDECIDED


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
    return Dataset(name, version, target, labels, tuple(examples), str(path))


def _check_case(path: Path, labels: Sequence[str]) -> None:
    """Raise `DataError` where labels differ in nothing but case: hardly two classes."""
    seen: dict[str, str] = {}
    for label in labels:
        other = seen.setdefault(label.casefold(), label)
        if other != label:
            advice = f"make them one, for example with: stance convert {path} OUT --keep-labels --map {other}={label}"
            raise DataError(f"{path}: labels {other!r} and {label!r} differ in case only; {advice}")


def _check_splits(path: Path, examples: Iterable[Example]) -> None:
    splits: dict[str, str | None] = {}
    for example in examples:
        if splits.setdefault(example.group, example.split) != example.split:
            found = f"fragment {example.group!r} stands in {splits[example.group]} and {example.split}"
            raise DataError(f"{path}: {found}; expected one split")


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    return csv_rows(path) if path.suffix.lower() == ".csv" else json_rows(path)


def _examples(path: Path, rows: Iterable[tuple[int, Any]], labels: Sequence[str] | None) -> Iterator[Example]:
    for number, row in rows:
        yield parse_example(row, labels, f"{path}:{number}", f"{path.stem}-{number:05}", path.stem)


def parse_example(
    row: Any, labels: Sequence[str] | None, where: str, default_id: str, slice_name: str, *, undecided: bool = False
) -> Example:
    """Return the example that a JSON object stands for.

    Parameters
    ----------
    row : object
        As `to_row` gives it.
    labels : labels, or None
        None accepts any label.
    where : str
        File and line, for the messages.
    default_id, slice_name : str
        Id of a row without one, and the name of its file.
    undecided : bool
        Whether an example may be without a label.

    Raises
    ------
    DataError
        If a field is missing or wrong.
    """
    if not isinstance(row, dict):
        raise DataError(f"{where}: a {type(row).__name__}; expected an object with text and label")
    text = _field(row, "text", where, str.strip, "a sentence")
    label = _label(row, labels, where, undecided=undecided)
    lists = {name: _list_field(row, name, where, labels if name == "readings" else None) for name in LIST_FIELDS}
    if lists["readers"] and len(lists["readers"]) != len(lists["readings"]):
        found = f"{len(lists['readers'])} readers of {len(lists['readings'])} readings"
        raise DataError(f"{where}: {found}; expected one reader for each reading")
    optional: dict[str, Any] = {name: row.get(name) for name in _OPTIONAL}
    optional["fragment"] = optional["fragment"] or row.get("article")
    for name, value in optional.items():
        if value is not None and not isinstance(value, str):
            raise DataError(f"{where}: {name} is {value!r}; expected text or null")
    _check_optional(optional, where, strict=labels is not None)
    return Example(
        id=default_id if row.get("id") in (None, "") else str(row["id"]),
        text=text,
        label=label,
        slice=slice_name,
        more={name: value for name, value in row.items() if name not in _KNOWN and value is not None},
        **(optional | lists),
    )


def _label(row: dict[str, Any], labels: Sequence[str] | None, where: str, *, undecided: bool) -> str:
    """Return the label of a row, without the blanks around it."""
    value = row.get("label")
    blank = value is None or (isinstance(value, str) and not value.strip())
    if blank and undecided:
        return UNDECIDED
    if blank and "label" in row:
        advice = "give it one, or leave out all such with: stance convert IN OUT --labelled --keep-labels"
        raise DataError(f"{where}: no label; {advice}")
    expected = f"one of {', '.join(labels)}" if labels else "a label"
    return _field(row, "label", where, lambda v: v.strip() in labels if labels else True, expected).strip()


def _list_field(row: dict[str, Any], name: str, where: str, labels: Sequence[str] | None) -> tuple[str, ...]:
    values = row.get(name) or []
    if name == "readings" and isinstance(values, list):
        values = [value.strip() if isinstance(value, str) else value for value in values]
    if not isinstance(values, list) or not all(isinstance(v, str) and (not labels or v in labels) for v in values):
        raise DataError(f"{where}: {name} is {values!r}; expected a list of {'labels' if labels else 'texts'}")
    return tuple(values)


def _field(row: dict[str, Any], name: str, where: str, accept: Callable[[str], object], expected: str) -> str:
    if name not in row:
        found = f"no field {name!r}, only {', '.join(map(str, row)) or 'nothing'}"
        advice = f"name the field that holds it with: stance convert IN OUT --column NAME={name}"
        raise DataError(f"{where}: {found}; expected {expected}: {advice}")
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
