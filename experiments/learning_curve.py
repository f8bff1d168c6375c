"""Measure how scores grow with the number of training sentences.

    python -m experiments.learning_curve --data ../shared/evaluation/news-dev.jsonl

Whole fragments are drawn at random from the train split, each share contained in the next; three draws, means recorded.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
from pathlib import Path

from stance.training import describe, pin_threads

pin_threads()

from experiments.runs import HERE, RUNS, environment, read_record  # noqa: E402 - threads before NumPy
from stance.classifier import StanceClassifier  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402
from stance.errors import StanceError  # noqa: E402
from stance.evaluation import evaluate  # noqa: E402
from stance.files import write_text  # noqa: E402

SHARES = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
DRAWS = 3


def main(arguments: list[str] | None = None) -> int:
    """Measure and record the curve; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", action="append", type=Path, default=[], metavar="FILE", help="labelled file to score on"
    )
    options = parser.parse_args(arguments)
    try:
        data = load_dataset(HERE.parent / "datasets" / "s400")
        outside = {path.stem: load_dataset(path) for path in options.data}
    except StanceError as error:
        print(f"learning_curve.py: {error}", file=sys.stderr)
        return 1
    sets = {"test": data.subset("test")} | outside
    points = [measure(data.subset("train"), share, sets) for share in SHARES]
    record = {"command": "python -m experiments.learning_curve", "environment": environment(), "data": describe(data)}
    parameters = read_record("s400")["config"].get("parameters", {})
    content = record | {"parameters": parameters, "draws": DRAWS, "points": points}
    (RUNS / "learning-curve").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "learning-curve" / "record.json", json.dumps(content, indent=1) + "\n")
    return 0


def measure(train: Dataset, share: float, sets: dict[str, Dataset]) -> dict[str, object]:
    """Return the mean macro-F1 on each set of models trained on a share of `train`."""
    scores: dict[str, list[float]] = {name: [] for name in sets}
    sizes = []
    parameters = read_record("s400")["config"].get("parameters", {})
    for seed in range(DRAWS if share < 1 else 1):
        part = draw(train, share, seed)
        sizes.append(len(part))
        model = StanceClassifier(**(parameters | {"calibration_folds": 0})).fit(part.texts, part.labels)
        for name, rows in sets.items():
            scores[name].append(evaluate(model, rows).macro_f1)
    means = {name: round(statistics.mean(values), 4) for name, values in scores.items()}
    print(f"{round(statistics.mean(sizes)):6} sentences: {means}", flush=True)
    return {"sentences": round(statistics.mean(sizes)), "macro_f1": means}


def draw(data: Dataset, share: float, seed: int) -> Dataset:
    """Return a random share of the fragments of `data`."""
    groups = sorted(set(data.groups))
    random.Random(seed).shuffle(groups)
    kept = set(groups[: round(share * len(groups))])
    return Dataset(data.name, data.version, data.target, data.label_names, tuple(e for e in data if e.group in kept))


if __name__ == "__main__":
    sys.exit(main())
