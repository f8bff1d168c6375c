"""Words to rows: those of the table, and unseen ones, which get theirs from their character n-grams."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import repeat

import numpy as np

from stance.lookup import HashTable, WordIndex
from stance.ngrams import MAX_TOKEN, word_ngrams
from stance.tables import Float32, Ints, Rows, Tables, openings, with_zeros
from stance.text import SEPARATOR

_SMALL = 2000
"""Bytes of a batch below which a dictionary is faster than whole arrays; both find the same."""


class Vocabulary:
    """Tokens to row indices, and the rows: the separator's, 0, the table's words, then the unseen ones met so far.

    A reader holds one vocabulary, so that indices and rows always match; a writer fills spare rows before it names
    them, and moves to a new object when the spare rows run out.
    """

    def __init__(self, places: dict[bytes, int], rows: Rows, index: WordIndex | None = None) -> None:
        self.places = places
        self.rows = rows
        if index is not None:
            self._index = index

    @classmethod
    def of(cls, tables: Tables) -> Vocabulary:
        """Return the vocabulary of a table."""
        words = (SEPARATOR, *tables.words)
        return cls(dict(zip(words, range(len(words)), strict=True)), Rows(with_zeros(tables.word_rows)))

    @cached_property
    def _index(self) -> WordIndex:
        """Positions of the words known so far; those met later are looked up one by one."""
        return WordIndex(list(self.places))

    def find(self, data: bytes) -> tuple[Ints, Ints | slice, list[bytes]]:
        """Return rows of the tokens of a joined batch, and place and bytes of those that `places` must tell."""
        if len(data) < _SMALL:
            # One byte more than a table's longest word: a cut token can never pass for a table word.
            tokens = [token[: MAX_TOKEN + 1] for token in data.split()]
            return np.empty(len(tokens), np.int64), slice(None), tokens
        found, starts, ends = self._index.find(data)
        missed = np.flatnonzero(found < 0)
        ends = np.minimum(ends[missed], starts[missed] + MAX_TOKEN + 1)
        return found, missed, [data[i:j] for i, j in zip(starts[missed].tolist(), ends.tolist(), strict=True)]

    def each(self, tokens: list[bytes]) -> Ints:
        """Return the row of each token, -1 where it has none."""
        return np.fromiter(map(self.places.get, tokens, repeat(-1)), np.int64, len(tokens))

    def extended(self, words: Sequence[bytes], rows: Float32) -> Vocabulary:
        """Return a vocabulary that also holds `words`, none of which it held before."""
        used = len(self.places)
        total = used + len(words)
        grown = self
        if total > len(self.rows):
            grown = Vocabulary(
                dict(self.places), Rows(self.rows[:used], total + total // 2 - used), vars(self).get("_index")
            )
        grown.rows.put(used, rows)
        grown.places.update(zip(words, range(used, total), strict=True))
        return grown


class NgramTable:
    """Rows of character n-grams, of which the row of an unseen word is the sum."""

    def __init__(self, tables: Tables) -> None:
        self._range = tables.ngram_range
        self._hashes = tables.ngram_hashes
        self._rows = tables.ngram_rows.astype(np.float64)

    @cached_property
    def _table(self) -> HashTable:
        return HashTable(self._hashes, np.arange(len(self._hashes)), missing=-1)

    def rows(self, words: Sequence[bytes]) -> Float32:
        """Return the (n, K + 1) rows of words outside the table.

        A weight counts as often as its n-gram stands in the word, a squared norm that often squared.
        """
        rows = np.zeros((len(words), self._rows.shape[1]))
        owner, hashes = word_ngrams(words, *self._range)
        place = self._table.find(hashes)
        known = np.flatnonzero(place >= 0)
        keys = owner[known] * len(self._hashes) + place[known]
        keys.sort()
        opens = openings(keys)
        if len(opens):
            counts = np.diff(opens, append=len(keys))
            owner, place = np.divmod(keys[opens], len(self._hashes))
            added = self._rows.take(place, axis=0) * counts[:, None]
            added[:, -1] *= counts
            firsts = openings(owner)
            rows[owner[firsts]] = np.add.reduceat(added, firsts)
        return rows.astype(np.float32)
