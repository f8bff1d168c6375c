"""Simulate annotation: how many labels does each way of choosing sentences need for 95 % of the full macro-F1.

    python -m experiments.suggest_study --data GWSD.tsv

Two pools, ten seeds each: sentences drawn from the train split of the S-400 data, scored on its test split, and three
quarters of the file given by ``--data`` (any format of ``stance convert``), scored on the rest. A model is retrained
after every batch on what is labelled: one linear SVM a label on the package's TF-IDF, its margins made probabilities by
a softmax. `suggest` is `stance.suggest.spread` for the first batch and `stance.suggest.select` after it; the strategies
of small-text (extra ``bench``; Schröder et al. 2023) start from random sentences, as they bring no first batch of their
own, and, marked so, from the same spread. The count is read off the mean curve of the seeds, between batches linearly.
The strategy was chosen on other seeds (100 and up).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from stance.training import pin_threads

pin_threads()

import numpy as np  # noqa: E402 - threads are pinned before NumPy is imported
from joblib import Parallel, delayed  # noqa: E402
from sklearn.metrics import f1_score  # noqa: E402
from sklearn.preprocessing import normalize  # noqa: E402
from sklearn.svm import LinearSVC  # noqa: E402

from experiments.runs import HERE, RUNS, environment  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402
from stance.errors import StanceError  # noqa: E402
from stance.features import AdditiveTfidf  # noqa: E402
from stance.files import write_text  # noqa: E402
from stance.formats import read_examples  # noqa: E402
from stance.model import softmax  # noqa: E402
from stance.suggest import select, spread  # noqa: E402
from stance.tables import Float64, Ints  # noqa: E402

SEEDS = 10
POOL = 3000
FIRST = 50
GROWTH = 1.15
SHARE = 0.95
Query = Callable[["Round", int], Ints]


@dataclass(frozen=True)
class Pool:
    """Features and label codes of a pool and of the sentences that are scored."""

    train: Any
    gold: Ints
    test: Any
    test_gold: Ints


@dataclass(frozen=True)
class Round:
    """What a strategy sees: unlabelled indices, their probabilities and vectors, and a source of chance."""

    left: Ints
    probabilities: Float64
    vectors: Any
    random: np.random.Generator


def by_chance(now: Round, count: int) -> Ints:
    """Choose at random."""
    return np.asarray(now.random.choice(len(now.left), count, replace=False))


def by_suggest(now: Round, count: int) -> Ints:
    """Choose as `stance suggest` does."""
    return select(now.probabilities, now.vectors, count)


def by_small_text(name: str) -> Query:
    """Return a query strategy of small-text by its class."""

    def query(now: Round, count: int) -> Ints:
        import small_text

        known = _Known(now.probabilities)
        rows = np.arange(len(now.left))
        strategy = getattr(small_text, name)()
        return np.asarray(strategy.query(known, _Rows(rows), rows, np.zeros(0, int), np.zeros(0, int), n=count))

    return query


class _Rows:
    """Just enough of a small-text data set: indices that stand for sentences."""

    def __init__(self, rows: Ints) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, item: Any) -> _Rows:
        return _Rows(np.atleast_1d(self.rows[item]))


class _Known:
    """Just enough of a small-text classifier: probabilities that are known already."""

    def __init__(self, probabilities: Float64) -> None:
        self.probabilities = probabilities

    def predict_proba(self, rows: _Rows) -> Float64:
        return self.probabilities[rows.rows]


STRATEGIES: dict[str, tuple[Query, bool]] = {
    "random": (by_chance, False),
    "suggest": (by_suggest, True),
    "small-text LeastConfidence": (by_small_text("LeastConfidence"), False),
    "small-text PredictionEntropy": (by_small_text("PredictionEntropy"), False),
    "small-text BreakingTies": (by_small_text("BreakingTies"), False),
    "small-text BreakingTies, first batch spread": (by_small_text("BreakingTies"), True),
}
"""For each strategy its query, and whether its first batch is spread over the pool rather than random."""


def s400_pool(seed: int) -> Pool:
    """Return a pool of the S-400 data's train split, and its test split."""
    data = load_dataset(HERE.parent / "datasets" / "s400")
    train, test = data.subset("train"), data.subset("test")
    drawn = np.random.default_rng(seed + 1000).choice(len(train), POOL, replace=False)
    examples = [train.examples[i] for i in drawn]
    return prepare([e.text for e in examples], [e.label for e in examples], test.texts, test.labels)


def outside_pool(data: Dataset, seed: int) -> Pool:
    """Return three quarters of a data set as the pool and the rest to score on."""
    order = np.random.default_rng(seed + 1000).permutation(len(data))
    texts, labels = np.array(data.texts, object)[order].tolist(), np.array(data.labels)[order].tolist()
    cut = len(data) // 4
    return prepare(texts[cut:], labels[cut:], texts[:cut], labels[:cut])


