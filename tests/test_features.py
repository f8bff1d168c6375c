from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from stance.dataset import Dataset
from stance.features import AdditiveTfidf
from stance.text import tokenize

TEXTS = ["Waive the sanctions.", "Impose the sanctions now!", "Waive it, waive it.", "No sanctions: waive them."]
LABELS = ["soft", "hard", "soft", "soft"]


@pytest.fixture(scope="module")
def everything() -> AdditiveTfidf:
    """Return features of a tiny corpus with nothing pruned."""
    plain = AdditiveTfidf(bigram_min_df=1, ngram_min_df=1, anchors=2, anchor_min_df=1)
    return plain.fit(TEXTS, LABELS)


def idf(frequency: int) -> float:
    return float(np.log((1 + len(TEXTS)) / (1 + frequency)) + 1)


def test_vocabulary_and_idf(everything: AdditiveTfidf) -> None:
    words = {token for text in TEXTS for token in tokenize(text)}
    assert everything.words_ == sorted(words)
    weights = dict(zip(everything.words_, everything.word_idf_, strict=True))
    assert weights[b"sanctions"] == pytest.approx(idf(3))
    assert weights[b"waive"] == pytest.approx(idf(3))
    assert weights[b"now"] == pytest.approx(idf(1))
    pairs = [b" ".join(everything.words_[i] for i in pair) for pair in everything.bigrams_]
    assert pairs == sorted(pairs)
    assert dict(zip(pairs, everything.bigram_idf_, strict=True))[b"the sanctions"] == pytest.approx(idf(2))


def test_the_formula_of_the_docstring(everything: AdditiveTfidf) -> None:
    text = "waive the sanctions waive"
    row = everything.transform([text]).toarray()[0]
    v, g, b = len(everything.words_), len(everything.ngram_hashes_), len(everything.bigrams_)
    norm = sum((everything.transform([token.decode()]).toarray()[0][: v + g] ** 2).sum() for token in tokenize(text))
    assert norm == pytest.approx(4)  # each word alone has norm 1
    own = everything._type_matrix(everything.words_, np.arange(v)).toarray()
    index = [everything.words_.index(token) for token in tokenize(text)]
    expected = own[index].sum(axis=0) / np.sqrt((own[index] ** 2).sum())
    np.testing.assert_allclose(row[: v + g], expected)
    assert (row[v + g : v + g + b] ** 2).sum() == pytest.approx(1)


def test_anchors_tell_labels_apart_and_pair_at_any_distance(everything: AdditiveTfidf) -> None:
    anchors = [everything.words_[i] for i in everything.anchors_]
    assert b"impose" in anchors
    named = {(anchors[a], everything.words_[w]) for a, w in everything.anchor_pairs_}
    assert (b"impose", b"now") in named
    assert all(anchor != word for anchor, word in named)


def test_without_labels_or_anchors_there_are_no_pairs() -> None:
    assert len(AdditiveTfidf(anchor_min_df=1).fit(TEXTS).anchor_pairs_) == 0
    assert len(AdditiveTfidf(anchors=0).fit(TEXTS, LABELS).anchors_) == 0


def test_pruning() -> None:
    fitted = AdditiveTfidf(word_min_df=2, bigram_min_df=2, ngram_min_df=2, anchors=0).fit(TEXTS, LABELS)
    frequent = {word for word, weight in zip(fitted.words_, fitted.word_idf_, strict=True) if weight}
    assert frequent == {b"sanctions", b"the", b"waive"}
    # A word without a feature of its own stays in the table for a bigram's sake.
    assert [tuple(fitted.words_[i] for i in pair) for pair in fitted.bigrams_] == [(b"the", b"sanctions")]


def test_unseen_words_are_spelled(everything: AdditiveTfidf) -> None:
    row = everything.transform(["sanction"])
    assert row.nnz > 5
    assert everything.transform(["qqqqq"]).nnz <= 2


def test_no_words_give_zeros(everything: AdditiveTfidf) -> None:
    assert everything.transform(["", "?!"]).nnz == 0


def test_is_a_transformer(sample: Dataset) -> None:
    estimator = AdditiveTfidf(ngram_range=(3, 4))
    assert clone(estimator).get_params() == estimator.get_params()
    with pytest.raises(NotFittedError):
        estimator.transform(["x"])
    matrix = estimator.fit_transform(sample.texts, sample.labels)
    assert (matrix != estimator.transform(sample.texts)).nnz == 0
    with pytest.raises(TypeError, match="wrap it"):
        estimator.fit("a lone string")
