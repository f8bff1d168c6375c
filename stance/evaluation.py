"""Models against labelled data: scores, worst mistakes, and one model against another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from stance.dataset import Dataset
from stance.errors import DataError
from stance.metrics import Scores, macro_f1_difference, mcnemar, score


class Predictor(Protocol):
    """What `evaluate` needs of a model."""

    @property
    def classes_(self) -> Any:
        """Label names in the order of the columns."""

    def predict_proba(self, texts: list[str]) -> ArrayLike:
        """Return (n, K) probabilities."""


@dataclass(frozen=True)
class Mistake:
    """A sentence that a model labels wrong."""

    id: str
    text: str
    label: str  #: the gold label
    predicted: str
    probability: float  #: that the model gives to what it predicts


@dataclass(frozen=True)
class Comparison:
    """How two models differ on the same sentences."""

    only_first: int  #: sentences that only the first model labels right
    only_second: int
    p_value: float  #: of McNemar's exact test, which takes sentences as independent
    macro_f1_difference: float  #: the first's minus the second's
    interval: tuple[float, float]  #: 95 % bootstrap interval of the difference, by group


def evaluate(model: Predictor, data: Dataset) -> Scores:
    """Return the scores of `model` on `data`, with intervals by article.

    Raises
    ------
    DataError
        If `data` holds a label that the model does not know.
    """
    labels = _known_labels(model, data)
    return score(data.labels, model.predict_proba(data.texts), labels, data.groups)


def worst_mistakes(model: Predictor, data: Dataset, count: int = 10) -> list[Mistake]:
    """Return the mistakes that `model` is surest of, the surest first.

    Raises
    ------
    DataError
        If `data` holds a label that the model does not know.
    """
    labels = _known_labels(model, data)
    table = np.asarray(model.predict_proba(data.texts), np.float64)
    told = zip(data, table.argmax(axis=1).tolist(), table.max(axis=1).tolist(), strict=True)
    wrong = [Mistake(e.id, e.text, e.label, labels[i], p) for e, i, p in told if labels[i] != e.label]
    return sorted(wrong, key=lambda mistake: (-mistake.probability, mistake.id))[:count]


def compare_models(first: Predictor, second: Predictor, data: Dataset) -> Comparison:
    """Return how two models differ on `data`.

    Raises
    ------
    DataError
        If `data` holds a label that one of them does not know.
    """
    guesses = []
    for model in (first, second):
        labels = np.array(_known_labels(model, data))
        guesses.append(labels[np.asarray(model.predict_proba(data.texts)).argmax(axis=1)].tolist())
    names = sorted({*data.labels, *guesses[0], *guesses[1]})
    right = [np.array(guess) == np.array(data.labels) for guess in guesses]
    difference, interval = macro_f1_difference(data.labels, guesses[0], guesses[1], names, data.groups)
    alone = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    return Comparison(*alone, mcnemar(*right), difference, interval)


def _known_labels(model: Predictor, data: Dataset) -> list[str]:
    labels = [str(label) for label in model.classes_]
    foreign = sorted(set(data.labels) - set(labels))
    if foreign:
        raise DataError(f"{data}: labels {', '.join(foreign)} are unknown to the model; expected {', '.join(labels)}")
    return labels
