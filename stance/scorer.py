"""The folded model: three look-up tables and three sums per sentence, with NumPy alone.

Every feature of a sentence is a sum over its tokens and bigrams, so a linear model over them folds into one row
per word and one per bigram: what it adds to the decision value of each of the K labels, and its squared norm.
With rows ``r`` (K weights) and ``s`` (squared norm), a sentence's decision values are

    d = c + sum_i r(t_i) / sqrt(sum_i s(t_i))
          + sum_j r(b_j) / sqrt(sum_j s(b_j)) + sum_l r(p_l) / sqrt(sum_l s(p_l))

over its words ``t``, bigrams ``b`` and anchor pairs ``p`` (an anchor is a word that tells the labels apart; it pairs
with every other word of its sentence, wherever that stands), with intercepts ``c``. A word outside the table gets its
row from its character n-grams the first time it is met. Rows are float32, sums are float64 and never leave their
sentence: the same text has the same bits of result whatever the batch, its order and what was scored before.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.ngrams import MAX_TOKEN, word_ngrams
from stance.tables import AnchorTable, Float32, Float64, Ints, PairTable, Tables, WordCache, scaled
from stance.text import tokenize_batch

CACHED_WORDS = 200_000
"""Unseen words whose rows are kept; past that the cache starts afresh (about 30 MB at four labels)."""

_CHUNK = 2048  # sentences tokenised together: bounds memory, changes no result


@dataclass(frozen=True)
class Contribution:
    """What one word, bigram or anchor pair of a sentence adds to the decision value of each label."""

    text: str  #: the word, the two words of a bigram, or an anchor and another word with an ellipsis between
    position: int  #: index of its (first) token in the sentence
    values: tuple[float, ...]  #: one value a label


class Scorer:
    """Decision values of sentences from folded tables.

    Parameters
    ----------
    tables : Tables
        A consistent set of arrays; `stance.artifact` checks those that come from a file.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._labels = len(tables.intercept)
        self._cache = WordCache.of(tables)
        self._pairs = PairTable(tables.bigrams)
        self._bigram_weights = tables.bigram_rows.astype(np.float64)
        self._anchors = AnchorTable(tables)
        self._anchor_weights = tables.anchor_rows.astype(np.float64)
        self._lock = threading.Lock()

    def __getstate__(self) -> Tables:
        return self.tables

    def __setstate__(self, tables: Tables) -> None:
        self.__init__(tables)  # type: ignore[misc]

    def decision_values(self, texts: Sequence[str]) -> Float64:
        """Return the (n, K) decision values of `texts`."""
        values = np.empty((len(texts), self._labels))
        for start in range(0, len(texts), _CHUNK):
            values[start : start + _CHUNK] = self._score(texts[start : start + _CHUNK])
        return values

    def explain(self, text: str) -> list[Contribution]:
        """Return what every word and pair of `text` adds; with the intercept they sum to the decision value."""
        tokens = tokenize_batch((text,))
        ids, weights = self._lookup(tokens)
        found = self._pairs.find(ids[:-1], ids[1:])
        words = [token.decode() for token in tokens[1:]]
        opens = [int(i) - 1 for i in np.nonzero(found >= 0)[0]]
        pairs = [f"{words[i]} {words[i + 1]}" for i in opens]
        pair_rows = self._bigram_weights[found[found >= 0]]
        _, anchor_words, places, rows = self._anchors.find(ids, np.zeros(len(ids), np.int64), 1)
        names = [f"{self.tables.words[w].decode()} … {words[p - 1]}" for w, p in zip(anchor_words, places, strict=True)]
        return (
            _contributions(words, range(len(words)), weights[ids[1:]])
            + _contributions(pairs, opens, pair_rows)
            + _contributions(names, [int(p) - 1 for p in places], self._anchor_weights[rows])
        )

    def _score(self, texts: Sequence[str]) -> Float64:
        ids, weights = self._lookup(tokenize_batch(texts))
        sentence = np.cumsum(ids == 0) - 1
        bigrams = self._pairs.find(ids[:-1], ids[1:])
        opens = np.nonzero(bigrams >= 0)[0]
        owner, _, _, pairs = self._anchors.find(ids, sentence, len(texts))
        values = np.tile(self.tables.intercept.astype(np.float64), (len(texts), 1))
        values += _block(weights, ids, sentence, len(texts))
        values += _block(self._bigram_weights, bigrams[opens], sentence[opens], len(texts))
        values += _block(self._anchor_weights, pairs, owner, len(texts))
        return values

    def _lookup(self, tokens: list[bytes]) -> tuple[Ints, Float64]:
        """Return the row index of each token and the rows; unseen words get theirs here."""
        cache = self._cache
        ids = cache.find(tokens)
        if ids.min(initial=0) < 0:
            with self._lock:
                # One byte more than a table's longest word: a cut token can never pass for a table word.
                tokens = [token[: MAX_TOKEN + 1] for token in tokens]
                cache = self._cache = self._extended(self._cache, tokens)
                ids = cache.find(tokens)
        return ids, cache.weights

    def _extended(self, cache: WordCache, tokens: list[bytes]) -> WordCache:
        unseen = sorted({token for token in tokens if token not in cache.rows})
        if len(cache.rows) + len(unseen) > len(self.tables.words) + CACHED_WORDS:
            cache = WordCache.of(self.tables)
            unseen = sorted({token for token in tokens if token not in cache.rows})
        return cache.extended(unseen, self.unseen_rows(unseen))

    def unseen_rows(self, words: Sequence[bytes]) -> Float32:
        """Return the (n, K + 1) rows of words outside the table, from their character n-grams alone."""
        tables = self.tables
        rows = np.zeros((len(words), self._labels + 1))
        owner, hashes = word_ngrams(words, *tables.ngram_range)
        if len(tables.ngram_hashes) and len(owner):
            place = np.minimum(np.searchsorted(tables.ngram_hashes, hashes), len(tables.ngram_hashes) - 1)
            known = tables.ngram_hashes[place] == hashes
            size = len(tables.ngram_hashes)
            keys, counts = np.unique(owner[known] * size + place[known], return_counts=True)
            added = tables.ngram_rows[keys % size] * counts[:, None].astype(np.float64)
            added[:, -1] *= counts  # a weight counts tf times, a squared norm tf squared times
            words_found, starts = np.unique(keys // size, return_index=True)
            if len(starts):
                rows[words_found] = np.add.reduceat(added, starts, axis=0)
        return rows.astype(np.float32)


def _contributions(names: Sequence[str], positions: Sequence[int], rows: Float64) -> list[Contribution]:
    """Return the contributions of one block of a sentence."""
    values = scaled(rows, rows[:, -1].sum()).tolist()
    return [Contribution(n, p, tuple(v)) for n, p, v in zip(names, positions, values, strict=True)]


def _block(weights: Float64, rows: NDArray[np.integer[Any]], owner: Ints, sentences: int) -> Float64:
    """Return the scaled sum of each sentence's rows of `weights`; `owner` ascends.

    `reduceat` adds within a sentence alone, so that the bits do not depend on what else is in the batch.
    """
    counts = np.bincount(owner, minlength=sentences)
    filled = np.nonzero(counts)[0]
    sums = np.zeros((sentences, weights.shape[1]))
    if len(filled):
        starts = np.cumsum(counts) - counts
        sums[filled] = np.add.reduceat(weights.take(rows, axis=0), starts[filled], axis=0)
    return scaled(sums, sums[:, -1:])
