"""Small and large batches find the same rows, and unseen words get the sum of their n-grams."""

from __future__ import annotations

import numpy as np

from stance.dataset import Dataset
from stance.model import Model
from stance.ngrams import word_ngrams
from stance.text import join_batch
from stance.vocabulary import NgramTable, Vocabulary


def test_dictionary_and_arrays_find_the_same(model: Model, data: Dataset) -> None:
    vocabulary = Vocabulary.of(model.scorer.tables)
    batch = [*data.texts[:300], "Türkiyee's unsen words " + "x" * 300]
    found, told, tokens = vocabulary.find(join_batch(batch))
    found[told] = vocabulary.each(tokens)
    assert found.tolist() == vocabulary.each(join_batch(batch).split()).tolist()
    assert (found < 0).sum() >= 2


def test_an_unseen_word_is_the_sum_of_its_ngrams(model: Model) -> None:
    tables = model.scorer.tables
    word = b"bananananas"
    _, hashes = word_ngrams([word], *tables.ngram_range)
    want = np.zeros(tables.ngram_rows.shape[1])
    for key in set(hashes.tolist()):
        place = np.flatnonzero(tables.ngram_hashes == np.uint64(key))
        times = (hashes == np.uint64(key)).sum()
        if len(place):
            row = tables.ngram_rows[place[0]].astype(float)
            want += np.append(row[:-1] * times, row[-1] * times**2)
    np.testing.assert_allclose(NgramTable(tables).rows([word])[0], want, rtol=1e-6)
    assert NgramTable(tables).rows([]).shape == (0, len(want))
