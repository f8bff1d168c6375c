"""A model against labelled data."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import ArrayLike

from stance.dataset import Dataset
from stance.errors import DataError
from stance.metrics import Scores, score


class Predictor(Protocol):
    """What `evaluate` needs of a model."""

    @property
    def classes_(self) -> Any:
        """Label names in the order of the columns."""

    def predict_proba(self, texts: list[str]) -> ArrayLike:
        """Return (n, K) probabilities."""


def evaluate(model: Predictor, data: Dataset) -> Scores:
    """Return the scores of `model` on `data`, with intervals by article.

    Raises
    ------
    DataError
        If `data` holds a label that the model does not know.
    """
    labels = [str(label) for label in model.classes_]
    foreign = sorted(set(data.labels) - set(labels))
    if foreign:
        raise DataError(
            f"{data.name}: labels {', '.join(foreign)} are unknown to the model; expected {', '.join(labels)}"
        )
    return score(data.labels, model.predict_proba(data.texts), labels, data.groups)
