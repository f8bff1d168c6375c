"""Train the weights that tell holders apart, on the dev articles of the gold.

    python -m experiments.attribution

Each stance of the gold gives a conditional logit (see `stance.attribution`): its candidates against each other and
against nobody. There are weights for targets that tell which sides usually hold a stance, and for those that do not.
Precision, recall and the least probability at which somebody is named come from ten-fold cross-validation by article;
`python -m experiments.articles` scores the held-out articles.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from stance.training import pin_threads

pin_threads()

import numpy as np  # noqa: E402 - threads are pinned before NumPy is imported
from scipy import sparse  # noqa: E402
from scipy.optimize import minimize  # noqa: E402
from sklearn.feature_extraction import DictVectorizer  # noqa: E402
from sklearn.model_selection import GroupKFold  # noqa: E402

from experiments.articles import gold_articles, places  # noqa: E402
from experiments.runs import HERE, RUNS, environment  # noqa: E402
from stance.attribution import UNKNOWN, weighable  # noqa: E402
from stance.candidates import Candidate  # noqa: E402
from stance.files import write_text  # noqa: E402
from stance.tables import Float64, Ints  # noqa: E402
from stance.target import Target, bundled_target  # noqa: E402

WEIGHTS = HERE.parent / "stance" / "data" / "attribution.json"
PENALTY = 3.0
"""L2 penalty, chosen among 1.5, 3 and 6 by cross-validation."""
PRECISION = 0.91
"""Share of the named holders that must be right in cross-validation."""
LEAST = 8
"""Candidates that a feature must occur with."""
DIGITS = 3

Row = dict[str, Any]


@dataclass(frozen=True)
class Choices:
    """Candidates of many stances: their features, whether they are right, and the stance each belongs to."""

    matrix: sparse.csr_matrix
    right: Float64
    stance: Ints
    article: Ints

    def part(self, kept: Ints) -> Choices:
        """Return the candidates at some rows."""
        return Choices(self.matrix[kept], self.right[kept], self.stance[kept], self.article[kept])


def main(arguments: list[str] | None = None) -> int:
    """Train, cross-validate, write the weights and record."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args(
        arguments
    )
    rows = gold_articles("dev")
    record: Row = {"command": "python -m experiments.attribution", "environment": environment()}
    record |= {"articles": len(rows), "penalty": PENALTY}
    told: Row = {}
    target = bundled_target()
    for name, known in (("with_sides", target), ("without_sides", replace(target, labels=()))):
        choices, names, statements = choices_of(rows, known)
        scores = curve(choices, cross_validated(choices), statements)
        record[name] = {"statements": statements, "features": len(names), **scores}
        told[name] = weights_of(fit(choices), names, scores["threshold"])
    write_text(WEIGHTS, json.dumps(told, indent=1) + "\n")
    (RUNS / "attribution").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "attribution" / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps(record, indent=1))
    return 0


def weights_of(fitted: Float64, names: Sequence[str], threshold: float) -> Row:
    """Return weights as they are written, rounded."""
    features = {name: round(float(weight), DIGITS) for name, weight in zip(names, fitted[:-1], strict=True)}
    return {
        "threshold": threshold,
        "bias": round(float(fitted[-1]), DIGITS),
        "features": dict(sorted(features.items())),
    }


def choices_of(rows: Sequence[Row], target: Target) -> tuple[Choices, list[str], int]:
    """Return the choices of all stances, the names of their features, and the number of stances."""
    found: list[tuple[Candidate, bool, int, int]] = []
    statements = 0
    for article, row in enumerate(rows):
        labels = [gold["label"] for gold in row["sentences"]]
        weighed = weighable(places(row), target, date.fromisoformat(row["published"]), labels)
        for gold, candidates in zip(row["sentences"], weighed, strict=True):
            if gold["label"] == "none" or gold["holders"] == [UNKNOWN]:
                continue
            found += [(c, c.attribution.holder in gold["holders"], statements, article) for c in candidates]
            statements += 1
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([dict.fromkeys(candidate.features, 1.0) for candidate, *_ in found]).tocsr()
    common = np.nonzero(np.asarray(matrix.sum(axis=0)).ravel() >= LEAST)[0]
    right, stance, article_of = (np.array(column) for column in list(zip(*found, strict=True))[1:])
    names = [str(vectorizer.feature_names_[i]) for i in common]
    return Choices(matrix[:, common], right.astype(np.float64), stance, article_of), names, statements


def fit(choices: Choices) -> Float64:
    """Return the weights of the features, the bias behind them, by maximum likelihood with an L2 penalty."""
    _, inverse = np.unique(choices.stance, return_inverse=True)
    stances = int(inverse.max()) + 1
    answered = np.bincount(inverse, choices.right, stances) > 0

    def loss(weights: Float64) -> tuple[float, Float64]:
        share = probabilities(choices, weights)
        right = np.bincount(inverse, share * choices.right, stances)
        nobody = 1 - np.bincount(inverse, share, stances)
        likelihood = np.where(answered, right, nobody).clip(1e-12)
        ideal = np.where(answered[inverse], share * choices.right / right.clip(1e-12)[inverse], 0.0)
        penalty = 0.5 * PENALTY * float(weights[:-1] @ weights[:-1])
        slope = choices.matrix.T @ (share - ideal) + PENALTY * weights[:-1]
        return penalty - float(np.log(likelihood).sum()), np.append(slope, (share - ideal).sum())

    start = np.zeros(choices.matrix.shape[1] + 1)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 400}).x)


def probabilities(choices: Choices, weights: Float64) -> Float64:
    """Return for each candidate the probability that it is the holder."""
    _, inverse = np.unique(choices.stance, return_inverse=True)
    powers = np.exp(np.minimum(choices.matrix @ weights[:-1] + weights[-1], 30.0))
    return np.asarray(powers / (1 + np.bincount(inverse, powers))[inverse])


def cross_validated(choices: Choices) -> Float64:
    """Return each candidate's probability by weights that its article had no part in."""
    share = np.zeros(len(choices.right))
    for train, held in GroupKFold(10).split(choices.matrix, choices.right, choices.article):
        share[held] = probabilities(choices.part(held), fit(choices.part(train)))
    return share


def curve(choices: Choices, share: Float64, statements: int) -> dict[str, float]:
    """Return the threshold that keeps the precision asked for, and precision and recall there."""
    best = {int(s): i for i, s in sorted(enumerate(choices.stance), key=lambda pair: share[pair[0]])}
    chosen = np.array(sorted(best.values(), key=lambda i: -share[i]))
    right = np.cumsum(choices.right[chosen])
    precision = right / np.arange(1, len(chosen) + 1)
    last = int(np.nonzero(precision >= PRECISION)[0].max())
    covered = len(np.unique(choices.stance[choices.right > 0]))
    values = {
        "threshold": share[chosen][last],
        "precision": precision[last],
        "recall": right[last] / statements,
        "holder_among_candidates": covered / statements,
    }
    return {name: round(float(value), 4) for name, value in values.items()}


if __name__ == "__main__":
    sys.exit(main())
