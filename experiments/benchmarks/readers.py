"""Readers of three public benchmarks, as their authors publish them; the data stay where they are.

An `Item` is one decision: a text, the target it is about, and the label. Labels of the stance benchmarks are spelled
as everywhere in this package (``oppose``, ``support``, ``none``). Items are named by file and line, so that recorded
predictions hold no text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.files import decode_lines, read_bytes, read_text

TWEETEVAL_TARGETS = ("abortion", "atheism", "climate", "feminist", "hillary")
TWEETEVAL_LABELS = {"0": "none", "1": "oppose", "2": "support"}
GWSD_LABELS = {"agree": "support", "disagree": "oppose", "neutral": "none"}
NEWSMTSC_LABELS = {-1: "negative", 0: "neutral", 1: "positive"}


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
    texts = folder / target / f"{part}_text.txt"
    labels = folder / target / f"{part}_labels.txt"
    tweets = [line.strip() for line in read_text(texts).removesuffix("\n").split("\n")]  # a tweet may hold U+2028
    codes = read_text(labels).split()
    if len(tweets) != len(codes):
        raise DataError(f"{texts}: {len(tweets)} lines for {len(codes)} labels of {labels.name}; expected one each")
    for number, (tweet, code) in enumerate(zip(tweets, codes, strict=True), 1):
        if code not in TWEETEVAL_LABELS:
            raise DataError(f"{labels}:{number}: label {code!r}; expected 0 (none), 1 (against) or 2 (favor)")
        name = f"{target}/{part}:{number}"
        yield Item(name, tweet, TWEETEVAL_LABELS[code], target, name)


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
    rows = csv.DictReader(io.StringIO(read_text(path), newline=""), delimiter="\t")
    missing = {"sentence", "in_held_out_test", *GWSD_LABELS} - set(rows.fieldnames or ())
    if missing:
        raise DataError(f"{path}: no column {', '.join(sorted(missing))}; expected the file GWSD.tsv of its authors")
    groups: dict[str, str] = {}
    for row in rows:
        if not row["agree"]:
            continue
        name = f"{path.name}:{rows.line_num}"
        try:
            best = max(GWSD_LABELS, key=lambda label: float(row[label]))
        except (TypeError, ValueError):
            raise DataError(f"{path}:{rows.line_num}: a probability is no number; expected three a row") from None
        group = groups.setdefault(row["sentence"], name)  # eight sentences were rated twice
        part = "test" if row["in_held_out_test"] == "True" else "train"
        sets[part].append(Item(name, row["sentence"], GWSD_LABELS[best], "global warming", group))
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
    for number, line in decode_lines(read_bytes(path), str(path)):
        row = _mention(line, f"{path}:{number}")
        article = articles.setdefault("_".join(row["id"].split("_")[:3]), f"{path.stem}/{len(articles) + 1}")
        label = NEWSMTSC_LABELS[row["polarity"]]
        name = f"{path.stem}:{number}"
        yield Item(name, row["sentence"], label, row["mention"], article, row["from"], row["to"])


def _mention(line: str, where: str) -> dict[str, Any]:
    """Return a row of NewsMTSC once its fields are what they should be."""
    try:
        row: dict[str, Any] = json.loads(line)
        sound = row["sentence"][row["from"] : row["to"]] == row["mention"] and row["polarity"] in NEWSMTSC_LABELS
        sound = sound and isinstance(row["id"], str)
    except (ValueError, KeyError, TypeError):
        sound = False
    if not sound:
        raise DataError(f"{where}: not a row of NewsMTSC; expected id, sentence, polarity, mention at from and to")
    return row
