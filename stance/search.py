"""Choose the penalty and the n-grams of a `StanceClassifier` by grouped cross-validation, in bounded time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from stance.classifier import StanceClassifier
from stance.features import AdditiveTfidf

PENALTIES = (0.4, 0.2, 0.8, 1.6, 3.2)
"""Values of C, the default first: ties go to it."""

NGRAMS: tuple[dict[str, Any], ...] = ({}, {"ngram_range": (3, 6)}, {"ngram_range": (2, 4)})
"""Settings of the features, the default first."""

RARE: dict[str, Any] = {"bigram_min_df": 1, "anchor_min_df": 2}
"""Word pairs from the first on: small data need them, and large data would drown in them."""

FOLDS = 3
MOST = 4000
"""Most sentences that the search looks at: whole groups drawn at random. What suits them suits more of their kind."""

BUDGET = 120.0
"""Seconds that the search may take unless told otherwise."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trial:
    """A candidate and its macro-F1 over the held-out sentences of all folds."""

    parameters: Mapping[str, Any]
    macro_f1: float


@dataclass(frozen=True)
class Search:
    """What a search found."""

    parameters: Mapping[str, Any]  #: of the best trial; empty where nothing was tried
    trials: tuple[Trial, ...]
    folds: int  #: 0 where the data cannot be cut into folds
    sentences: int  #: that were looked at
    finished: bool  #: whether every candidate was tried; if so, the seed decides the outcome
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain JSON values, rounded."""
        trials = [{"parameters": dict(t.parameters), "macro_f1": round(t.macro_f1, 4)} for t in self.trials]
        return asdict(self) | {"parameters": dict(self.parameters), "trials": trials, "seconds": round(self.seconds, 1)}


def search_parameters(
    texts: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
    *,
    penalties: Sequence[float] = PENALTIES,
    budget: float = BUDGET,
    seed: int = 0,
    progress: Progress | None = None,
) -> Search:
    """Return the parameters with the best macro-F1 in grouped cross-validation.

    The features of a fold are learned from its training part alone. A setting of the n-grams counts only if all of its
    folds were done before the time was up; without one the classifier's defaults stay.

    Parameters
    ----------
    texts, labels, groups : n sentences with their labels and the names of what must stay together
    penalties : values of C, the preferred one first
    budget : float
        Seconds; checked between folds, so that the last one may run over. 0 tries nothing.
    seed : int
        Of the sample and of the folds.
    progress : callable, optional
        Gets the folds done and all of them.
    """
    begun = time.monotonic()
    chosen = _sample(groups, seed)
    part, codes, names = [texts[i] for i in chosen], np.array([labels[i] for i in chosen]), [groups[i] for i in chosen]
    folds = _folds(part, codes, names, seed) if budget > 0 else []
    trials: list[Trial] = []
    settings = (NGRAMS[0], RARE, *NGRAMS[1:]) if len(part) == len(texts) else NGRAMS
    done, total = 0, len(settings) * len(folds)
    for setting in settings if folds else ():
        guesses = np.empty((len(penalties), len(part)), codes.dtype)
        for train, test in folds:
            if time.monotonic() - begun > budget:
                break
            guesses[:, test] = _guesses(setting, penalties, [part[i] for i in train], codes[train], part, test)
            done += 1
            if progress:
                progress(done, total)
        else:
            trials += [_trial(setting, c, codes, row) for c, row in zip(penalties, guesses, strict=True)]
            continue
        break
    best = max(trials, key=lambda trial: trial.macro_f1, default=Trial({}, 0.0))
    return Search(best.parameters, tuple(trials), len(folds), len(part), done == total, time.monotonic() - begun)


def _sample(groups: Sequence[str], seed: int) -> list[int]:
    """Return the positions of at most `MOST` sentences in whole groups, in order."""
    if len(groups) <= MOST:
        return list(range(len(groups)))
    members: dict[str, list[int]] = {}
    for place, name in enumerate(groups):
        members.setdefault(name, []).append(place)
    order = sorted(members)
    random.Random(seed).shuffle(order)
    chosen: list[int] = []
    for name in order:
        if len(chosen) + len(members[name]) <= MOST:
            chosen += members[name]
    return sorted(chosen)


def _folds(
    texts: Sequence[str], labels: NDArray[Any], groups: Sequence[str], seed: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return folds that keep groups whole, none where a label has too few groups for it."""
    names = np.array(groups)
    count = min([FOLDS, *(len(set(names[labels == label])) for label in set(labels.tolist()))])
    if count < 2:
        return []
    folds = list(StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(texts, labels, names))
    return folds if all(len(set(labels[train])) == len(set(labels)) for train, _ in folds) else []


def _guesses(
    setting: Mapping[str, Any],
    penalties: Sequence[float],
    texts: Sequence[str],
    labels: NDArray[Any],
    everything: Sequence[str],
    test: NDArray[np.int64],
) -> NDArray[Any]:
    """Return the (penalties, test) labels that machines trained on `texts` give."""
    options = StanceClassifier(**setting).get_params()
    features = AdditiveTfidf(**{name: options[name] for name in AdditiveTfidf().get_params()}).fit(texts, labels)
    matrix, held_out = features.transform(texts), features.transform([everything[i] for i in test])
    limits = {"max_iter": options["max_iter"], "tol": options["tol"], "random_state": options["random_state"]}
    return np.stack([LinearSVC(C=c, **limits).fit(matrix, labels).predict(held_out) for c in penalties])


def _trial(setting: Mapping[str, Any], penalty: float, gold: NDArray[Any], guessed: NDArray[Any]) -> Trial:
    macro_f1 = float(f1_score(gold, guessed, average="macro", zero_division=0.0))
    return Trial({"C": penalty, **setting}, macro_f1)
