from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import (
    accuracy_score,
    brier_score_loss,
    cohen_kappa_score,
    f1_score,
    precision_recall_fscore_support,
)

from stance.labels import LABELS
from stance.metrics import calibration_error, cohen_kappa, mcnemar, score


def predictions(gold: list[str], seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.ones(4), len(gold)) * 0.5 + 0.5 * np.eye(4)[[LABELS.index(g) for g in gold]] * rng.random(
        (len(gold), 1)
    )


@given(st.lists(st.sampled_from(LABELS), min_size=1, max_size=60), st.integers(0, 1000))
def test_agrees_with_scikit_learn(gold: list[str], seed: int) -> None:
    table = predictions(gold, seed)
    table /= table.sum(axis=1, keepdims=True)
    said = [LABELS[i] for i in table.argmax(axis=1)]
    scores = score(gold, table, LABELS)
    assert scores.macro_f1 == pytest.approx(f1_score(gold, said, labels=LABELS, average="macro", zero_division=0))
    assert scores.accuracy == pytest.approx(accuracy_score(gold, said))
    rates = precision_recall_fscore_support(gold, said, labels=LABELS, zero_division=0)
    for mine, theirs in zip((scores.precision, scores.recall, scores.f1), rates[:3], strict=True):
        np.testing.assert_allclose(list(mine.values()), theirs)
    oppose_support = f1_score(gold, said, labels=["oppose", "support"], average="macro", zero_division=0)
    assert scores.oppose_support_f1 == pytest.approx(oppose_support)
    if len(set(gold)) > 1:
        brier = brier_score_loss(gold, table, labels=list(LABELS), scale_by_half=False)
        assert scores.brier == pytest.approx(brier)


def test_a_known_case() -> None:
    gold, said = ["none", "none", "oppose", "support"], ["none", "oppose", "oppose", "support"]
    scores = score(gold, np.eye(4)[[LABELS.index(s) for s in said]], LABELS)
    assert scores.f1 == {"none": 2 / 3, "oppose": 2 / 3, "softening": 0.0, "support": 1.0}
    assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3 + 1) / 4)
    assert scores.stance_f1 == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert scores.confusion == [[1, 1, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    assert scores.brier == pytest.approx(0.5)


def test_intervals_cover_and_grow_with_groups() -> None:
    rng = np.random.default_rng(0)
    gold = [LABELS[i] for i in rng.integers(0, 4, 400)]
    table = predictions(gold, 1)
    alone = score(gold, table, LABELS).intervals["accuracy"]
    # Every sentence copied ten times and drawn by group: no more evidence than before.
    groups = [str(i) for i in range(400)] * 10
    copied = score(gold * 10, np.tile(table, (10, 1)), LABELS, groups).intervals["accuracy"]
    naive = score(gold * 10, np.tile(table, (10, 1)), LABELS).intervals["accuracy"]
    assert alone[0] < score(gold, table, LABELS).accuracy < alone[1]
    assert copied[1] - copied[0] == pytest.approx(alone[1] - alone[0], rel=0.15)
    assert naive[1] - naive[0] < 0.5 * (copied[1] - copied[0])


def test_calibration_error() -> None:
    assert calibration_error(np.array([0.95, 0.95]), np.array([True, True])) == pytest.approx(0.05)
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, False])) == pytest.approx(0.5)
    rng = np.random.default_rng(0)
    confidence = rng.random(100_000)
    assert calibration_error(confidence, rng.random(100_000) < confidence) < 0.01


def test_mcnemar_is_the_binomial_test() -> None:
    from scipy.stats import binomtest

    first = np.array([True] * 9 + [False] * 3 + [True] * 5)
    second = np.array([False] * 9 + [True] * 3 + [True] * 5)
    assert mcnemar(first, second) == pytest.approx(binomtest(3, 12).pvalue)
    assert mcnemar(first, first) == 1.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=2, max_size=40))
def test_kappa_agrees_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    first, second = [a for a, _ in pairs], [b for _, b in pairs]
    if len({*first, *second}) > 1:
        assert cohen_kappa(first, second) == pytest.approx(cohen_kappa_score(first, second))


def test_refuses() -> None:
    with pytest.raises(ValueError, match="no examples"):
        score([], np.zeros((0, 4)), LABELS)
    with pytest.raises(ValueError, match="gold labels x"):
        score(["x"], np.ones((1, 4)) / 4, LABELS)


def test_scores_without_stance_labels() -> None:
    scores = score(["x", "y"], np.eye(2), ("x", "y"))
    assert scores.macro_f1 == 1.0
    assert scores.oppose_support_f1 is None
    assert scores.as_dict()["f1"] == {"x": 1.0, "y": 1.0}
