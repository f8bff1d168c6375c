"""Who holds the stance of a sentence: everybody it may be, weighed against each other and against nobody at all.

A candidate ``c`` of a sentence has the score ``s(c) = b + sum of the weights of its features``; the probability that it
is the holder is ``exp s(c) / (1 + sum over candidates exp s)``, the one standing for nobody (a conditional logit,
McFadden 1974). Below a threshold the holder is ``unknown``: that is better than a guess. Weights and thresholds come
from `python -m experiments.attribution` and the dev articles of the gold: one set for stances whose usual sides the
target tells, one for all others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from math import exp

from stance.bylines import author_of
from stance.candidates import Candidate, Candidates
from stance.labels import Stance
from stance.resolution import View
from stance.rules import NOBODY, UNKNOWN, Attribution, Scene, propose
from stance.sentences import Sentence
from stance.target import Target

__all__ = ["NOBODY", "UNKNOWN", "Attribution", "attribute", "weighable"]


@dataclass(frozen=True)
class Weights:
    """How much each feature speaks for a candidate."""

    threshold: float  #: least probability at which somebody is named
    bias: float
    features: Mapping[str, float]

    def choose(self, candidates: Sequence[Candidate]) -> Attribution:
        """Return the most probable candidate's attribution, or that nobody can be told."""
        shares = self.probabilities(candidates)
        best = max(range(len(candidates)), key=shares.__getitem__, default=None)
        return NOBODY if best is None or shares[best] < self.threshold else candidates[best].attribution

    def probabilities(self, candidates: Sequence[Candidate]) -> list[float]:
        """Return for each candidate of a sentence the probability that it holds the stance."""
        powers = [exp(self.bias + sum(self.features.get(f, 0.0) for f in sorted(c.features))) for c in candidates]
        return [power / (1 + sum(powers)) for power in powers]


@cache
def bundled_weights() -> Mapping[str, Weights]:
    """Return the weights that come with the package: ``with_sides`` and ``without_sides``."""
    told = json.loads((files("stance") / "data" / "attribution.json").read_text(encoding="utf-8"))
    return {name: Weights(**row) for name, row in told.items()}


def attribute(
    sentences: Sequence[Sentence],
    target: Target,
    published: date | None = None,
    stances: Sequence[str] | None = None,
) -> list[Attribution]:
    """Return for each sentence of an article who holds the stance that it may carry.

    Parameters
    ----------
    sentences : sequence of Sentence
        The whole article, in order.
    target : Target
    published : date, optional
        Tells who held an office.
    stances : sequence of str, optional
        Labels of the sentences: a stance tells something of its holder.
    """
    if stances and all(stance == Stance.NONE for stance in stances):
        return [NOBODY] * len(sentences)
    weights = bundled_weights()
    found = weighable(sentences, target, published, stances)
    sided = [bool(target.label(stance).usual) for stance in stances or [""] * len(sentences)]
    return [
        weights["with_sides" if known else "without_sides"].choose(candidates)
        for known, candidates in zip(sided, found, strict=True)
    ]


def weighable(
    sentences: Sequence[Sentence],
    target: Target,
    published: date | None = None,
    stances: Sequence[str] | None = None,
) -> list[list[Candidate]]:
    """Return the candidates of each sentence with a stance, before they are weighed; parameters as of `attribute`."""
    labels = [target.label(stance) for stance in stances or [""] * len(sentences)]
    scenes = propose(sentences, target.holders, published, [label.excluded for label in labels])
    author = author_of(sentences)
    known = target.holders.named(author) if author else None
    wrote = Attribution(known.name if known else author, known) if author else None
    found = Candidates(scenes, View(target, published, _countries(scenes), wrote))
    return [[] if label.name == Stance.NONE else found.of(number, label) for number, label in enumerate(labels)]


def _countries(scenes: Sequence[Scene]) -> tuple[str, ...]:
    """Return the countries that an article mentions, the most frequent first."""
    counts = Counter(m.actor.country for scene in scenes for m in scene.mentions if m.actor and m.actor.country)
    return tuple(country for country, _ in counts.most_common())
