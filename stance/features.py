"""Additive TF-IDF: the features of a sentence as a sum over its words, so that a linear model folds into tables.

A word ``w`` has the vector ``x_w``: its own feature (its idf) beside its character n-grams (tf times idf). A
sentence of words ``t``, bigrams ``b`` and anchor pairs ``p`` is ``[u; v; a]`` with

    u = sum_i x(t_i) / sqrt(sum_i |x(t_i)|^2)
    v = sum_j idf(b_j) e(b_j) / sqrt(sum_j idf(b_j)^2)        a: as v, over anchor pairs

Anchors are the words that tell the labels apart best, by chi-squared. An anchor forms a pair with every other word of
its sentence, near or far: "sanctions ... waive" is one feature and "sanctions ... impose" another. The weight is
``idf = ln((1 + n) / (1 + df)) + 1`` over n training sentences, the smoothed form of scikit-learn. The norms
add up over tokens, unlike the usual l2 norm of the sum, and the term frequency is raw: both make folding exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_selection import chi2
from sklearn.utils.validation import check_is_fitted

from stance.ngrams import MAX_TOKEN, word_ngrams
from stance.tables import Float64, Ints, Tables
from stance.text import SEPARATOR, check_texts, tokenize_batch

ANCHOR_SHARE = 0.002
"""Share of the training sentences that a word must occur in to become an anchor."""


class AdditiveTfidf(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sentences to a sparse matrix of additive TF-IDF features.

    Parameters
    ----------
    word_min_df, bigram_min_df, ngram_min_df : int
        Number of training sentences that a word, a bigram or a character n-gram must occur in.
    ngram_range : tuple of int
        Shortest and longest character n-gram, word boundaries counted.
    anchors : int
        Number of anchors; 0, or fitting without labels, leaves anchor pairs out.
    anchor_min_df : int
        Number of training sentences that an anchor pair must occur in.

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
    anchors_ : (A,) array
        Anchors as indices into `words_`, in ascending order.
    anchor_pairs_, anchor_idf_ : (P, 2) and (P,) arrays
        Pairs of indices into `anchors_` and into `words_`, in ascending order, and their idf.
    """

    def __init__(
        self,
        *,
        word_min_df: int = 1,
        bigram_min_df: int = 2,
        ngram_min_df: int = 2,
        ngram_range: tuple[int, int] = (2, 5),
        anchors: int = 100,
        anchor_min_df: int = 5,
    ) -> None:
        self.word_min_df = word_min_df
        self.bigram_min_df = bigram_min_df
        self.ngram_min_df = ngram_min_df
        self.ngram_range = ngram_range
        self.anchors = anchors
        self.anchor_min_df = anchor_min_df

    def fit(self, texts: Iterable[str], y: Iterable[Any] | None = None) -> AdditiveTfidf:
        """Learn the vocabulary and idf of `texts`, and the anchors that tell the labels `y` apart.

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
        self._fit_anchors(counted, np.searchsorted(named, np.arange(len(own))), own, y)
        return self

    def _fit_anchors(
        self, counted: _Counted, row_of_type: Ints, own: NDArray[np.bool_], y: Iterable[Any] | None
    ) -> None:
        """Choose anchors among the words with a feature of their own, and count their pairs with such words."""
        chosen = np.zeros(0, np.int64)
        if y is not None and self.anchors:
            present = counted.counts().sign()
            strength = np.nan_to_num(chi2(present, np.asarray(list(y)))[0])
            frequent = np.bincount(present.indices, minlength=len(own)) >= ANCHOR_SHARE * counted.sentences
            strength[~(own & frequent)] = 0
            best = np.argsort(-strength, kind="stable")[: self.anchors]
            chosen = np.sort(best[strength[best] > 0])
        self.anchors_ = row_of_type[chosen].astype(np.int32)
        sentence, anchor, word = counted.anchored(chosen)
        kept = own[word]
        occurrences = np.unique(np.stack([anchor[kept], word[kept], sentence[kept]], axis=1), axis=0)
        pairs, frequency = np.unique(occurrences[:, :2], axis=0, return_counts=True)
        common = frequency >= self.anchor_min_df
        pairs[:, 1] = row_of_type[pairs[:, 1]]
        self.anchor_pairs_ = pairs[common].astype(np.int32)
        self.anchor_idf_ = _idf(frequency[common], counted.sentences)

    def transform(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """Return the (n, V + G + B + P) matrix of `texts`."""
        check_is_fitted(self)
        counted = _Counted(check_texts(texts))
        index = {word: i for i, word in enumerate(self.words_)}
        row_of_type = np.fromiter((index.get(word, -1) for word in counted.types), np.int64, len(counted.types))
        words = self._word_block(counted, row_of_type)
        bigrams = self._bigram_block(counted, row_of_type)
        return sparse.hstack([words, bigrams, self._anchor_block(counted, row_of_type)], format="csr")

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
        return _pair_block(sentence, left, right, self.bigrams_, self.bigram_idf_, counted.sentences)

    def _anchor_block(self, counted: _Counted, row_of_type: Ints) -> sparse.csr_matrix:
        type_of_row = np.full(len(self.words_), -1, np.int64)
        type_of_row[row_of_type[row_of_type >= 0]] = np.nonzero(row_of_type >= 0)[0]
        sentence, anchor, word = counted.anchored(type_of_row[self.anchors_])
        return _pair_block(sentence, anchor, row_of_type[word], self.anchor_pairs_, self.anchor_idf_, counted.sentences)

    def fold(self, weights: Float64, intercept: Float64) -> Tables:
        """Return the look-up tables of a linear model over these features.

        Parameters
        ----------
        weights : (K, V + G + B + P) array
        intercept : (K,) array
        """
        check_is_fitted(self)
        v = len(self.words_)
        ends = np.cumsum([v, len(self.ngram_hashes_), len(self.bigrams_)])
        own, spelled, pairs, anchored = np.split(weights.T, ends)
        types = self._type_matrix(self.words_, np.arange(v))
        squared = np.asarray(types.multiply(types).sum(axis=1))
        return Tables(
            words=tuple(self.words_),
            word_rows=_rows(types @ np.vstack([own, spelled]), squared),
            bigrams=self.bigrams_,
            bigram_rows=_rows(self.bigram_idf_[:, None] * pairs, self.bigram_idf_[:, None] ** 2),
            anchors=self.anchors_,
            anchor_pairs=self.anchor_pairs_,
            anchor_rows=_rows(self.anchor_idf_[:, None] * anchored, self.anchor_idf_[:, None] ** 2),
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

    def anchored(self, anchors: Ints) -> tuple[Ints, Ints, Ints]:
        """Return sentence, position in `anchors` and other word's type of every anchor pair; -1 stands for no type."""
        sentences, positions, words = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        inside = self._ids >= 0
        for position, anchor in enumerate(anchors.tolist()):
            if anchor < 0:
                continue
            holds = np.zeros(self.sentences, bool)
            holds[self._sentence[self._ids == anchor]] = True
            place = np.nonzero(holds[self._sentence] & inside & (self._ids != anchor))[0]
            sentences.append(self._sentence[place])
            positions.append(np.full(len(place), position))
            words.append(self._ids[place])
        return np.concatenate(sentences), np.concatenate(positions), np.concatenate(words)

    def pair_frequencies(self) -> tuple[Ints, Ints]:
        """Return the distinct bigrams of short words, (m, 2), and the number of sentences each occurs in."""
        sentence, left, right = self.pairs()
        short = self.short[left] & self.short[right]
        occurrences = np.unique(np.stack([left[short], right[short], sentence[short]], axis=1), axis=0)
        pairs, frequency = np.unique(occurrences[:, :2], axis=0, return_counts=True)
        return pairs, frequency


def _pair_block(
    sentence: Ints, left: Ints, right: Ints, known: NDArray[np.int32], idf: Float64, sentences: int
) -> sparse.csr_matrix:
    """Return the normalised block of the known among the occurring pairs."""
    column = _positions(_pair_keys(known[:, 0], known[:, 1]), _pair_keys(left, right))
    found = (column >= 0) & (left >= 0) & (right >= 0)
    sentence, column = sentence[found], column[found]
    squared = np.bincount(sentence, idf[column] ** 2, minlength=sentences).astype(np.float64)
    return sparse.diags(_inverse_root(squared)) @ _matrix(sentence, column, idf[column], (sentences, len(known)))


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
