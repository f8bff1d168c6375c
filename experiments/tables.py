"""Write the tables of the documentation from the records.

    python -m experiments.tables            # rewrite
    python -m experiments.tables --check    # say what is not current, exit 1

A table stands between ``<!-- table NAME -->`` and ``<!-- end -->``.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from experiments.runs import HERE, check_run, read_record, run_names
from stance.dataset import Dataset, load_dataset
from stance.errors import StanceError
from stance.files import write_text
from stance.labels import LABELS
from stance.metrics import cohen_kappa
from stance.text import tokenize

ROOT = HERE.parent
DOCUMENTS = ("README.md", "experiments/README.md", "datasets/s400/DATASHEET.md")
OURS = "s400"
TITLES = {
    "majority": "majority label",
    "vader": "VADER sentiment + logistic regression",
    "lexicon": "lexicon of stance cues + logistic regression",
    "minilm-lr": "MiniLM embeddings + logistic regression",
    "fasttext": "fastText",
    "word-lr": "TF-IDF words + logistic regression",
    "complement-nb": "TF-IDF union + complement naive Bayes",
    "union-svm": "TF-IDF union + linear SVM, calibrated",
    "union-lr": "TF-IDF union + logistic regression",
    OURS: "**stance**",
}
SETS = ("valid", "test", "news-dev")


def main(arguments: list[str] | None = None) -> int:
    """Rewrite or check the generated tables; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, fail where a table is not current")
    options = parser.parse_args(arguments)
    try:
        for name in run_names():
            check_run(name)
        stale = [name for name in DOCUMENTS if refresh(ROOT / name, write=not options.check)]
    except StanceError as error:
        print(f"tables.py: {error}", file=sys.stderr)
        return 1
    if options.check and stale:
        print(f"tables.py: not current: {', '.join(stale)}; run make docs", file=sys.stderr)
        return 1
    print(f"tables: {'current' if not stale else 'rewrote ' + ', '.join(stale)}")
    return 0


def refresh(path: Path, *, write: bool) -> bool:
    """Return whether a document's tables differ from the records, after rewriting them if asked to."""
    text = path.read_text()
    pattern = re.compile(r"(<!-- table (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
    fresh = pattern.sub(lambda match: match[1] + TABLES[match[2]]() + match[3], text)
    if write and fresh != text:
        write_text(path, fresh)
    return fresh != text


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is text, the others are figures."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def quality() -> str:
    """Return macro-F1 with intervals of every run on every set."""
    header = ["", *(f"macro-F1 {name} (95 % interval)" for name in SETS)]
    return markdown(header, [[title, *(interval(name, s, "macro_f1") for s in SETS)] for name, title in known_runs()])


def interval(name: str, set_name: str, key: str) -> str:
    """Return a score with its interval as text."""
    scores = read_record(name)["scores"].get(set_name)
    if scores is None:
        return "-"
    low, high = scores["intervals"][key]
    return f"{figure(scores[key])} ({figure(low)}-{figure(high)})"


def details() -> str:
    """Return all scores of every run, a row for a run and set."""
    header = ["run", "set", "macro-F1", "accuracy", "F1 stances", *(f"F1 {x}" for x in LABELS), "Brier", "ECE"]
    rows = []
    for name, _ in known_runs():
        for set_name, scores in read_record(name)["scores"].items():
            summary = [scores["macro_f1"], scores["accuracy"], scores["stance_f1"], *scores["f1"].values()]
            rows.append(
                [name, set_name, *map(figure, summary), figure(scores["brier"]), figure(scores["calibration_error"])]
            )
    return markdown(header, rows)


def by_label() -> str:
    """Return precision, recall and F1 of our model by label on test and real news."""
    header = ["label", *(f"{rate} {name}" for name in SETS[1:] for rate in ("precision", "recall", "F1"))]
    scores = read_record(OURS)["scores"]
    measured = [scores[name] for name in SETS[1:] if name in scores]
    rows = [[x, *(figure(s[rate][x]) for s in measured for rate in ("precision", "recall", "f1"))] for x in LABELS]
    return markdown(header, rows)


def confusion() -> str:
    """Return our confusion matrix on real news."""
    matrix = read_record(OURS)["scores"]["news-dev"]["confusion"]
    rows = [[f"gold {x}", *map(str, row)] for x, row in zip(LABELS, matrix, strict=True)]
    return markdown(["", *(f"said {x}" for x in LABELS)], rows)


def speed() -> str:
    """Return the figures of the benchmark record."""
    record = read_record("benchmark")
    rows = [[title, f"{record['figures'][key]:.3g}", unit] for key, title, unit in SPEED_ROWS]
    return markdown(["", "measured", "unit"], rows)


SPEED_ROWS = (
    ("stance_warm", "stance, warm, one core", "sentences/s"),
    ("union_warm", "TF-IDF union + logistic regression, one core", "sentences/s"),
    ("ratio_warm", "ratio", "times"),
    ("stance_start", "`stance predict` as a whole process", "CPU s"),
    ("union_start", "scikit-learn process with a joblib-loaded union", "CPU s"),
    ("ratio_start", "ratio", "times"),
)


def example(*arguments: str) -> str:
    """Return a command and what it prints, as a console block."""
    command = [sys.executable, "-m", "stance", *arguments]
    environment = os.environ | {"COLUMNS": "110", "NO_COLOR": "1"}
    shown = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment).stdout
    lines = "".join(line.rstrip() + "\n" for line in shown.splitlines())
    return f"```console\n$ {shlex.join(['stance', *arguments])}\n{lines}```\n".replace("'", '"')


