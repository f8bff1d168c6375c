"""Scores of predictions against gold labels, with intervals that respect articles.

Everything is computed from confusion counts, gold labels ``g`` in rows and predictions in columns, so that a
thousand bootstrap replicates cost one matrix product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stance.labels import Stance

Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]

REPLICATES = 1000
BINS = 10


@dataclass(frozen=True)
class Scores:
    """How predictions compare with gold labels. Rates lie within 0 and 1, the Brier score within 0 and 2."""

    count: int
    macro_f1: float  #: unweighted mean of the F1 of all labels
    accuracy: float
    stance_f1: float | None  #: mean F1 of the labels other than ``none``; None where there is no ``none``
    oppose_support_f1: float | None  #: (F1 oppose + F1 support) / 2, the measure of SemEval-2016 task 6
    f1: dict[str, float]
    precision: dict[str, float]
    recall: dict[str, float]
    brier: float  #: mean squared distance of the probabilities from the gold label's unit vector
    calibration_error: float  #: expected calibration error of the top probability, 10 equal bins (Guo et al. 2017)
    intervals: dict[str, tuple[float, float]]  #: 95 % bootstrap intervals by group of `macro_f1`, `accuracy`, F1s
    confusion: list[list[int]]  #: gold labels in rows, predictions in columns

    def as_dict(self, digits: int = 4) -> dict[str, Any]:
        """Return plain JSON values, rounded."""
        values: dict[str, Any] = rounded(asdict(self), digits)
        return values


def score(
    gold: Sequence[str],
    probabilities: ArrayLike,
    labels: Sequence[str],
    groups: Sequence[str] | None = None,
    *,
    predicted: Sequence[str] | None = None,
) -> Scores:
    """Compare predictions with gold labels.

    Parameters
    ----------
    gold : n labels
    probabilities : (n, K) array, columns in the order of `labels`
    labels : K labels
    groups : n group names, optional
        Sentences of one article are drawn together in the bootstrap (each sentence alone when omitted).
    predicted : n labels, optional
        Taken from the highest probability when omitted.

    Raises
    ------
    ValueError
        If there is nothing to score, or a gold label is not among `labels`.
    """
    table = np.asarray(probabilities, np.float64)
    if len(gold) == 0:
        raise ValueError("there are no examples to score")
    foreign = sorted(set(gold) - set(labels))
    if foreign:
        raise ValueError(f"gold labels {', '.join(foreign)} are not among {', '.join(labels)}")
    index = {label: i for i, label in enumerate(labels)}
    true = np.array([index[label] for label in gold])
    guess = table.argmax(axis=1) if predicted is None else np.array([index[label] for label in predicted])
    counts = _group_confusions(true, guess, groups, len(labels))
    confusion = counts.sum(axis=0)
    precision, recall, f1 = _rates(confusion[None].astype(np.float64))
    summary = {
        name: float(values[0]) for name, values in _summaries(confusion[None].astype(np.float64), labels).items()
    }
    unit = np.eye(len(labels))[true]
    return Scores(
        count=len(true),
        macro_f1=summary["macro_f1"],
        accuracy=summary["accuracy"],
        stance_f1=summary.get("stance_f1"),
        oppose_support_f1=summary.get("oppose_support_f1"),
        f1=dict(zip(labels, f1[0].tolist(), strict=True)),
        precision=dict(zip(labels, precision[0].tolist(), strict=True)),
        recall=dict(zip(labels, recall[0].tolist(), strict=True)),
        brier=float(((table - unit) ** 2).sum(axis=1).mean()),
        calibration_error=calibration_error(table.max(axis=1), guess == true),
        intervals=_intervals(counts, labels),
        confusion=confusion.tolist(),
    )


def calibration_error(confidence: Float64, correct: NDArray[np.bool_], bins: int = BINS) -> float:
    """Return the expected calibration error: mean gap between confidence and accuracy over equal-width bins."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gap = np.bincount(place, confidence - correct, minlength=bins)
    return float(np.abs(gap).sum() / len(confidence))


def mcnemar(first_correct: NDArray[np.bool_], second_correct: NDArray[np.bool_]) -> float:
    """Return the exact two-sided p-value of McNemar's test that two classifiers err equally often."""
    only_first = int((first_correct & ~second_correct).sum())
    only_second = int((second_correct & ~first_correct).sum())
    total, fewer = only_first + only_second, min(only_first, only_second)
    tail = sum(comb(total, k) for k in range(fewer + 1))
    return min(1.0, float(2 * tail / 2**total))


