"""The estimators of the benchmarks: scikit-learn pipelines over lists of `Item`.

TF-IDF features and linear models only: no embeddings, no lexicons, no outside data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline, make_union
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from sklearn.utils.class_weight import compute_sample_weight

from experiments.benchmarks.readers import Item
from stance.classifier import StanceClassifier
from stance.model import softmax

TOKEN = r"[#@]?\w[\w']*"
"""A word, with the sign of a hashtag or user name."""

CLAUSE_END = re.compile(
    r"""[,;:()"“”–—-]\s|\b(?:but|and|while|although|because|that|who|which|after|as)\b""", re.IGNORECASE
)
MASK = " targetmask "

View = Callable[[Sequence[Item]], list[str]]


def texts(items: Sequence[Item]) -> list[str]:
    """Return the texts as they are."""
    return [item.text for item in items]


def masked(items: Sequence[Item]) -> list[str]:
    """Return the texts with the target's mention replaced by one word."""
    return [item.text[: item.start] + MASK + item.text[item.end :] for item in items]


def mentions(items: Sequence[Item]) -> list[str]:
    """Return the targets' mentions."""
    return [item.text[item.start : item.end] for item in items]


def left(items: Sequence[Item], words: int = 6) -> list[str]:
    """Return the words before the mention."""
    return [" ".join(item.text[: item.start].split()[-words:]) + MASK for item in items]


def right(items: Sequence[Item], words: int = 6) -> list[str]:
    """Return the words after the mention."""
    return [MASK + " ".join(item.text[item.end :].split()[:words]) for item in items]


def clause(items: Sequence[Item]) -> list[str]:
    """Return the words around the mention up to the next punctuation or conjunction."""
    parts = [
        (CLAUSE_END.split(item.text[: item.start])[-1], CLAUSE_END.split(item.text[item.end :])[0]) for item in items
    ]
    return [before + MASK + after for before, after in parts]


def words(longest: int = 2) -> TfidfVectorizer:
    """Return TF-IDF of one to `longest` words, sublinear, l2."""
    return TfidfVectorizer(ngram_range=(1, longest), sublinear_tf=True, token_pattern=TOKEN)


def characters(low: int, high: int, min_df: int = 1, analyzer: str = "char_wb") -> TfidfVectorizer:
    """Return TF-IDF of character n-grams, sublinear, l2."""
    return TfidfVectorizer(analyzer=analyzer, ngram_range=(low, high), sublinear_tf=True, min_df=min_df)


def see(view: View, features: Any) -> Pipeline:
    """Return `features` of what `view` shows of each item."""
    return make_pipeline(FunctionTransformer(view), features)


def logistic(C: float, class_weight: str | None = "balanced") -> LogisticRegression:  # noqa: N803 - scikit-learn's name
    """Return a multinomial logistic regression."""
    return LogisticRegression(C=C, class_weight=class_weight, max_iter=1000, tol=1e-3)


def union() -> Any:
    """Return the union of words 1-2 and characters 2-5 inside words."""
    return make_union(words(), characters(2, 5))


