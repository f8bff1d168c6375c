"""What each part of the model gives: leave one out, put one in, everything else equal.

    python -m experiments.ablation --data ../shared/evaluation/news-dev.jsonl

Macro-F1 by grouped cross-validation on the train split (mean over folds, with its standard error), and on outside
files after training on all composed sentences.
"""

from __future__ import annotations

import sys
from typing import Any

from stance.training import pin_threads

pin_threads()

import numpy as np  # noqa: E402 - threads are pinned before NumPy is imported
from sklearn.model_selection import StratifiedGroupKFold  # noqa: E402

from experiments.runs import read_record  # noqa: E402
from experiments.study import study  # noqa: E402
from stance.classifier import StanceClassifier  # noqa: E402
from stance.dataset import Dataset  # noqa: E402
from stance.evaluation import evaluate  # noqa: E402

FOLDS = 2
NEVER = 10**9
VARIANTS: dict[str, dict[str, Any]] = {
    "as shipped": {},
    "no anchor pairs": {"anchors": 0},
    "30 anchors": {"anchors": 30},
    "200 anchors": {"anchors": 200},
    "no bigrams": {"bigram_min_df": NEVER},
    "no characters": {"ngram_min_df": NEVER},
    "words alone": {"bigram_min_df": NEVER, "ngram_min_df": NEVER, "anchors": 0},
    "more pruning": {"bigram_min_df": 3, "ngram_min_df": 4},
    "less pruning": {"ngram_min_df": 2, "anchor_min_df": 5},
    "balanced classes": {"class_weight": "balanced"},
    "C = 0.1": {"C": 0.1},
    "C = 1": {"C": 1.0},
    "not calibrated": {"calibration_folds": 0},
}


def ablation(data: Dataset, outside: dict[str, Dataset]) -> dict[str, Any]:
    """Return the scores of all variants."""
    shipped = read_record("s400")["config"]["parameters"]
    rows = {name: measure(shipped | change, data, outside) for name, change in VARIANTS.items()}
    return {"folds": FOLDS, "variants": VARIANTS, "macro_f1": rows}


def measure(parameters: dict[str, Any], data: Dataset, outside: dict[str, Dataset]) -> dict[str, Any]:
    """Return cross-validated and outside macro-F1 of one variant."""
    train = data.subset("train")
    scores = []
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    for kept, left in splitter.split(train.texts, train.labels, train.groups):
        model = fit(parameters, pick(train, kept))
        scores.append(evaluate(model, pick(train, left)).macro_f1)
    error = float(np.std(scores, ddof=1) / np.sqrt(FOLDS))
    row: dict[str, Any] = {"cv": round(float(np.mean(scores)), 4), "standard_error": round(error, 4)}
    if outside:
        model = fit(parameters, data)
        for name, rows in outside.items():
            found = evaluate(model, rows)
            row[name] = round(found.macro_f1, 4)
            row[f"{name} interval"] = [round(bound, 4) for bound in found.intervals["macro_f1"]]
    print(parameters, row, flush=True)
    return row


def fit(parameters: dict[str, Any], data: Dataset) -> StanceClassifier:
    """Return a fitted classifier."""
    return StanceClassifier(**parameters).fit(data.texts, data.labels, groups=data.groups)


def pick(data: Dataset, positions: Any) -> Dataset:
    """Return the examples at the given positions."""
    examples = tuple(data.examples[i] for i in positions)
    return Dataset(data.name, data.version, data.target, data.label_names, examples)


if __name__ == "__main__":
    sys.exit(study("ablation", __doc__, ablation))
