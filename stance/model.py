"""A fitted model as users hold it: labels, probabilities and explanations, with NumPy alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stance.errors import InputError
from stance.scorer import Contribution, Scorer
from stance.tables import Float64
from stance.text import check_texts

COVERAGES: tuple[float, ...] = tuple(round(0.5 + 0.01 * i, 2) for i in range(50))
"""Coverages, .50 to .99, that a model keeps conformal thresholds for."""

UNSURE = "unsure"
"""What `Model.predict` answers below `min_confidence`."""


@dataclass(frozen=True)
class Explanation:
    """Why a sentence got its label: an exact decomposition of the decision values.

    For every label, ``intercept + sum of contributions == decision value`` to rounding.
    """

    text: str
    labels: tuple[str, ...]
    label: str  #: the most probable label
    probabilities: tuple[float, ...]  #: in the order of `labels`
    decision_values: tuple[float, ...]
    intercept: tuple[float, ...]
    contributions: tuple[Contribution, ...]  #: words in order, then bigrams in order

    def top(self, label: str, count: int = 5, *, against: bool = False) -> list[tuple[str, float]]:
        """Return the `count` strongest (text, value) pulls toward `label`, or away from it.

        A pull is the contribution to `label` minus the mean over all labels: what moves every label alike
        moves no probability. Repeated words are added up.
        """
        return _strongest(self.contributions, _position(label, self.labels), count, -1 if against else 1)


@dataclass(frozen=True)
class Model:
    """A fitted stance model.

    Parameters
    ----------
    scorer : Scorer
        The folded tables.
    labels : tuple of str
        Label names in the order of the tables' columns.
    temperature : float
        Probabilities are ``softmax(decision values / temperature)`` (Guo et al. 2017).
    thresholds : tuple of K tuples, or empty
        For each label the conformal thresholds at `COVERAGES`: a label belongs to a set if its probability is at
        least one minus its threshold. Empty where the model was not calibrated.
    manifest : mapping
        What an artifact says of itself: name, version, target, data, scores. Empty for a model just fitted.
    """

    scorer: Scorer
    labels: tuple[str, ...]
    temperature: float = 1.0
    thresholds: tuple[tuple[float, ...], ...] = ()
    manifest: Mapping[str, object] = field(default_factory=dict)

    @property
    def classes_(self) -> NDArray[np.str_]:
        """Label names in the column order of `predict_proba`."""
        return np.array(self.labels)

    def decision_function(self, texts: Iterable[str]) -> Float64:
        """Return decision values, (n, K), or (n,) for two labels: the second's minus the first's."""
        values = self.scorer.decision_values(check_texts(texts))
        return values[:, 1] - values[:, 0] if len(self.labels) == 2 else values

    def predict_proba(self, texts: Iterable[str]) -> Float64:
        """Return the (n, K) calibrated probabilities of `texts`, columns in the order of `classes_`.

        Raises
        ------
        TypeError
            If `texts` is a lone string or holds anything but strings.
        """
        return softmax(self.scorer.decision_values(check_texts(texts)) / self.temperature)

    def predict(self, texts: Iterable[str], min_confidence: float = 0.0) -> NDArray[np.str_]:
        """Return the most probable label of each text, ``"unsure"`` where its probability is below `min_confidence`.

        Raises
        ------
        InputError
            If `min_confidence` is not within 0 and 1.
        """
        check_confidence(min_confidence)
        probabilities = self.predict_proba(texts)
        return choose(probabilities, self.labels, min_confidence)

    def predict_set(self, texts: Iterable[str], coverage: float = 0.9) -> list[tuple[str, ...]]:
        """Return for each text the labels that cannot be ruled out: class-conditional conformal sets (Vovk 2012).

        Of the sentences of each label, about the share `coverage` get a set that holds it, on text like the training
        data. A set may be empty: nothing the model knows fits.

        Raises
        ------
        InputError
            If `coverage` is not within .5 and .99, or the model holds no thresholds.
        """
        if not COVERAGES[0] <= coverage <= COVERAGES[-1]:
            raise InputError(f"coverage is {coverage}; expected {COVERAGES[0]} to {COVERAGES[-1]}")
        if not self.thresholds:
            raise InputError("this model was fitted without calibration; fit it with calibration_folds of two or more")
        level = next(i for i, kept in enumerate(COVERAGES) if kept >= coverage - 1e-9)
        limits = 1 - np.array([row[level] for row in self.thresholds])
        inside = self.predict_proba(texts) >= limits
        return [tuple(label for label, kept in zip(self.labels, row, strict=True) if kept) for row in inside.tolist()]

    def explain(self, text: str) -> Explanation:
        """Return what each word and bigram of one sentence adds to each label."""
        if not isinstance(text, str):
            raise TypeError(f"text is a {type(text).__name__}; expected one sentence (str)")
        values = self.scorer.decision_values([text])
        probabilities = softmax(values / self.temperature)
        return Explanation(
            text=text,
            labels=self.labels,
            label=str(choose(probabilities, self.labels)[0]),
            probabilities=tuple(probabilities[0].tolist()),
            decision_values=tuple(values[0].tolist()),
            intercept=tuple(self.scorer.tables.intercept.tolist()),
            contributions=tuple(self.scorer.explain(text)),
        )

    def deciding_words(self, text: str, label: str, count: int = 5) -> list[tuple[str, float]]:
        """Return what `explain(text).top(label, count)` does, without the probabilities."""
        return _strongest(self.scorer.explain(text), _position(label, self.labels), count, 1)

    def top_words(self, label: str, count: int = 10) -> list[str]:
        """Return the `count` words of the table that pull hardest toward `label`."""
        return self.scorer.tables.strongest_words(_position(label, self.labels), count)


def _strongest(parts: Iterable[Contribution], column: int, count: int, sign: int) -> list[tuple[str, float]]:
    """Return the `count` strongest pulls toward a label, or for `sign` -1 away from it."""
    pulls: dict[str, float] = {}
    for part in parts:
        pull = part.values[column] - sum(part.values) / len(part.values)
        pulls[part.text] = pulls.get(part.text, 0.0) + pull
    ranked = sorted(pulls.items(), key=lambda item: (-sign * item[1], item[0]))
    return [(text, value) for text, value in ranked[:count] if sign * value > 0]


def softmax(values: Float64) -> Float64:
    """Return the row-wise softmax of an (n, K) array."""
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), np.float64)


def choose(probabilities: Float64, labels: tuple[str, ...], min_confidence: float = 0.0) -> NDArray[np.str_]:
    """Return the label of each row's highest probability, ``"unsure"`` below `min_confidence`; ties go to the first."""
    chosen = np.array(labels)[probabilities.argmax(axis=1)]
    if min_confidence > 0:
        chosen = np.where(probabilities.max(axis=1) < min_confidence, UNSURE, chosen)
    return np.asarray(chosen, np.str_)


def check_confidence(value: float) -> None:
    """Raise `InputError` unless `value` is a probability."""
    if not 0 <= value <= 1:
        raise InputError(f"min_confidence is {value}; expected a probability between 0 and 1")


def _position(label: str, labels: tuple[str, ...]) -> int:
    if label not in labels:
        raise InputError(f"label {label!r} is not one of the model's: {', '.join(labels)}")
    return labels.index(label)
