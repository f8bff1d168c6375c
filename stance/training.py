"""From labelled data to a model file, for the command line; experiments have scripts of their own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from stance.artifact import save_model
from stance.classifier import StanceClassifier
from stance.dataset import SPLITS, Dataset, load_dataset
from stance.errors import DataError
from stance.evaluation import evaluate
from stance.metrics import Scores
from stance.registry import load_model

MIN_EXAMPLES = 5
"""Fewest examples of a label that a model can be trained on."""


def train_model(
    data: str | Path, output: str | Path, *, penalty: float | None = None, name: str = ""
) -> dict[str, Scores]:
    """Train on a dataset's train split (or all of it, where it has no splits), write the model, return its scores.

    Raises
    ------
    DataError
        If the data cannot be read, or a label has too few examples.
    """
    if not Path(output).resolve().parent.is_dir():
        raise DataError(f"{output}: no such folder {Path(output).parent}; create it first")
    examples = load_dataset(data)
    split = any(e.split for e in examples)
    training = examples.subset("train") if split else examples
    check_trainable(training)
    classifier = StanceClassifier()
    if penalty is not None:
        classifier.set_params(C=penalty)
    classifier.fit(training.texts, training.labels, groups=training.groups)
    held_out = {split: examples.subset(split) for split in SPLITS[1:]}
    scores = {split: evaluate(classifier, part) for split, part in held_out.items() if len(part)}
    save_model(
        classifier,
        output,
        name=name or Path(output).stem,
        target=examples.target,
        dataset=describe(examples) | ({"split": "train"} if split else {}),
        scores={split: values.as_dict() for split, values in scores.items()},
    )
    load_model(Path(output))  # what was written must load
    return scores


def check_trainable(data: Dataset) -> None:
    """Raise `DataError` where `data` has fewer than two labels or a label with hardly any examples."""
    counts = {label: data.labels.count(label) for label in sorted(set(data.labels))}
    if len(counts) < 2:
        raise DataError(f"{data.name}: {len(counts)} label; expected at least two different labels to tell apart")
    small = [f"{label} ({n})" for label, n in counts.items() if n < MIN_EXAMPLES]
    if small:
        raise DataError(
            f"{data.name}: too few examples of {', '.join(small)}; expected at least {MIN_EXAMPLES} of each label"
        )


def describe(data: Dataset) -> dict[str, Any]:
    """Return what a manifest or record says of its data."""
    return {"name": data.name, "version": data.version, "examples": len(data), "fingerprint": data.fingerprint}


def pin_threads() -> None:
    """Keep BLAS and OpenMP to one thread; effective before NumPy is imported."""
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
