"""The generated tables of the datasheet: composition, agreement, audit, slices."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

from experiments.runs import HERE, read_record
from stance.dataset import Dataset, load_dataset
from stance.files import decode_lines, read_bytes
from stance.labels import LABELS
from stance.metrics import cohen_kappa

ROOT = HERE.parent


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are figures."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def figure(value: float) -> str:
    """Return a score as three digits after the point."""
    return f"{value:.3f}"


def composition(name: str = "s400") -> str:
    """Return sentences by label and split."""
    data = dataset(name)
    rows = []
    for split in ("train", "valid", "test"):
        part = data.subset(split)
        counts = Counter(part.labels)
        rows.append([split, str(len(part)), *(f"{counts[x]} ({counts[x] / len(part):.0%})" for x in LABELS)])
    total = Counter(data.labels)
    rows.append(["all", str(len(data)), *(f"{total[x]} ({total[x] / len(data):.0%})" for x in LABELS)])
    return markdown(["split", "sentences", *LABELS], rows)


def agreement(name: str = "s400") -> str:
    """Return the two blind readers' agreement, by label and overall."""
    data = [example for example in dataset(name) if len(example.readings) > 1]
    first, second = zip(*(example.readings[:2] for example in data), strict=True)
    rows = [["all", str(len(data)), f"{share(first, second):.1%}", figure(cohen_kappa(first, second))]]
    for label in LABELS:
        mine = [(a == label, b == label) for a, b in zip(first, second, strict=True)]
        one, two = zip(*((str(a), str(b)) for a, b in mine), strict=True)
        rows.append([label, str(one.count("True")), f"{share(one, two):.1%}", figure(cohen_kappa(one, two))])
    return markdown(["label", "by the first reader", "agreement", "kappa"], rows)


def audit() -> str:
    """Return how many doubtful labels were read again and changed."""
    path = ROOT / "datasets" / "s400" / "audit.jsonl"
    rows = [json.loads(line) for _, line in decode_lines(read_bytes(path), str(path))]
    changed = Counter((row["before"], row["after"]) for row in rows if row["before"] != row["after"])
    body = [[f"{before} to {after}", str(count)] for (before, after), count in sorted(changed.items())]
    return markdown(["read again", str(len(rows))], [*body, ["changed in all", str(changed.total())]])


def slices() -> str:
    """Return size, agreement and variety of every slice, beside the variety of real news."""
    parts: dict[str, list[tuple[str, ...]]] = {}
    for example in dataset():
        parts.setdefault(example.slice, []).append(example.readings)
    rows = []
    for name, (distinct, pairs) in read_record("variety")["variety"].items():
        readings = parts.get(name, [])
        kappa = figure(cohen_kappa([r[0] for r in readings], [r[1] for r in readings])) if readings else ""
        rows.append([name, str(len(readings) or ""), kappa, str(distinct), f"{pairs:.3f}"])
    return markdown(["slice", "sentences", "kappa", "distinct words in 3,000", "distinct pairs"], rows)


def share(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the share of equal labels."""
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def dataset(name: str = "s400") -> Dataset:
    """Return a data set by the name of its folder."""
    return load_dataset(ROOT / "datasets" / name)


DATA_TABLES: dict[str, Callable[[], str]] = {
    "agreement": agreement,
    "agreement-nord-stream-2": partial(agreement, "nord-stream-2"),
    "audit": audit,
    "composition": composition,
    "composition-nord-stream-2": partial(composition, "nord-stream-2"),
    "slices": slices,
}
