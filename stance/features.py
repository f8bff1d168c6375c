"""Additive TF-IDF: the features of a sentence as a sum over its words, so that a linear model folds into tables.

A word ``w`` has the vector ``x_w``: its own feature (its idf) beside its character n-grams (tf times idf). A
sentence of words ``t`` and bigrams ``b`` is ``[u; v]`` with

    u = sum_i x(t_i) / sqrt(sum_i |x(t_i)|^2)        v = sum_j idf(b_j) e(b_j) / sqrt(sum_j idf(b_j)^2)

where ``idf = ln((1 + n) / (1 + df)) + 1`` over n training sentences, the smoothed form of scikit-learn. The norms
add up over tokens, unlike the usual l2 norm of the sum, and the term frequency is raw: both make folding exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from stance.ngrams import MAX_TOKEN, word_ngrams
from stance.scorer import Float64, Ints, Tables
from stance.text import SEPARATOR, check_texts, tokenize_batch


class AdditiveTfidf(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sentences to a sparse matrix of additive TF-IDF features.

    Parameters
    ----------
    word_min_df, bigram_min_df, ngram_min_df : int
        Number of training sentences that a word, a bigram or a character n-gram must occur in.
    ngram_range : tuple of int
        Shortest and longest character n-gram, word boundaries counted.

    Attributes
    ----------
    words_ : list of bytes
        Words with a feature of their own or within a known bigram, in ascending order.
    word_idf_ : (V,) array
        Their idf, zero for those that have no feature of their own.
    ngram_hashes_, ngram_idf_ : (G,) arrays
        Character n-grams as hashes, in ascending order, and their idf.
    bigrams_, bigram_idf_ : (B, 2) and (B,) arrays
        Bigrams as pairs of indices into `words_`, in ascending order, and their idf.
    """

    def __init__(
        self,
        *,
        word_min_df: int = 1,
        bigram_min_df: int = 2,
        ngram_min_df: int = 2,
        ngram_range: tuple[int, int] = (2, 5),
    ) -> None:
        self.word_min_df = word_min_df
        self.bigram_min_df = bigram_min_df
        self.ngram_min_df = ngram_min_df
        self.ngram_range = ngram_range

    def fit(self, texts: Iterable[str], y: object = None) -> AdditiveTfidf:  # noqa: ARG002 - scikit-learn passes it
        """Learn the vocabulary and idf of `texts`.

        Raises
        ------
        ValueError
            If the texts hold no word at all.
        """
        counted = _Counted(check_texts(texts))
        if not counted.types:
            raise ValueError("the texts hold no words; expected sentences to learn from")
        n = counted.sentences
        owner, hashes = word_ngrams(counted.types, *self.ngram_range)
        self.ngram_hashes_, columns = np.unique(hashes, return_inverse=True)
        spelled = _matrix(owner, columns, np.ones(len(owner)), (len(counted.types), len(self.ngram_hashes_)))
        frequency = _column_counts(counted.counts(), spelled)
        kept = frequency >= self.ngram_min_df
        self.ngram_hashes_, self.ngram_idf_ = self.ngram_hashes_[kept], _idf(frequency[kept], n)

        pairs, pair_frequency = counted.pair_frequencies()
        pairs = pairs[pair_frequency >= self.bigram_min_df]
        self.bigram_idf_ = _idf(pair_frequency[pair_frequency >= self.bigram_min_df], n)
        frequency = np.bincount(counted.counts().indices, minlength=len(counted.types))
        own = (frequency >= self.word_min_df) & counted.short
        named = np.nonzero(own | np.isin(np.arange(len(own)), pairs))[0]
        self.words_ = [counted.types[i] for i in named]
        self.word_idf_ = np.where(own, _idf(frequency, n), 0.0)[named]
        self.bigrams_ = np.searchsorted(named, pairs).astype(np.int32)
        return self

    def transform(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """Return the (n, V + G + B) matrix of `texts`."""
        check_is_fitted(self)
        counted = _Counted(check_texts(texts))
        index = {word: i for i, word in enumerate(self.words_)}
        row_of_type = np.fromiter((index.get(word, -1) for word in counted.types), np.int64, len(counted.types))
        words = self._word_block(counted, row_of_type)
        return sparse.hstack([words, self._bigram_block(counted, row_of_type)], format="csr")

    def _word_block(self, counted: _Counted, row_of_type: Ints) -> sparse.csr_matrix:
        types = self._type_matrix(counted.types, row_of_type)
        counts = counted.counts()
        squared = counts @ np.asarray(types.multiply(types).sum(axis=1)).ravel()
        return sparse.diags(_inverse_root(squared)) @ (counts @ types)

    def _type_matrix(self, types: Sequence[bytes], row_of_type: Ints) -> sparse.csr_matrix:
        """Return the vectors ``x_w`` of word types, (types, V + G)."""
        known = np.nonzero(row_of_type >= 0)[0]
        shape = (len(types), len(self.words_))
        own = _matrix(known, row_of_type[known], self.word_idf_[row_of_type[known]], shape)
        owner, hashes = word_ngrams(types, *self.ngram_range)
        column = _positions(self.ngram_hashes_, hashes)
        found = column >= 0
        shape = (len(types), len(self.ngram_hashes_))
        spelled = _matrix(owner[found], column[found], self.ngram_idf_[column[found]], shape)
        return sparse.hstack([own, spelled], format="csr")

    def _bigram_block(self, counted: _Counted, row_of_type: Ints) -> sparse.csr_matrix:
        sentence, left, right = counted.pairs()
        left, right = row_of_type[left], row_of_type[right]
        column = _positions(_pair_keys(self.bigrams_[:, 0], self.bigrams_[:, 1]), _pair_keys(left, right))
        found = (column >= 0) & (left >= 0) & (right >= 0)
        sentence, column = sentence[found], column[found]
        idf = self.bigram_idf_[column]
        squared = np.bincount(sentence, idf**2, minlength=counted.sentences).astype(np.float64)
        shape = (counted.sentences, len(self.bigrams_))
        return sparse.diags(_inverse_root(squared)) @ _matrix(sentence, column, idf, shape)

    def fold(self, weights: Float64, intercept: Float64) -> Tables:
        """Return the look-up tables of a linear model over these features.

        Parameters
        ----------
        weights : (K, V + G + B) array
        intercept : (K,) array
        """
        check_is_fitted(self)
        v, g = len(self.words_), len(self.ngram_hashes_)
        own, spelled, pairs = weights[:, :v].T, weights[:, v : v + g].T, weights[:, v + g :].T
        types = self._type_matrix(self.words_, np.arange(v))
        squared = np.asarray(types.multiply(types).sum(axis=1))
        return Tables(
            words=tuple(self.words_),
            word_rows=_rows(types @ np.vstack([own, spelled]), squared),
            bigrams=self.bigrams_,
            bigram_rows=_rows(self.bigram_idf_[:, None] * pairs, self.bigram_idf_[:, None] ** 2),
            ngram_hashes=self.ngram_hashes_,
            ngram_rows=_rows(self.ngram_idf_[:, None] * spelled, self.ngram_idf_[:, None] ** 2),
            intercept=intercept.astype(np.float32),
            ngram_range=(int(self.ngram_range[0]), int(self.ngram_range[1])),
        )


class _Counted:
    """Tokens of a batch as word types (in ascending order) and positions."""

    def __init__(self, texts: Sequence[str]) -> None:
        tokens = tokenize_batch(texts)
        self.sentences = len(texts)
        self.types = sorted(set(tokens) - {SEPARATOR})
        index = {word: i for i, word in enumerate(self.types)} | {SEPARATOR: -1}
        ids = np.fromiter(map(index.__getitem__, tokens), np.int64, len(tokens))
        self._sentence = np.cumsum(ids < 0) - 1
        self._ids = ids
        self.short = np.array([len(word) <= MAX_TOKEN for word in self.types], bool)

    def counts(self) -> sparse.csr_matrix:
        """Return the (sentences, types) matrix of term frequencies."""
        words = self._ids >= 0
        shape = (self.sentences, len(self.types))
        return _matrix(self._sentence[words], self._ids[words], np.ones(int(words.sum())), shape)

    def pairs(self) -> tuple[Ints, Ints, Ints]:
        """Return sentence, left type and right type of every bigram occurrence."""
        inside = (self._ids[:-1] >= 0) & (self._ids[1:] >= 0)
        return self._sentence[1:][inside], self._ids[:-1][inside], self._ids[1:][inside]

    def pair_frequencies(self) -> tuple[Ints, Ints]:
        """Return the distinct bigrams of short words, (m, 2), and the number of sentences each occurs in."""
        sentence, left, right = self.pairs()
        short = self.short[left] & self.short[right]
        occurrences = np.unique(np.stack([left[short], right[short], sentence[short]], axis=1), axis=0)
        pairs, frequency = np.unique(occurrences[:, :2], axis=0, return_counts=True)
        return pairs, frequency


def _matrix(rows: Ints, columns: Ints, values: Float64, shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((values, (rows, columns)), shape=shape)


def _column_counts(counts: sparse.csr_matrix, spelled: sparse.csr_matrix, step: int = 4096) -> Ints:
    """Return in how many sentences each n-gram occurs, a slice of sentences at a time to bound memory."""
    total = np.zeros(spelled.shape[1], np.int64)
    for start in range(0, counts.shape[0], step):
        total += np.bincount((counts[start : start + step] @ spelled).indices, minlength=spelled.shape[1])
    return total


def _positions(ascending: NDArray[Any], wanted: NDArray[Any]) -> Ints:
    """Return the position of each value in a sorted array, -1 where it is missing."""
    if len(ascending) == 0:
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return np.where(ascending[place] == wanted, place, -1)


def _pair_keys(left: NDArray[Any], right: NDArray[Any]) -> Ints:
    return (left.astype(np.int64) << 32) | right.astype(np.int64)


def _idf(frequency: NDArray[Any], sentences: int) -> Float64:
    return np.asarray(np.log((1 + sentences) / (1 + frequency)) + 1, np.float64)


def _inverse_root(squared: Float64) -> Float64:
    return np.asarray(1 / np.sqrt(np.where(squared > 0, squared, 1.0)), np.float64)


def _rows(weights: Float64, squared: Float64) -> NDArray[np.float32]:
    return np.hstack([weights, squared]).astype(np.float32)
