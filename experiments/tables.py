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
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.published import BENCHMARK_TABLES
from experiments.data_tables import DATA_TABLES, ROOT, figure, markdown
from experiments.runs import check_run, read_predictions, read_record, run_names
from experiments.scaling_tables import SCALING_TABLES
from experiments.study_tables import STUDY_TABLES
from stance.errors import StanceError
from stance.files import write_text
from stance.labels import LABELS
from stance.metrics import mcnemar

DOCUMENTS = (
    "README.md",
    "experiments/README.md",
    "experiments/FINDINGS.md",
    "datasets/nord-stream-2/DATASHEET.md",
    "datasets/s400/DATASHEET.md",
    "docs/cost.md",
    "docs/annotation.md",
    "docs/model-card.md",
)
OURS = "s400"
TITLES = {
    "majority": "majority label",
    "vader": "VADER sentiment + logistic regression",
    "lexicon": "lexicon of stance cues + logistic regression",
    "minilm-lr": "MiniLM embeddings + logistic regression",
    "minilm-tuned": "MiniLM, fine-tuned",
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


def quality() -> str:
    """Return macro-F1 with intervals of every run on every set, and the speed of prediction."""
    header = ["", *(f"macro-F1 {name} (95 % interval)" for name in SETS), "sentences / CPU s"]
    rows = []
    for name, title in known_runs():
        speed = f"{read_record(name)['sentences_per_cpu_second']:,.0f}"
        rows.append([title, *(interval(name, s, "macro_f1") for s in SETS), speed])
    return markdown(header, rows)


def mcnemar_table() -> str:
    """Return how often ours and each peer alone is right, with the p-value of McNemar's exact test."""
    rows = []
    for name, title in known_runs():
        if name == OURS:
            continue
        row = [title]
        for set_name in SETS[1:]:
            first, second = correct(OURS, set_name), correct(name, set_name)
            alone = int((first & ~second).sum()), int((second & ~first).sum())
            row += [f"{alone[0]} : {alone[1]}", f"{mcnemar(first, second):.2g}"]
        rows.append(row)
    return markdown(["peer", *(part for s in SETS[1:] for part in (f"only ours : only peer right, {s}", "p"))], rows)


def correct(name: str, set_name: str) -> NDArray[np.bool_]:
    """Return for each example of a set, in order of id, whether a run labels it right."""
    labels = read_record(name)["labels"]
    rows = sorted((p for p in read_predictions(name) if p.set == set_name), key=lambda p: p.id)
    return np.array([labels[int(np.argmax(p.probabilities))] == p.label for p in rows])


def ablation() -> str:
    """Return the macro-F1 of every variant of the model."""
    rows = []
    for name, row in read_record("ablation")["macro_f1"].items():
        low, high = row["news-dev interval"]
        outside = f"{figure(row['news-dev'])} ({figure(low)}-{figure(high)})"
        rows.append([name, f"{figure(row['cv'])} ± {figure(row['standard_error'])}", outside])
    return markdown(["variant", "macro-F1, cross-validation", "news-dev (95 % interval)"], rows)


def rounds() -> str:
    """Return what each round of writing gave."""
    record = read_record("rounds")["rounds"]
    header = ["slices up to round", "sentences", "test", "news-dev", *(f"F1 {x} news-dev" for x in LABELS)]
    rows = []
    for row in record:
        figures = [row["test"], row["news-dev"], *(row["news-dev f1"][x] for x in LABELS)]
        rows.append([row["round"], str(row["sentences"]), *map(figure, figures)])
    return markdown(header, rows)


def telling_apart() -> str:
    """Return how easily composed sentences are told from real ones, and by which words."""
    found = read_record("variety")["telling apart"]
    rows = [["ours", ", ".join(found["ours"])], ["real", ", ".join(found["real"])]]
    return f"AUC {found['auc']}.\n\n" + markdown(["", "words that point to it"], rows)


def conformal() -> str:
    """Return how often conformal sets hold the gold label on test."""
    found = read_record(OURS)["conformal"]
    rows = [[label, f"{share:.3f}"] for label, share in found["covered"].items()]
    return markdown([f"label (asked: {found['asked']})", "covered on test"], rows)


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


def second_target() -> str:
    """Return how well the second target's model does on test, beside the majority label."""
    rows = []
    for title, name in (("majority label", "nord-stream-2-majority"), ("**stance**", "nord-stream-2")):
        scores = read_record(name)["scores"]["test"]
        f1 = (figure(scores["f1"][label]) for label in LABELS)
        rows.append([title, interval(name, "test", "macro_f1"), *f1, figure(scores["calibration_error"])])
    return markdown(["", "macro-F1 test (95 % interval)", *(f"F1 {label}" for label in LABELS), "ECE"], rows)


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


def known_runs() -> list[tuple[str, str]]:
    """Return (name, title) of the recorded runs, weakest kind first."""
    recorded = set(run_names())
    return [(name, title) for name, title in TITLES.items() if name in recorded]


TABLES: dict[str, Callable[[], str]] = (
    DATA_TABLES
    | SCALING_TABLES
    | STUDY_TABLES
    | BENCHMARK_TABLES
    | {
        "ablation": ablation,
        "by-label": by_label,
        "conformal": conformal,
        "confusion": confusion,
        "details": details,
        "example-explain": example_explain,
        "example-predict": example_predict,
        "mcnemar": mcnemar_table,
        "quality": quality,
        "rounds": rounds,
        "second-target": second_target,
        "telling-apart": telling_apart,
    }
)

if __name__ == "__main__":
    sys.exit(main())
