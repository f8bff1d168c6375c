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
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.ngrams import MAX_TOKEN, word_ngrams
from stance.text import SEPARATOR, tokenize_batch

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]

CACHED_WORDS = 200_000
"""Unseen words whose rows are kept; past that the cache starts afresh (about 30 MB at four labels)."""

_CHUNK = 2048  # sentences tokenised together: bounds memory, changes no result


@dataclass(frozen=True)
class Tables:
    """The arrays of a folded model; the one description of what an artifact holds.

    V words, B bigrams, A anchors, P anchor pairs, G character n-grams, K labels. Column K of a row is the squared norm.
    """

    words: tuple[bytes, ...]  #: V tokens in ascending order
    word_rows: Float32  #: (V, K + 1)
    bigrams: NDArray[np.int32]  #: (B, 2) indices into `words`, in ascending order
    bigram_rows: Float32  #: (B, K + 1)
    anchors: NDArray[np.int32]  #: (A,) indices into `words`, in ascending order
    anchor_pairs: NDArray[np.int32]  #: (P, 2) indices into `anchors` and into `words`, in ascending order
    anchor_rows: Float32  #: (P, K + 1)
    ngram_hashes: NDArray[np.uint64]  #: (G,) in ascending order
    ngram_rows: Float32  #: (G, K + 1)
    intercept: Float32  #: (K,)
    ngram_range: tuple[int, int]  #: shortest and longest character n-gram


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
        self._cache = _WordCache.of(tables)
        self._pairs = _PairTable(tables.bigrams)
        self._bigram_weights = tables.bigram_rows.astype(np.float64)
        self._anchors = _AnchorTable(tables)
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

    def word_weights(self) -> Float32:
        """Return the (V, K) contributions of the table's words, each as if it stood alone in a sentence."""
        rows = self.tables.word_rows
        return np.asarray(_scaled(rows, rows[:, -1:]), np.float32)

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

    def _extended(self, cache: _WordCache, tokens: list[bytes]) -> _WordCache:
        unseen = sorted({token for token in tokens if token not in cache.rows})
        if len(cache.rows) + len(unseen) > len(self.tables.words) + CACHED_WORDS:
            cache = _WordCache.of(self.tables)
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


