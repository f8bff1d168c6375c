"""Labels that are probably wrong, found by models that did not see them, with the reasons.

Every sentence is predicted by a model trained without its fragment (grouped cross-validation). Confident learning
(Northcutt, Jiang & Chuang 2021; package ``cleanlab``, extra ``train``) tells which labels are probably errors; the
order is that of the probability of the own label, lowest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from stance.classifier import StanceClassifier
from stance.dataset import Dataset
from stance.errors import DataError, StanceError
from stance.splits import near_duplicates
from stance.tables import Float64, Ints

FOLDS = 4
WORDS = 4


@dataclass(frozen=True)
class Doubt:
    """A label that the held-out model doubts."""

    id: str
    text: str
    label: str  #: as given
    said: str  #: by the model
    probability: float  #: of the label given
    said_probability: float
    error: bool  #: whether confident learning takes it for an error
    words: tuple[str, ...]  #: that pulled hardest toward what the model said
    near: dict[str, str]  #: near-duplicates with another label: id and label


Fit = Callable[[Dataset], StanceClassifier]


def find_doubts(data: Dataset, count: int | None = None, *, fit: Fit | None = None, folds: int = FOLDS) -> list[Doubt]:
    """Return the examples whose label is most doubtful, the worst first.

    Parameters
    ----------
    data : Dataset
    count : int, optional
        How many; all probable errors where omitted.
    fit : function, optional
        From a data set to a fitted classifier; `StanceClassifier` with its defaults where omitted.
    folds : int

    Raises
    ------
    DataError
        If a label stands in fewer fragments than there are folds.
    StanceError
        If cleanlab or rensa is not installed.
    """
    try:
        from cleanlab.filter import find_label_issues
        from cleanlab.rank import get_label_quality_scores
    except ImportError:
        raise StanceError("audit needs cleanlab; install it with: pip install 'stance-analysis[train]'") from None
    labels = sorted(set(data.labels))
    codes = np.array([labels.index(label) for label in data.labels])
    _check(data, labels, folds)
    probabilities, models, fold_of = _held_out(data, codes, fit or _fit, folds)
    own = get_label_quality_scores(codes, probabilities, method="self_confidence")
    error = find_label_issues(codes, probabilities, n_jobs=1)
    order = np.argsort(own, kind="stable")
    chosen = order[error[order]] if count is None else order[:count]
    near = _near(data)
    doubts = []
    for i in chosen.tolist():
        example, said = data.examples[i], labels[int(probabilities[i].argmax())]
        pulls = models[fold_of[i]].explain(example.text).top(said, WORDS)
        chances = round(float(own[i]), 4), round(float(probabilities[i].max()), 4)
        words = tuple(word for word, _ in pulls)
        doubts.append(Doubt(example.id, example.text, example.label, said, *chances, bool(error[i]), words, near[i]))
    return doubts


def _fit(data: Dataset) -> StanceClassifier:
    return StanceClassifier().fit(data.texts, data.labels, groups=data.groups)


def _check(data: Dataset, labels: list[str], folds: int) -> None:
    groups = {label: len({e.group for e in data if e.label == label}) for label in labels}
    few = [f"{label} ({count})" for label, count in groups.items() if count < folds]
    if few or len(labels) < 2:
        found = f"too few fragments of {', '.join(few)}" if few else "one label only"
        raise DataError(f"{data}: {found}; expected two labels and at least {folds} fragments of each")


def _held_out(data: Dataset, codes: Ints, fit: Fit, folds: int) -> tuple[Float64, list[StanceClassifier], Ints]:
    """Return (n, K) held-out probabilities, the models of the folds, and the fold of each example."""
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    probabilities = np.zeros((len(data), int(codes.max()) + 1))
    fold_of, models = np.zeros(len(data), np.int64), []
    for fold, (train, test) in enumerate(splitter.split(data.texts, codes, data.groups)):
        models.append(fit(replace(data, examples=tuple(data.examples[i] for i in train))))
        columns = [sorted(set(data.labels)).index(str(label)) for label in models[-1].classes_]
        probabilities[np.ix_(test, columns)] = models[-1].predict_proba([data.examples[i].text for i in test])
        fold_of[test] = fold
    return probabilities, models, fold_of


def _near(data: Dataset) -> defaultdict[int, dict[str, str]]:
    """Return for each example its near-duplicates that have another label."""
    found: defaultdict[int, dict[str, str]] = defaultdict(dict)
    for first, second, _ in near_duplicates(data.texts):
        one, two = data.examples[first], data.examples[second]
        if one.label != two.label:
            found[first][two.id] = two.label
            found[second][one.id] = one.label
    return found
