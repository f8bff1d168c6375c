"""Readers of three public benchmarks, as their authors publish them; the data stay where they are.

An `Item` is one decision: a text, the target it is about, and the label. `stance.public_formats` parses the files; here
their rows get the targets, groups and sets of the benchmark. Labels of the stance benchmarks are spelled as everywhere
in this package (``oppose``, ``support``, ``none``). Items are named by file and line, so that recorded predictions hold
no text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance import public_formats
from stance.errors import DataError
from stance.rows import Rows, Skipped

TWEETEVAL_TARGETS = ("abortion", "atheism", "climate", "feminist", "hillary")
TWEETEVAL_LABELS = {"0": "none", "1": "oppose", "2": "support"}
GWSD_LABELS = {"agree": "support", "disagree": "oppose", "neutral": "none"}
NEWSMTSC_LABELS = {"-1": "negative", "0": "neutral", "1": "positive"}


@dataclass(frozen=True)
class Item:
    """A text with its label toward a target."""

    id: str  #: file and line
    text: str
    label: str
    target: str = ""
    group: str = ""  #: what a bootstrap draws and a fold keeps together
    start: int = 0  #: offsets of the target's mention in the text, in characters
    end: int = 0


def read_tweeteval(folder: Path) -> dict[str, list[Item]]:
    """Return the SemEval-2016 task 6A tweets of TweetEval: ``train`` (their train and validation files) and ``test``.

    Raises
    ------
    DataError
        If a file is missing, has a foreign label, or texts and labels differ in number.
    """
    parts = {"train": ("train", "val"), "test": ("test",)}
    return {
        name: [item for target in TWEETEVAL_TARGETS for part in files for item in _tweets(folder, target, part)]
        for name, files in parts.items()
    }


def _tweets(folder: Path, target: str, part: str) -> Iterator[Item]:
    rows = public_formats.read_tweeteval(folder / target / f"{part}_text.txt")
    for where, row, label in _labelled(rows, TWEETEVAL_LABELS):
        name = f"{target}/{part}:{_line(where)}"
        yield Item(name, row["text"].strip(), label, target, name)


def read_gwsd(folder: Path) -> dict[str, list[Item]]:
    """Return the sentences of the Global Warming Stance Dataset: ``train`` and the balanced ``test``.

    The label is the most probable one of the authors' model of the eight raters. Rows without probabilities screened
    the raters and are left out.

    Raises
    ------
    DataError
        If the file is missing, or lacks a column or a probability.
    """
    path = folder / "GWSD.tsv"
    sets: dict[str, list[Item]] = {"train": [], "test": []}
    groups: dict[str, str] = {}
    for where, row, label in _labelled(public_formats.read_gwsd(path), GWSD_LABELS):
        name = f"{path.name}:{_line(where)}"
        group = groups.setdefault(row["text"], name)  # eight sentences were rated twice
        sets[row["split"]].append(Item(name, row["text"], label, "global warming", group))
    return sets


def read_newsmtsc(folder: Path) -> dict[str, list[Item]]:
    """Return the targets of NewsMTSC: ``train``, ``rw`` and ``mt`` (the two test files).

    A group is an article, by the first three fields of an id.

    Raises
    ------
    DataError
        If a file is missing, or a line is not an object with the mention at its offsets.
    """
    files = {"train": "train.jsonl", "rw": "rw_test.jsonl", "mt": "mt_test.jsonl"}
    return {name: list(_mentions(folder / file)) for name, file in files.items()}


def _mentions(path: Path) -> Iterator[Item]:
    articles: dict[str, str] = {}
    for where, row, label in _labelled(public_formats.read_newsmtsc(path), NEWSMTSC_LABELS):
        text, mention, start, end = row["text"], row["mention"], row["from"], row["to"]
        if not isinstance(text, str) or (type(start), type(end)) != (int, int) or text[start:end] != mention:
            raise DataError(f"{where}: no mention {mention!r} at {start!r} to {end!r}; expected it in the sentence")
        article = articles.setdefault("_".join(str(row["id"]).split("_")[:3]), f"{path.stem}/{len(articles) + 1}")
        yield Item(f"{path.stem}:{_line(where)}", text, label, mention, article, start, end)


def _labelled(rows: Rows, labels: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Yield (place, row, label as spelled here) of the rows that were not skipped."""
    for found in rows:
        if isinstance(found, Skipped):
            continue
        where, row = found
        if row["label"] not in labels:
            raise DataError(f"{where}: label {row['label']!r}; expected one of {', '.join(labels)}")
        yield where, row, labels[row["label"]]


def _line(where: str) -> str:
    """Return the line number of a place."""
    return where.rpartition(":")[2]