class SoftmaxSVC(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A linear support vector machine whose margins become comparable to probabilities by a softmax, for votes.

    Parameters
    ----------
    C, class_weight
        See `sklearn.svm.LinearSVC`.
    """

    def __init__(self, C: float = 0.3, class_weight: str | None = "balanced") -> None:  # noqa: N803
        self.C = C
        self.class_weight = class_weight

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> SoftmaxSVC:  # noqa: N803
        """Fit the machine."""
        self.svm_ = LinearSVC(C=self.C, class_weight=self.class_weight, random_state=0).fit(X, y, sample_weight)
        self.classes_ = self.svm_.classes_
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:  # noqa: N803
        """Return the softmax of twice the margins, (n, K): a margin of 1 and one of -1 are a log-odds of 4 apart."""
        margins = self.svm_.decision_function(X)
        return softmax(2 * (np.stack([-margins, margins], axis=1) if margins.ndim == 1 else margins))

    def predict(self, X: Any) -> NDArray[Any]:  # noqa: N803
        """Return the label of the largest margin."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class SharedAndOwn(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """One linear model for several targets: every feature once for all targets and once for each (Daumé III 2007).

    Classes are balanced within each target.

    Parameters
    ----------
    features : transformer of texts, fitted on all targets
    classifier : linear classifier that takes sample weights
    shared : float
        Scale of the shared copy against the target's own; 0 gives every target weights of its own alone.
    """

    def __init__(self, features: Any, classifier: Any, shared: float = 0.5) -> None:
        self.features = features
        self.classifier = classifier
        self.shared = shared

    def fit(self, X: Sequence[Item], y: ArrayLike) -> SharedAndOwn:  # noqa: N803
        """Fit on items and their labels."""
        labels, targets = np.asarray(y), np.array([item.target for item in X])
        self.targets_ = np.unique(targets)
        weights = np.ones(len(labels))
        for target in self.targets_:
            weights[targets == target] = compute_sample_weight("balanced", labels[targets == target])
        self.features_ = clone(self.features)
        matrix = self._augment(self.features_.fit_transform(texts(X), labels), targets)
        self.classifier_ = clone(self.classifier).fit(matrix, labels, sample_weight=weights)
        self.classes_ = self.classifier_.classes_
        return self

    def _augment(self, matrix: sparse.csr_matrix, targets: NDArray[Any]) -> sparse.csr_matrix:
        own = [sparse.diags((targets == target).astype(float)) @ matrix for target in self.targets_]
        return sparse.hstack([self.shared * matrix, *own], format="csr")

    def predict_proba(self, X: Sequence[Item]) -> NDArray[np.float64]:  # noqa: N803
        """Return (n, K) probabilities."""
        targets = np.array([item.target for item in X])
        matrix = self._augment(self.features_.transform(texts(X)), targets)
        return np.asarray(self.classifier_.predict_proba(matrix))

    def predict(self, X: Sequence[Item]) -> NDArray[Any]:  # noqa: N803
        """Return the most probable labels."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


class OnePerTarget(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A model for each target, each trained on the target's items alone.

    Parameters
    ----------
    estimator : classifier of items, cloned for each target
    """

    def __init__(self, estimator: Any) -> None:
        self.estimator = estimator

    def fit(self, X: Sequence[Item], y: ArrayLike) -> OnePerTarget:  # noqa: N803
        """Fit a clone for each target; a target needs every label."""
        labels, targets = np.asarray(y), np.array([item.target for item in X])
        self.classes_ = np.unique(labels)
        self.models_ = {}
        for target in np.unique(targets).tolist():
            place = np.nonzero(targets == target)[0].tolist()
            self.models_[target] = clone(self.estimator).fit([X[i] for i in place], labels[place])
            if len(self.models_[target].classes_) < len(self.classes_):
                raise ValueError(f"target {target!r} lacks examples of a label; expected every label for every target")
        return self

    def predict_proba(self, X: Sequence[Item]) -> NDArray[np.float64]:  # noqa: N803
        """Return (n, K) probabilities, each row by its target's model."""
        table = np.zeros((len(X), len(self.classes_)))
        for target, model in self.models_.items():
            place = [i for i, item in enumerate(X) if item.target == target]
            if place:
                table[place] = model.predict_proba([X[i] for i in place])
        return table

    def predict(self, X: Sequence[Item]) -> NDArray[Any]:  # noqa: N803
        """Return the most probable labels."""
        return np.asarray(self.classes_[self.predict_proba(X).argmax(axis=1)])


def majority() -> DummyClassifier:
    """Return the classifier that answers the most frequent label."""
    return DummyClassifier(strategy="prior")


def stance_model(view: View = texts) -> Pipeline:
    """Return the package's own classifier with balanced classes, its other parameters as they are."""
    return see(view, StanceClassifier(class_weight="balanced"))