def macro_f1_difference(
    gold: Sequence[str],
    first: Sequence[str],
    second: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str] | None = None,
) -> tuple[float, tuple[float, float]]:
    """Return the first classifier's macro-F1 minus the second's, with its 95 % bootstrap interval.

    Both are scored on the same draws of whole groups (paired bootstrap, Efron & Tibshirani 1993).

    Parameters
    ----------
    gold, first, second : n labels each
    labels : K labels
    groups : n group names, optional
    """
    index = {label: i for i, label in enumerate(labels)}
    true, one, two = (np.array([index[label] for label in values]) for values in (gold, first, second))
    counts = [_group_confusions(true, guess, groups, len(labels)) for guess in (one, two)]
    whole = [_summaries(count.sum(axis=0)[None].astype(np.float64), labels)["macro_f1"][0] for count in counts]
    drawn = [_summaries(_resampled(count), labels)["macro_f1"] for count in counts]
    low, high = np.quantile(drawn[0] - drawn[1], (0.025, 0.975))
    return float(whole[0] - whole[1]), (float(low), float(high))


def cohen_kappa(first: Sequence[str], second: Sequence[str]) -> float:
    """Return Cohen's kappa of two readers' labels; 1 where both use one and the same label only."""
    names, codes = np.unique([*first, *second], return_inverse=True)
    confusion = np.zeros((len(names), len(names)), np.int64)
    np.add.at(confusion, (codes[: len(first)], codes[len(first) :]), 1)
    return kappa_of(confusion)


def kappa_of(confusion: Ints | Float64) -> float:
    """Return Cohen's kappa (Cohen 1960) of a (K, K) matrix of counts, one reader in rows, the other in columns."""
    table = confusion / confusion.sum()
    expected = float(table.sum(axis=1) @ table.sum(axis=0))
    return 1.0 if expected >= 1 else (float(np.trace(table)) - expected) / (1 - expected)


def _group_confusions(true: Ints, guess: Ints, groups: Sequence[str] | None, size: int) -> Ints:
    """Return a confusion matrix a group, (groups, K, K)."""
    group = np.arange(len(true)) if groups is None else np.unique(list(groups), return_inverse=True)[1]
    counts = np.zeros((int(group.max()) + 1, size, size), np.int64)
    np.add.at(counts, (group, true, guess), 1)
    return counts


def _rates(confusion: Float64) -> tuple[Float64, Float64, Float64]:
    """Return precision, recall and F1, (replicates, K) each; 0 where undefined."""
    hits = np.diagonal(confusion, axis1=1, axis2=2)
    gold, said = confusion.sum(axis=2), confusion.sum(axis=1)
    return hits / np.maximum(said, 1), hits / np.maximum(gold, 1), 2 * hits / np.maximum(gold + said, 1)


def _summaries(confusion: Float64, labels: Sequence[str]) -> dict[str, Float64]:
    """Return summary scores of (replicates, K, K) confusions."""
    f1 = _rates(confusion)[2]
    hits = np.trace(confusion, axis1=1, axis2=2)
    values = {"macro_f1": f1.mean(axis=1), "accuracy": hits / np.maximum(confusion.sum(axis=(1, 2)), 1)}
    stances = [i for i, label in enumerate(labels) if label != Stance.NONE] if Stance.NONE in labels else []
    sides = [i for i, label in enumerate(labels) if label in (Stance.OPPOSE, Stance.SUPPORT)]
    if stances:
        values["stance_f1"] = f1[:, stances].mean(axis=1)
    if len(sides) == 2:
        values["oppose_support_f1"] = f1[:, sides].mean(axis=1)
    return values | {f"f1_{label}": f1[:, i] for i, label in enumerate(labels)}


def _intervals(counts: Ints, labels: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return 95 % percentile bootstrap intervals, whole groups drawn with replacement (Efron & Tibshirani 1993)."""
    summaries = _summaries(_resampled(counts), labels)
    bounds = {name: np.quantile(values, (0.025, 0.975)) for name, values in summaries.items()}
    return {name: (float(low), float(high)) for name, (low, high) in bounds.items()}


def _resampled(counts: Ints) -> Float64:
    """Return the confusions of `REPLICATES` draws of groups, the same draws every time."""
    groups, size, _ = counts.shape
    draws = np.random.default_rng(0).multinomial(groups, np.full(groups, 1 / groups), size=REPLICATES)
    flat = draws.astype(np.float64) @ counts.reshape(groups, size * size).astype(np.float64)
    return np.asarray(flat.reshape(REPLICATES, size, size), np.float64)


def rounded(value: Any, digits: int) -> Any:
    """Return plain JSON values with every number rounded."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {key: rounded(item, digits) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item, digits) for item in value]
    return value