def prepare(train: Sequence[str], labels: Sequence[str], test: Sequence[str], test_labels: Sequence[str]) -> Pool:
    """Return the features of texts; their vocabulary is that of the pool, whose labels it does not see."""
    features = AdditiveTfidf(anchors=0).fit(train)
    names = sorted(set(labels))
    codes = [np.array([names.index(label) for label in part]) for part in (labels, test_labels)]
    return Pool(features.transform(train), codes[0], features.transform(test), codes[1])


def curve(pool: Pool, query: Query, spread_first: bool, seed: int, limit: int) -> list[tuple[int, float]]:
    """Return (labels, macro-F1) after every batch."""
    random, vectors = np.random.default_rng(seed), normalize(pool.train)
    size = len(pool.gold)
    chosen = (spread(vectors, FIRST, seed) if spread_first else random.choice(size, FIRST, replace=False)).tolist()
    chosen += random.choice(np.setdiff1d(np.arange(size), chosen), FIRST - len(chosen), replace=False).tolist()
    points = []
    while True:
        model = LinearSVC(C=0.4, tol=1e-3, random_state=0).fit(pool.train[chosen], pool.gold[chosen])
        points.append((len(chosen), float(f1_score(pool.test_gold, model.predict(pool.test), average="macro"))))
        left = np.setdiff1d(np.arange(size), chosen)
        if len(chosen) >= limit or not len(left):
            return points
        now = Round(left, chances(model, pool.train[left], int(pool.gold.max()) + 1), vectors[left], random)
        count = min(max(FIRST, int(len(chosen) * (GROWTH - 1))), len(left))
        chosen += left[query(now, count)].tolist()


def chances(model: LinearSVC, matrix: Any, labels: int) -> Float64:
    """Return probabilities from margins; a label not met yet has none."""
    margins = model.decision_function(matrix)
    margins = np.stack([-margins / 2, margins / 2], axis=1) if margins.ndim == 1 else margins
    table = np.zeros((matrix.shape[0], labels))
    table[:, model.classes_] = softmax(2 * margins)
    return table


def needed(points: Sequence[tuple[int, float]], goal: float) -> int | None:
    """Return the number of labels at which a curve first reaches the goal, between batches linearly."""
    if points[0][1] >= goal:
        return points[0][0]
    for (before, low), (after, high) in pairwise(points):
        if high >= goal:
            return round(before + (after - before) * (goal - low) / (high - low))
    return None


def measure_seed(make: Callable[[int], Pool], seed: int) -> tuple[int, float, dict[str, list[tuple[int, float]]]]:
    """Return pool size, macro-F1 with all labels, and the curve of every strategy."""
    pool = make(seed)
    full = LinearSVC(C=0.4, tol=1e-3, random_state=0).fit(pool.train, pool.gold)
    score = float(f1_score(pool.test_gold, full.predict(pool.test), average="macro"))
    size = len(pool.gold)
    limits = {name: size if name == "random" else round(0.75 * size) for name in STRATEGIES}
    return size, score, {name: curve(pool, *STRATEGIES[name], seed, limits[name]) for name in STRATEGIES}


def measure(make: Callable[[int], Pool], seeds: Sequence[int], jobs: int = 2) -> dict[str, Any]:
    """Return what each strategy needs on one data set."""
    found = Parallel(n_jobs=jobs)(delayed(measure_seed)(make, seed) for seed in seeds)
    goal = SHARE * float(np.mean([full for _, full, _ in found]))
    curves = {}
    for name in STRATEGIES:
        mine = [curves_of[name] for _, _, curves_of in found]
        curves[name] = [
            (size, round(float(np.mean([c[i][1] for c in mine])), 4)) for i, (size, _) in enumerate(mine[0])
        ]
    return {"pool": found[0][0], "full_macro_f1": round(goal / SHARE, 4), "goal": round(goal, 4), "curves": curves}


def main(arguments: list[str] | None = None) -> int:
    """Record the study; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the second data set, in any format of convert")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    options = parser.parse_args(arguments)
    try:
        examples = read_examples(options.data, labels=None).labelled
    except StanceError as error:
        print(f"suggest_study.py: {error}", file=sys.stderr)
        return 1
    data = Dataset(options.data.stem, 1, "", tuple(sorted({e.label for e in examples})), examples)
    pools: dict[str, Callable[[int], Pool]] = {"s400": s400_pool, data.name: lambda seed: outside_pool(data, seed)}
    record = {"command": "python -m experiments.suggest_study --data FILE", "environment": environment()}
    sets = {name: measure(make, range(options.seeds)) for name, make in pools.items()}
    for name, found in sets.items():
        print(name, {k: needed(points, found["goal"]) for k, points in found["curves"].items()})
    (RUNS / "suggest").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "suggest" / "record.json", json.dumps(record | {"seeds": options.seeds, "sets": sets}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