class _WordCache:
    """Tokens to row indices, and the rows: the table's words first, then the unseen ones met so far.

    A reader holds one cache object, so that indices and rows always match; a writer fills spare rows before it
    names them, and moves to a new object when the spare rows run out.
    """

    def __init__(self, rows: dict[bytes, int], weights: Float64) -> None:
        self.rows = rows
        self.weights = weights

    @classmethod
    def of(cls, tables: Tables) -> _WordCache:
        """Return the cache of a table: row 0 is the separator's, row i + 1 that of word i."""
        words = (SEPARATOR, *tables.words)
        weights = np.vstack([np.zeros(tables.word_rows.shape[1]), tables.word_rows])
        return cls(dict(zip(words, range(len(words)), strict=True)), weights)

    def find(self, tokens: list[bytes]) -> Ints:
        """Return the row index of each token, -1 where it has none."""
        return np.fromiter(map(self.rows.get, tokens, repeat(-1)), np.int64, len(tokens))

    def extended(self, words: list[bytes], rows: Float32) -> _WordCache:
        """Return a cache that also holds `words`, none of which it held before."""
        used = len(self.rows)
        total = used + len(words)
        cache = self
        if total > len(self.weights):
            spare = np.zeros((total + total // 2 - used, rows.shape[1]))
            cache = _WordCache(dict(self.rows), np.vstack([self.weights[:used], spare]))
        cache.weights[used:total] = rows
        cache.rows.update(zip(words, range(used, total), strict=True))
        return cache


class _PairTable:
    """Open-addressing hash table from pairs of row indices to bigram indices, probed with whole arrays."""

    def __init__(self, bigrams: NDArray[np.int32]) -> None:
        pairs = bigrams.astype(np.int64) + 1  # row 0 belongs to the separator
        self._bits = max(4, int(4 * len(pairs)).bit_length())
        self._keys = np.full(1 << self._bits, -1, np.int64)
        self._index = np.full(1 << self._bits, -1, np.int64)
        self._probes = 0
        waiting = np.arange(len(pairs))
        keys = self._key(pairs[:, 0], pairs[:, 1])
        while len(waiting):
            slots = self._slot(keys[waiting], self._probes)
            free = np.nonzero(self._keys[slots] < 0)[0]
            slot, first = np.unique(slots[free], return_index=True)
            placed = free[first]
            self._keys[slot], self._index[slot] = keys[waiting[placed]], waiting[placed]
            waiting = np.delete(waiting, placed)
            self._probes += 1

    def find(self, left: Ints, right: Ints) -> Ints:
        """Return the bigram index of each pair of row indices, -1 where there is none."""
        keys = self._key(left, right)
        found = np.full(len(keys), -1, np.int64)
        for probe in range(self._probes):
            slots = self._slot(keys, probe)
            hit = self._keys[slots] == keys
            found[hit] = self._index[slots[hit]]
        return found

    @staticmethod
    def _key(left: Ints, right: Ints) -> Ints:
        return (left << 32) | right

    def _slot(self, keys: Ints, probe: int) -> Ints:
        mixed = keys.view(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        return ((mixed >> np.uint64(64 - self._bits)).view(np.int64) + probe) & ((1 << self._bits) - 1)


class _AnchorTable:
    """Anchor pairs as a dense array of (anchor, word) to row: a sentence has about eighty, too many to probe for."""

    def __init__(self, tables: Tables) -> None:
        self._width = len(tables.words) + 1  # row 0 belongs to the separator
        self._words = tables.anchors
        self._anchor_of = np.full(self._width, -1, np.int64)
        self._anchor_of[tables.anchors + 1] = np.arange(len(tables.anchors))
        self._index: NDArray[np.int32] = np.full((len(tables.anchors), self._width), -1, np.int32)
        self._index[tables.anchor_pairs[:, 0], tables.anchor_pairs[:, 1] + 1] = np.arange(len(tables.anchor_pairs))

    def find(self, ids: Ints, sentence: Ints, sentences: int) -> tuple[Ints, Ints, Ints, NDArray[np.int32]]:
        """Return sentence, anchor's word, other word's token position and row of every known pair.

        An anchor that stands in a sentence twice counts once; a word beside it counts as often as it stands there.
        """
        known = np.where(ids < self._width, ids, 0)
        anchor = self._anchor_of[known]
        present = np.zeros((sentences, len(self._words)), bool)
        marked = np.nonzero(anchor >= 0)[0]
        present[sentence[marked], anchor[marked]] = True
        owner, which = np.nonzero(present)
        lengths = np.bincount(sentence, minlength=sentences)
        starts = np.cumsum(lengths) - lengths
        counts = lengths[owner]
        total = int(counts.sum())
        place = np.arange(total) + np.repeat(starts[owner] - (np.cumsum(counts) - counts), counts)
        row = self._index.ravel()[np.repeat(which * self._width, counts) + known[place]]
        found = np.nonzero(row >= 0)[0]
        words = self._words[np.repeat(which, counts)[found]].astype(np.int64)
        return np.repeat(owner, counts)[found], words, place[found], row[found]


def _contributions(names: Sequence[str], positions: Sequence[int], rows: Float64) -> list[Contribution]:
    """Return the contributions of one block of a sentence."""
    values = _scaled(rows, rows[:, -1].sum()).tolist()
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
    return _scaled(sums, sums[:, -1:])


def _scaled(rows: Float64 | Float32, squared: NDArray[Any] | np.floating[Any]) -> Float64:
    """Return the K weights of `rows` over the root of `squared`, zero where that is zero."""
    root = np.sqrt(np.where(squared > 0, squared, 1.0))
    return np.asarray(rows[..., :-1] / root, np.float64)
