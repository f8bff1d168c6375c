"""The arrays of a folded model, and how rows of them are added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        weights = scaled(self.word_rows[:, :-1], self.word_rows[:, -1:])
        pull = weights[:, column] - weights.mean(axis=1)
        return [self.words[row].decode(errors="replace") for row in np.argsort(-pull, kind="stable")[:count]]


def scaled(weights: Float64 | Float32, squared: NDArray[Any] | np.floating[Any]) -> Float64:
    """Return `weights` over the root of `squared`, unchanged where that is zero."""
    return np.asarray(weights / np.sqrt(squared + (squared <= 0)), np.float64)


def with_zeros(rows: Float32) -> Float32:
    """Return `rows` after one of zeros: what a separator, or a pair that has no row, adds."""
    return np.vstack([np.zeros_like(rows, shape=(1, rows.shape[1])), rows])


def openings(values: Ints) -> Ints:
    """Return the places where a stretch of equal `values` begins."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return np.flatnonzero(new)


class Rows:
    """Rows of a table, laid out to be gathered and added a batch at a time.

    Weights lie two labels to a complex number, because adding complex numbers adds both at once, and apart from the
    squared norms, because NumPy copies rows of 32 bytes (four labels) twice as fast as others.

    Parameters
    ----------
    rows : (n, K + 1) array
        K weights and a squared norm a row.
    spare : int
        Rows of zeros to add after these.
    """

    def __init__(self, rows: Float32 | Float64, spare: int = 0) -> None:
        count, self._labels = len(rows), rows.shape[1] - 1
        weights = np.zeros((count + spare, self._labels + self._labels % 2))
        self._pairs = weights.view(np.complex128)
        self._weights = weights[:, : self._labels]
        self._squared = np.zeros(count + spare)
        self.put(0, rows)

    def __len__(self) -> int:
        return len(self._squared)

    def __getitem__(self, places: slice | Ints) -> Float64:
        """Return rows as they were given."""
        return np.column_stack([self._weights[places], self._squared[places]])

    def put(self, start: int, rows: Float32 | Float64) -> None:
        """Overwrite rows from `start` on."""
        self._weights[start : start + len(rows)] = rows[:, :-1]
        self._squared[start : start + len(rows)] = rows[:, -1]

    def sums(self, places: Ints, starts: Ints) -> Float64:
        """Return the (n, K) scaled sums of the n stretches of `places` that begin at `starts`.

        `reduceat` adds within a stretch alone, so that the bits do not depend on what else is in the batch.
        """
        weights = np.add.reduceat(self._pairs.take(places, axis=0), starts).view(np.float64)[:, : self._labels]
        squared = np.add.reduceat(self._squared.take(places), starts)
        return scaled(weights, squared[:, None])
