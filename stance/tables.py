"""The arrays of a folded model, and the look-ups built from them when it is loaded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.text import SEPARATOR

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Ints = NDArray[np.int64]


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

    def strongest_words(self, column: int, count: int) -> list[str]:
        """Return the `count` words that pull hardest toward a label, each as if it stood alone in a sentence."""
        weights = scaled(self.word_rows, self.word_rows[:, -1:])
        pull = weights[:, column] - weights.mean(axis=1)
        return [self.words[row].decode(errors="replace") for row in np.argsort(-pull, kind="stable")[:count]]


def scaled(rows: Float64 | Float32, squared: NDArray[Any] | np.floating[Any]) -> Float64:
    """Return the K weights of `rows` over the root of `squared`, zero where that is zero."""
    root = np.sqrt(np.where(squared > 0, squared, 1.0))
    return np.asarray(rows[..., :-1] / root, np.float64)


class WordCache:
    """Tokens to row indices, and the rows: the table's words first, then the unseen ones met so far.

    A reader holds one cache object, so that indices and rows always match; a writer fills spare rows before it
    names them, and moves to a new object when the spare rows run out.
    """

    def __init__(self, rows: dict[bytes, int], weights: Float64) -> None:
        self.rows = rows
        self.weights = weights

    @classmethod
    def of(cls, tables: Tables) -> WordCache:
        """Return the cache of a table: row 0 is the separator's, row i + 1 that of word i."""
        words = (SEPARATOR, *tables.words)
        weights = np.vstack([np.zeros(tables.word_rows.shape[1]), tables.word_rows])
        return cls(dict(zip(words, range(len(words)), strict=True)), weights)

    def find(self, tokens: list[bytes]) -> Ints:
        """Return the row index of each token, -1 where it has none."""
        return np.fromiter(map(self.rows.get, tokens, repeat(-1)), np.int64, len(tokens))

    def extended(self, words: list[bytes], rows: Float32) -> WordCache:
        """Return a cache that also holds `words`, none of which it held before."""
        used = len(self.rows)
        total = used + len(words)
        cache = self
        if total > len(self.weights):
            spare = np.zeros((total + total // 2 - used, rows.shape[1]))
            cache = WordCache(dict(self.rows), np.vstack([self.weights[:used], spare]))
        cache.weights[used:total] = rows
        cache.rows.update(zip(words, range(used, total), strict=True))
        return cache


class PairTable:
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


class AnchorTable:
    """Anchor pairs as a dense array of (anchor, word) to row: a sentence has about eighty, too many to probe for."""

    def __init__(self, tables: Tables) -> None:
        self._width = len(tables.words) + 1  # row 0 belongs to the separator
        self._words = tables.anchors
        self._anchor_of = np.full(self._width, -1, np.int64)
        self._anchor_of[tables.anchors + 1] = np.arange(len(tables.anchors))
        self._index: NDArray[np.int32] = np.full((self._width, len(tables.anchors)), -1, np.int32)
        self._index[tables.anchor_pairs[:, 1] + 1, tables.anchor_pairs[:, 0]] = np.arange(len(tables.anchor_pairs))

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
        row = self._index.ravel()[known[place] * len(self._words) + np.repeat(which, counts)]
        found = np.nonzero(row >= 0)[0]
        words = self._words[np.repeat(which, counts)[found]].astype(np.int64)
        return np.repeat(owner, counts)[found], words, place[found], row[found]
