"""Pairs of words that have a row: neighbours, and anchors with the other words of their sentence."""

from __future__ import annotations

import numpy as np

from stance.lookup import HashTable
from stance.tables import Float64, Ints, Rows, Tables, openings, with_zeros


class BigramTable:
    """Rows of neighbouring words."""

    def __init__(self, tables: Tables) -> None:
        pairs = tables.bigrams.astype(np.int64) + 1  # row 0 belongs to the separator
        keys = (pairs[:, 0] << 32) | pairs[:, 1]
        self._table = HashTable(keys.view(np.uint64), np.arange(1, len(keys) + 1), missing=0)
        self.rows = Rows(with_zeros(tables.bigram_rows))

    def find(self, ids: Ints) -> Ints:
        """Return for each word the row of it and the next one, row 0 (zeros) where they have none."""
        keys = ids << 32
        keys[:-1] |= ids[1:]
        return self._table.find(keys.view(np.uint64))

    def sums(self, ids: Ints, starts: Ints) -> Float64:
        """Return the (n, K) scaled sums of the n sentences that begin at `starts`."""
        return self.rows.sums(self.find(ids), starts)


class AnchorTable:
    """Rows of an anchor and another word of its sentence.

    A dense array tells the row of (word, anchor): most such pairs have one, and a sentence holds over a hundred. It
    takes two bytes a word and anchor, four where there are more than 65,535 pairs. Rows are ordered by word, so that
    those of a frequent word lie together.
    """

    def __init__(self, tables: Tables) -> None:
        self._width = max(1, len(tables.anchors))
        self._unseen = len(tables.words) + 1  # words outside the table have no pairs, and neither has the separator, 0
        self._anchor_of = np.full(self._unseen + 1, -1, np.int64)
        self._anchor_of[tables.anchors + 1] = np.arange(len(tables.anchors))
        anchor, word = tables.anchor_pairs[:, 0], tables.anchor_pairs[:, 1].astype(np.int64)
        cells = (word + 1) * self._width + anchor
        order = np.argsort(cells)
        self._row_of = np.zeros((self._unseen + 1) * self._width, np.min_scalar_type(len(order)))
        self._row_of[cells[order]] = np.arange(1, len(order) + 1)
        self.rows = Rows(with_zeros(tables.anchor_rows[order]))

    @property
    def lookup_bytes(self) -> int:
        """Bytes of the dense array."""
        return self._row_of.nbytes

    def find(self, ids: Ints, starts: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Return the pairs of every anchor with every word of its sentence.

        An anchor that stands in a sentence twice counts once; a word beside it counts as often as it stands there.

        Returns
        -------
        sentence, anchor, first : (n,) int64 arrays
            Sentence and number of each anchor, and where its pairs begin among all.
        rows : (m,) int64 array
            Row of each pair, 0 where it has none; those of an anchor in the order of the sentence's words.
        """
        known = np.minimum(ids, self._unseen)
        number = self._anchor_of.take(known)
        marked = np.flatnonzero(number >= 0)
        present = np.zeros(len(starts) * self._width, bool)
        present[(starts.searchsorted(marked, "right") - 1) * self._width + number.take(marked)] = True
        sentence, anchor = np.divmod(np.flatnonzero(present), self._width)
        begins = starts.take(sentence)
        counts = np.concatenate([starts[1:], [len(ids)]]).take(sentence) - begins
        ends = counts.cumsum()
        first = ends - counts
        places = np.arange(ends[-1] if len(ends) else 0)
        places += (begins - first).repeat(counts)
        known *= self._width
        cells = known.take(places)
        cells += anchor.repeat(counts)
        return sentence, anchor, first, self._row_of.take(cells).astype(np.int64)

    def add_sums(self, values: Float64, ids: Ints, starts: Ints) -> None:
        """Add to the (n, K) `values` the scaled sums of the n sentences that begin at `starts`."""
        sentence, _, first, rows = self.find(ids, starts)
        if len(sentence):
            opens = openings(sentence)
            values[sentence[opens]] += self.rows.sums(rows, first[opens])
