"""Measure how scores grow with the number of training sentences.

    python -m experiments.learning_curve --data ../shared/evaluation/news-dev.jsonl

Whole fragments are drawn at random from the train split, each share contained in the next; three draws, means recorded.
"""

from __future__ import annotations

import random
import statistics
import sys
from typing import Any

from stance.training import pin_threads

pin_threads()

from experiments.runs import read_record  # noqa: E402 - threads are pinned before NumPy is imported
from experiments.study import study  # noqa: E402
from stance.classifier import StanceClassifier  # noqa: E402
from stance.dataset import Dataset  # noqa: E402
from stance.evaluation import evaluate  # noqa: E402

SHARES = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
DRAWS = 3


def learning_curve(data: Dataset, outside: dict[str, Dataset]) -> dict[str, Any]:
    """Return the scores at each share of the train split."""
    sets = {"test": data.subset("test")} | outside
    parameters = read_record("s400")["config"].get("parameters", {})
    points = [measure(data.subset("train"), share, sets, parameters) for share in SHARES]
    return {"parameters": parameters, "draws": DRAWS, "points": points}


def measure(train: Dataset, share: float, sets: dict[str, Dataset], parameters: dict[str, Any]) -> dict[str, object]:
    """Return the mean macro-F1 on each set of models trained on a share of `train`."""
    scores: dict[str, list[float]] = {name: [] for name in sets}
    sizes = []
    for seed in range(DRAWS if share < 1 else 1):
        part = draw(train, share, seed)
        sizes.append(len(part))
        model = StanceClassifier(**parameters).fit(part.texts, part.labels, groups=part.groups)
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
    sys.exit(study("learning-curve", __doc__, learning_curve))
