"""The tables against the scikit-learn matrix path, and their independence of batch, order and history."""

from __future__ import annotations

import pickle
import threading

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import stance.scorer
from stance.classifier import StanceClassifier
from stance.dataset import Dataset
from stance.model import Model, softmax
from stance.scorer import Scorer

STRANGE = [
    "", "a", "?", "🇹🇷🚀", "مرحبا بالعالم", "俄罗斯导弹", "ıIiİ ÇŞĞÜÖ", "\x00", "\ud800\udfff", "a" * 100_000,
    "a " * 20_000, "S-400 " * 500, "\n\t\r\x0b", "ﬁ ﷺ", "e\u0301" * 60, "-400", "US US US U.S. U.S.A.",
    "x" * 159, "x" * 160, "x" * 161, "é" * 200,
]  # fmt: skip


def matrix_path(classifier: StanceClassifier, texts: list[str]) -> NDArray[np.float64]:
    """Return the probabilities of the sparse matrix, scikit-learn's margins and their calibration."""
    margins = classifier.svm_.decision_function(classifier.features_.transform(texts))
    return softmax(margins @ classifier.calibration_[:, :-1].T + classifier.calibration_[:, -1])


def test_tables_equal_the_matrix_over_the_whole_data_set(fitted: StanceClassifier, data: Dataset) -> None:
    tables, matrix = fitted.predict_proba(data.texts), matrix_path(fitted, data.texts)
    assert np.isfinite(tables).all()
    assert np.abs(tables - matrix).max() <= 1e-5
    assert (tables.argmax(axis=1) == matrix.argmax(axis=1)).all()


def test_tables_equal_the_matrix_on_strange_strings(fitted: StanceClassifier) -> None:
    assert np.abs(fitted.predict_proba(STRANGE) - matrix_path(fitted, STRANGE)).max() <= 1e-5


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.text(alphabet=st.characters(), max_size=60), min_size=25, max_size=25))
def test_tables_equal_the_matrix_on_any_strings(fitted: StanceClassifier, texts: list[str]) -> None:
    tables = fitted.predict_proba(texts)
    assert np.isfinite(tables).all()
    assert np.abs(tables - matrix_path(fitted, texts)).max() <= 1e-5


def test_contributions_sum_to_the_decision_values(model: Model, data: Dataset) -> None:
    texts = data.texts
    values = model.decision_function(texts)
    for text, value in zip(texts, values, strict=True):
        explanation = model.explain(text)
        total = np.array(explanation.intercept) + np.sum([c.values for c in explanation.contributions], axis=0)
        np.testing.assert_allclose(total, value, atol=1e-5, rtol=0)


@pytest.mark.parametrize("text", STRANGE)
def test_explaining_strange_text(model: Model, text: str) -> None:
    explanation = model.explain(text)
    total = np.array(explanation.intercept) + sum(np.array(c.values) for c in explanation.contributions)
    np.testing.assert_allclose(total, model.decision_function([text])[0], atol=1e-5, rtol=0)


def test_one_is_all_bit_for_bit(model: Model, data: Dataset) -> None:
    texts = [*data.texts[:3000], *STRANGE]
    whole = model.predict_proba(texts)
    assert (np.vstack([model.predict_proba([text]) for text in texts]) == whole).all()
    assert (model.predict_proba(texts[::-1]) == whole[::-1]).all()


def test_history_does_not_matter(model: Model, data: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{text} unseen{i} word{i * 7}" for i, text in enumerate(data.texts[:400])]
    fresh = Scorer(model.scorer.tables).decision_values(texts)
    monkeypatch.setattr(stance.scorer, "CACHED_WORDS", 50)
    small = Scorer(model.scorer.tables)
    for size in (7, 40):  # the dictionary's path and the arrays'
        for start in range(0, 400, size):
            assert (small.decision_values(texts[start : start + size]) == fresh[start : start + size]).all()
            assert len(small._vocabulary.places) <= len(model.scorer.tables.words) + 51 + 2 * size


def test_threads_share_one_scorer(model: Model, data: Dataset) -> None:
    texts = [f"{text} fresh{i}" for i, text in enumerate(data.texts[:600])]
    want = Scorer(model.scorer.tables).decision_values(texts)
    shared = Scorer(model.scorer.tables)
    wrong: list[int] = []

    def score(offset: int) -> None:
        for i in range(offset, 600, 4):
            if (shared.decision_values([texts[i]])[0] != want[i]).any():
                wrong.append(i)

    threads = [threading.Thread(target=score, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_no_texts(model: Model) -> None:
    assert model.predict_proba([]).shape == (0, 4)
    assert model.predict([]).tolist() == []


def test_a_scorer_pickles_without_its_cache(model: Model) -> None:
    copy = pickle.loads(pickle.dumps(model.scorer))
    assert (copy.decision_values(["Akkar said"]) == model.scorer.decision_values(["Akkar said"])).all()


def test_an_unseen_misspelling_leans_like_its_original(model: Model) -> None:
    tables = model.scorer.tables
    original = tables.word_rows[tables.words.index(b"incompatible"), :-1].astype(float)
    misspelt = model.scorer.unseen_rows([b"incompatibel"])[0, :-1].astype(float)
    assert b"incompatibel" not in tables.words
    assert original @ misspelt / np.linalg.norm(original) / np.linalg.norm(misspelt) > 0.5
