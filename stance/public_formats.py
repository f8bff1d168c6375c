"""The files of public stance corpora: SemEval-2016 task 6, TweetEval, GWSD and NewsMTSC.

Each reader yields rows with the labels of the corpus, which the user maps to those of the own question.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.files import decode_text, read_bytes
from stance.rows import Rows, Skipped, csv_rows, json_rows

TWEETEVAL_SPLITS = {"train": "train", "val": "valid", "test": "test"}
"""The splits of TweetEval by the names of their files."""

_OPINIONS = ("disagree", "neutral", "agree")


def read_semeval(path: Path) -> Rows:
    """Yield the tweets of a SemEval-2016 task 6 file: tabs between ID, Target, Tweet and Stance (Mohammad et al. 2016).

    Raises
    ------
    DataError
        If a column is missing.
    """
    for number, row in csv_rows(path, "\t", quoted=False):
        _need(row, ("ID", "Target", "Tweet", "Stance"), f"{path}:{number}")
        other = {name: value for name, value in row.items() if name not in ("ID", "Target", "Tweet", "Stance")}
        label = None if row["Stance"] in (None, "UNKNOWN") else row["Stance"]  # the test file as first published
        fields = {"id": row["ID"], "text": row["Tweet"], "label": label, "target": row["Target"]}
        yield f"{path}:{number}", fields | other


def read_tweeteval(path: Path) -> Rows:
    """Yield the tweets of a TweetEval folder, or of one text file such as ``train_text.txt`` with ``train_labels.txt``.

    Raises
    ------
    DataError
        If there is no such file, or a text file and its label file differ in length.
    """
    files = sorted(path.glob("*_text.txt")) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: no text files; expected train_text.txt with train_labels.txt, as in TweetEval")
    for file in files:
        yield from _paired(file, file.with_name(file.name.replace("_text.txt", "_labels.txt")))


def read_gwsd(path: Path) -> Rows:
    """Yield the sentences of the Global Warming Stance Dataset (Luo, Card & Jurafsky 2020).

    The label is the likeliest of the inferred ``disagree``, ``neutral`` and ``agree``; the workers' ratings are its
    readings. Screening items, which have no inferred label, are left out.

    Raises
    ------
    DataError
        If a column or a probability is missing.
    """
    for number, row in csv_rows(path, "\t"):
        where = f"{path}:{number}"
        _need(row, ("guid", "sentence", *_OPINIONS, "in_held_out_test"), where)
        if not any(row[label] for label in _OPINIONS):
            yield Skipped(where, "a screening item without inferred label")
            continue
        try:
            chances = {label: float(row[label]) for label in _OPINIONS}
        except (TypeError, ValueError):
            raise DataError(f"{where}: a probability that is no number; expected three, each of 0 to 1") from None
        given = {name: row[name] for name in row if name.startswith("worker_") and row[name]}
        ratings = [rating.removesuffix("s") for rating in given.values()]  # disagrees, agrees
        split = "test" if row["in_held_out_test"] == "True" else "train"
        fields = {"id": row["guid"], "text": row["sentence"], "label": max(chances, key=chances.__getitem__)}
        yield where, fields | {"split": split, "readings": ratings, "readers": list(given), "inferred": chances}


def read_newsmtsc(path: Path) -> Rows:
    """Yield the sentences of NewsMTSC (Hamborg & Donnay 2021), one object for each target mentioned.

    The polarity -1, 0 or 1 becomes a label of that name; ``mention``, ``from`` and ``to`` stay as they are.

    Raises
    ------
    DataError
        If a line has not these fields.
    """
    for number, row in json_rows(path):
        where = f"{path}:{number}"
        _need(row, ("id", "sentence", "polarity", "mention", "from", "to"), where)
        label = f"{row['polarity']:g}" if isinstance(row["polarity"], (int, float)) else str(row["polarity"])
        other = {name: value for name, value in row.items() if name not in ("id", "sentence", "polarity")}
        yield where, {"id": row["id"], "text": row["sentence"], "label": label} | other


def _paired(texts: Path, labels: Path) -> Rows:
    lines, codes = list(_lines(texts)), list(_lines(labels))
    if len(lines) != len(codes):
        raise DataError(f"{labels}: {len(codes)} labels for {len(lines)} texts of {texts.name}; expected one a line")
    name = texts.name.removesuffix("_text.txt")
    for number, (text, label) in enumerate(zip(lines, codes, strict=True), 1):
        fields = {"id": f"{name}-{number:05}", "text": text, "label": label.strip()}
        yield f"{texts}:{number}", fields | {"split": TWEETEVAL_SPLITS.get(name)}


def _lines(path: Path) -> Iterator[str]:
    """Yield every line, blank ones too: their number is what pairs texts with labels."""
    text = decode_text(read_bytes(path), str(path)).replace("\r\n", "\n")
    yield from text.removesuffix("\n").split("\n") if text else ()


def _need(row: Any, names: tuple[str, ...], where: str) -> None:
    missing = [name for name in names if not isinstance(row, dict) or name not in row]
    if missing:
        found = ", ".join(map(str, row)) if isinstance(row, dict) else json.dumps(row)[:40]
        raise DataError(f"{where}: no {', '.join(missing)}, only {found}; expected another format: name it with --from")
