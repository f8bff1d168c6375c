"""`StanceClassifier`: additive TF-IDF, a linear support vector machine and its calibration as one estimator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

from stance.features import AdditiveTfidf
from stance.model import COVERAGES, Explanation, Model, softmax
from stance.scorer import Scorer
from stance.tables import Float64
from stance.text import check_texts


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Label sentences with any set of string labels.

    ``fit`` trains a support vector machine for each label against the rest on the sparse matrix of `AdditiveTfidf`,
    then a logistic regression from out-of-fold margins to probabilities (matrix scaling, Guo et al. 2017), and folds
    both into a `Model`; every prediction and explanation goes through that model's tables.

    Parameters
    ----------
    C : float
        Inverse strength of the L2 penalty (see `sklearn.svm.LinearSVC`; squared hinge loss).
    class_weight : dict, "balanced" or None
        Weights of the classes in that loss.
    word_min_df, bigram_min_df, ngram_min_df, ngram_range, anchors, anchor_min_df
        See `AdditiveTfidf`.
    calibration_folds : int
        Folds of the out-of-fold margins that the calibration is fitted on; 0 leaves the margins as they are. Classes
        with fewer examples or groups than folds reduce the number, and below two nothing is calibrated.
    max_iter : int
    tol : float
        Limits of the solver.
    n_jobs : int or None
        Processes for the calibration folds, as in joblib.
    random_state : int
        Seed of the folds and of the solver.

    Attributes
    ----------
    classes_ : (K,) array of labels, in ascending order
    features_ : AdditiveTfidf
    svm_ : LinearSVC
    calibration_ : (K, K + 1) array
        Decision values are ``margins @ calibration_[:, :K].T + calibration_[:, K]``.
    thresholds_ : tuple of K tuples
        Conformal thresholds, see `stance.model.Model`; empty without calibration.
    model_ : Model
        The folded model, which `stance.save_model` writes.
    """

    def __init__(
        self,
        *,
        C: float = 0.4,  # noqa: N803 - scikit-learn's name
        class_weight: Mapping[str, float] | str | None = None,
        word_min_df: int = 1,
        bigram_min_df: int = 2,
        ngram_min_df: int = 2,
        ngram_range: tuple[int, int] = (2, 5),
        anchors: int = 100,
        anchor_min_df: int = 5,
        calibration_folds: int = 5,
        max_iter: int = 5000,
        tol: float = 1e-4,
        n_jobs: int | None = None,
        random_state: int = 0,
    ) -> None:
        self.C = C
        self.class_weight = class_weight
        self.word_min_df = word_min_df
        self.bigram_min_df = bigram_min_df
        self.ngram_min_df = ngram_min_df
        self.ngram_range = ngram_range
        self.anchors = anchors
        self.anchor_min_df = anchor_min_df
        self.calibration_folds = calibration_folds
        self.max_iter = max_iter
        self.tol = tol
        self.n_jobs = n_jobs
        self.random_state = random_state

    def fit(
        self,
        X: Iterable[str],  # noqa: N803
        y: Iterable[Any],
        sample_weight: ArrayLike | None = None,
        groups: Iterable[object] | None = None,
    ) -> StanceClassifier:
        """Train on sentences `X` with labels `y`.

        Parameters
        ----------
        X : n sentences
        y : n labels, at least two distinct
        sample_weight : (n,) array, optional
            Weights in the loss; a sentence of weight zero counts nowhere. Document frequencies ignore them.
        groups : n group names, optional
            Sentences of one group (an article) stay together in the calibration folds.

        Raises
        ------
        TypeError
            If `X` is a lone string or holds anything but strings.
        ValueError
            If lengths differ, weights are negative, or fewer than two labels are given.
        """
        texts, labels, weights, names = _checked(X, y, sample_weight, groups)
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has {len(self.classes_)} class; expected at least two distinct labels")
        self.features_ = AdditiveTfidf(
            word_min_df=self.word_min_df,
            bigram_min_df=self.bigram_min_df,
            ngram_min_df=self.ngram_min_df,
            ngram_range=self.ngram_range,
            anchors=self.anchors,
            anchor_min_df=self.anchor_min_df,
        )
        matrix = self.features_.fit(texts, labels).transform(texts)
        self.svm_ = self._svm().fit(matrix, labels, weights)
        self._calibrate(matrix, codes, labels, weights, names)
        coefficients, intercept = _per_label(self.svm_)
        mix, shift = self.calibration_[:, :-1], self.calibration_[:, -1]
        tables = self.features_.fold(mix @ coefficients, mix @ intercept + shift)
        self.model_ = Model(Scorer(tables), tuple(map(str, self.classes_)), thresholds=self.thresholds_)
        return self

    def predict(self, X: Iterable[str]) -> NDArray[Any]:  # noqa: N803
        """Return the most probable label of each sentence."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def predict_proba(self, X: Iterable[str]) -> Float64:  # noqa: N803
        """Return (n, K) calibrated probabilities, columns in the order of `classes_`."""
        return self._fitted().predict_proba(X)

    def decision_function(self, X: Iterable[str]) -> Float64:  # noqa: N803
        """Return (n, K) decision values, calibrated; (n,) for two labels."""
        return self._fitted().decision_function(X)

    def explain(self, text: str) -> Explanation:
        """Return what each word and bigram of `text` adds to each label."""
        return self._fitted().explain(text)

    def _fitted(self) -> Model:
        check_is_fitted(self, "model_")
        return self.model_

    def _svm(self) -> LinearSVC:
        options = {"class_weight": self.class_weight, "max_iter": self.max_iter, "tol": self.tol}
        return LinearSVC(C=self.C, random_state=self.random_state, **options)

    def _calibrate(
        self,
        matrix: sparse.csr_matrix,
        codes: NDArray[np.int64],
        labels: NDArray[Any],
        weights: Float64,
        groups: NDArray[Any],
    ) -> None:
        """Fit calibration and conformal thresholds on out-of-fold margins."""
        classes = len(self.classes_)
        self.calibration_ = np.hstack([np.eye(classes), np.zeros((classes, 1))])
        self.thresholds_: tuple[tuple[float, ...], ...] = ()
        folds = min(self.calibration_folds, *(len(np.unique(groups[codes == code])) for code in np.unique(codes)))
        if folds < 2:
            return
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=self.random_state)
        splits = list(splitter.split(matrix, codes, groups))
        if any(len(np.unique(codes[train])) < classes for train, _ in splits):
            return
        margins = Parallel(n_jobs=self.n_jobs)(
            delayed(_held_out)(self._svm(), matrix, labels, weights, train, test) for train, test in splits
        )
        order = np.concatenate([test for _, test in splits])
        held_out, gold = np.concatenate(margins), codes[order]
        self.calibration_ = matrix_scaling(held_out, gold, weights[order])
        probabilities = softmax(held_out @ self.calibration_[:, :-1].T + self.calibration_[:, -1])
        self.thresholds_ = tuple(conformal_thresholds(1 - probabilities[gold == code, code]) for code in range(classes))


def matrix_scaling(margins: Float64, codes: NDArray[np.int64], weights: Float64) -> Float64:
    """Return the (K, K + 1) matrix that takes margins to the logits of probabilities (Guo et al. 2017, section 4.2).

    Parameters
    ----------
    margins : (n, K) array
        Of sentences that the margins' model was not trained on.
    codes : (n,) array
        Index of the true label.
    weights : (n,) array
    """
    # One thread: the order of a sum, and with it the last digits, must not depend on the machine's cores.
    with threadpool_limits(1):
        regression = LogisticRegression(C=1.0, max_iter=1000, tol=1e-8).fit(margins, codes, weights)
    coefficients, intercept = _per_label(regression)
    return np.asarray(np.hstack([coefficients, intercept[:, None]]).round(4), np.float64)  # further digits are noise


def conformal_thresholds(scores: Float64) -> tuple[float, ...]:
    """Return the conformal quantiles of one label's nonconformity scores at each of `COVERAGES`.

    With n scores, the quantile for coverage c is the ``ceil((n + 1) c)``-th smallest (Vovk 2012; Angelopoulos & Bates
    2023, eq. 1), or 1, which rules nothing out, where n is too small for c.

    Parameters
    ----------
    scores : (n,) array
        One minus the probability that held-out examples of the label got for it.
    """
    ascending = np.sort(scores)
    ranks = np.ceil((len(scores) + 1) * np.array(COVERAGES) - 1e-9).astype(int)
    return tuple(1.0 if rank > len(scores) else round(float(ascending[rank - 1]), 4) for rank in ranks)


def _held_out(
    svm: LinearSVC,
    matrix: sparse.csr_matrix,
    labels: NDArray[Any],
    weights: Float64,
    train: NDArray[np.int64],
    test: NDArray[np.int64],
) -> Float64:
    coefficients, intercept = _per_label(svm.fit(matrix[train], labels[train], weights[train]))
    return np.asarray(matrix[test] @ coefficients.T + intercept, np.float64)


def _per_label(linear: LogisticRegression | LinearSVC) -> tuple[Float64, Float64]:
    """Return (K, features) weights and (K,) intercepts, two labels included."""
    weights, intercept = linear.coef_, linear.intercept_
    if len(weights) == 1:  # scikit-learn keeps the difference of two labels: share it evenly
        return np.vstack([-weights / 2, weights / 2]), np.concatenate([-intercept / 2, intercept / 2])
    return weights, intercept


def _checked(
    X: Iterable[str],  # noqa: N803
    y: Iterable[Any],
    sample_weight: ArrayLike | None,
    groups: Iterable[object] | None,
) -> tuple[list[str], NDArray[Any], Float64, NDArray[Any]]:
    """Return equally long texts, labels, weights and groups without the sentences of weight zero."""
    texts = list(check_texts(X, "X"))
    labels = np.asarray(y if hasattr(y, "__len__") else list(y))
    weights = np.ones(len(texts)) if sample_weight is None else np.asarray(sample_weight, np.float64)
    names = np.arange(len(texts)) if groups is None else np.unique([str(g) for g in groups], return_inverse=True)[1]
    for name, values in (("y", labels), ("sample_weight", weights), ("groups", names)):
        if values.shape != (len(texts),):
            raise ValueError(f"{name} has shape {values.shape}; expected ({len(texts)},), one for each text of X")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError("sample_weight holds a negative or non-finite value; expected weights of zero or more")
    kept = np.nonzero(weights > 0)[0]
    if len(kept) == 0:
        raise ValueError("X has no sentence of positive weight to train on")
    return [texts[i] for i in kept], labels[kept], weights[kept], names[kept]