def example_predict() -> str:
    """Return the output of the README's first command."""
    first = re.search(r"stance predict (.*)", (ROOT / "README.md").read_text())
    return example("predict", *shlex.split(first[1])) if first else ""


def example_explain() -> str:
    """Return an explanation as the shell shows it."""
    return example("explain", "Washington may waive the sanctions it imposed over the missiles.")


def composition() -> str:
    """Return sentences by label and split."""
    data = dataset()
    rows = []
    for split in ("train", "valid", "test"):
        part = data.subset(split)
        counts = Counter(part.labels)
        rows.append([split, str(len(part)), *(f"{counts[x]} ({counts[x] / len(part):.0%})" for x in LABELS)])
    total = Counter(data.labels)
    rows.append(["all", str(len(data)), *(f"{total[x]} ({total[x] / len(data):.0%})" for x in LABELS)])
    return markdown(["split", "sentences", *LABELS], rows)


def agreement() -> str:
    """Return the two blind readers' agreement, by label and overall."""
    data = [example for example in dataset() if len(example.readings) > 1]
    first, second = zip(*(example.readings[:2] for example in data), strict=True)
    rows = [["all", str(len(data)), f"{share(first, second):.1%}", figure(cohen_kappa(first, second))]]
    for label in LABELS:
        mine = [(a == label, b == label) for a, b in zip(first, second, strict=True)]
        one, two = zip(*((str(a), str(b)) for a, b in mine), strict=True)
        rows.append([label, str(one.count("True")), f"{share(one, two):.1%}", figure(cohen_kappa(one, two))])
    return markdown(["label", "by the first reader", "agreement", "kappa"], rows)


def slices() -> str:
    """Return size, agreement and variety of every slice."""
    parts: dict[str, list[Any]] = {}
    for example in dataset():
        parts.setdefault(example.slice, []).append(example)
    rows = []
    for name, examples in sorted(parts.items()):
        first, second = zip(*(e.readings[:2] for e in examples), strict=True)
        words = [word for e in examples for word in tokenize(e.text)]
        pairs = list(pairwise(words))
        variety = [f"{len(set(words[:3000]))}", f"{len(set(pairs[:3000])) / len(pairs[:3000]):.2f}"]
        rows.append([name, str(len(examples)), figure(cohen_kappa(first, second)), *variety])
    return markdown(["slice", "sentences", "kappa", "words in 3,000", "distinct-2"], rows)


def share(first: Sequence[str], second: Sequence[str]) -> float:
    """Return the share of equal labels."""
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def figure(value: float) -> str:
    """Return a score as three digits after the point."""
    return f"{value:.3f}"


def dataset() -> Dataset:
    """Return the S-400 data set."""
    return load_dataset(ROOT / "datasets" / "s400")


def known_runs() -> list[tuple[str, str]]:
    """Return (name, title) of the recorded runs, weakest kind first."""
    recorded = set(run_names())
    return [(name, title) for name, title in TITLES.items() if name in recorded]


TABLES: dict[str, Callable[[], str]] = {
    "agreement": agreement,
    "by-label": by_label,
    "composition": composition,
    "confusion": confusion,
    "details": details,
    "example-explain": example_explain,
    "example-predict": example_predict,
    "quality": quality,
    "slices": slices,
    "speed": speed,
}

if __name__ == "__main__":
    sys.exit(main())
