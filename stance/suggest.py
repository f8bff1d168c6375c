"""Which sentences to label next: those a model is least sure of, unlike one another, none of them twice.

A sentence's uncertainty is one minus the probability of its likeliest label (least confidence, Lewis & Gale 1994).
Among the most uncertain, the next one chosen is that with the highest uncertainty after a discount for its likeness to
those chosen before, a small one: larger ones cost labels. Without any model the pool is cut
into clusters and the sentence nearest to each centre is chosen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.cluster import KMeans
from sklearn.preprocessing import normalize

from stance.dataset import Example
from stance.errors import InputError
from stance.evaluation import Predictor
from stance.features import AdditiveTfidf
from stance.splits import near_duplicates
from stance.tables import Float64, Ints

CANDIDATES = 8
"""Most uncertain sentences looked at for each one chosen."""

DISCOUNT = 0.1
"""Share of its uncertainty that a sentence loses if it equals one chosen before."""


@dataclass(frozen=True)
class Suggestion:
    """A sentence worth a label."""

    example: Example
    label: str  #: what the model says; empty without a model
    probability: float  #: of that label; 0 without a model
    similar: tuple[str, ...]  #: ids of its near-duplicates, which are not suggested


def suggest_examples(
    pool: Sequence[Example], count: int, *, model: Predictor | None = None, labelled: Sequence[str] = ()
) -> tuple[Suggestion, ...]:
    """Return the `count` sentences of a pool whose labels would teach most, in order.

    Parameters
    ----------
    pool : sequence of Example
        Sentences without labels; those that have one are left out.
    count : int
        How many; fewer come back where the pool has fewer distinct ones.
    model : Predictor, optional
        What is known so far; without it the pool is spread over evenly.
    labelled : texts, optional
        Sentences that have labels already: they and their near-duplicates are not suggested.

    Raises
    ------
    InputError
        If `count` is below one, or nothing is left to label.
    """
    if count < 1:
        raise InputError(f"{count} sentences asked for; expected one or more")
    rest = [example for example in pool if not example.label]
    groups = _groups([example.text for example in rest], labelled)
    if not groups:
        raise InputError(f"all of {len(pool)} sentences have a label or a labelled near-duplicate; expected new ones")
    texts = [rest[group[0]].text for group in groups]
    vectors = normalize(AdditiveTfidf(anchors=0).fit(texts).transform(texts))
    probabilities = None if model is None else np.asarray(model.predict_proba(texts), np.float64)
    chosen = spread(vectors, count) if probabilities is None else select(probabilities, vectors, count)
    suggestions = []
    for place in chosen.tolist():
        first, *others = groups[place]
        label, chance = "", 0.0
        if model is not None and probabilities is not None:
            label, chance = str(model.classes_[probabilities[place].argmax()]), float(probabilities[place].max())
        suggestions.append(Suggestion(rest[first], label, round(chance, 4), tuple(rest[i].id for i in others)))
    return tuple(suggestions)


def select(probabilities: Float64, vectors: Any, count: int) -> Ints:
    """Return the indices of `count` uncertain sentences unlike one another, best first.

    Parameters
    ----------
    probabilities : (n, K) array
    vectors : (n, d) sparse matrix
        Of length one; their products are the likeness.
    count : int
    """
    uncertain = 1 - probabilities.max(axis=1)
    candidates = np.argsort(-uncertain, kind="stable")[: CANDIDATES * count]
    likeness = (vectors[candidates] @ vectors[candidates].T).toarray()
    value, nearest = uncertain[candidates], np.zeros(len(candidates))
    chosen: list[int] = []
    for _ in range(min(count, len(candidates))):
        left = value * (1 - DISCOUNT * nearest)
        left[chosen] = -1
        chosen.append(int(left.argmax()))
        nearest = np.maximum(nearest, likeness[chosen[-1]])
    return np.asarray(candidates[chosen], np.int64)


def spread(vectors: Any, count: int, seed: int = 0) -> Ints:
    """Return the indices of sentences spread over the pool: those nearest to the centres of `count` clusters."""
    if count >= vectors.shape[0]:
        return np.arange(vectors.shape[0])
    distance = KMeans(count, n_init=1, max_iter=20, random_state=seed).fit(vectors).transform(vectors)
    return np.unique(distance.argmin(axis=0))


def _groups(texts: Sequence[str], labelled: Sequence[str]) -> list[list[int]]:
    """Return groups of near-duplicates among `texts`, without those that hold a labelled sentence."""
    total = len(texts) + len(labelled)
    pairs = near_duplicates([*texts, *labelled])
    ends = [(first, second) for first, second, _ in pairs]
    first, second = zip(*ends, strict=True) if ends else ((), ())
    graph = sparse.coo_matrix((np.ones(len(ends)), (first, second)), shape=(total, total))
    group_of = sparse.csgraph.connected_components(graph, directed=False)[1]
    known = set(group_of[len(texts) :].tolist())
    groups: dict[int, list[int]] = {}
    for place, group in enumerate(group_of[: len(texts)].tolist()):
        if group not in known:
            groups.setdefault(group, []).append(place)
    return list(groups.values())
