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

import numpy as np

from stance.pairs import AnchorTable, BigramTable
from stance.tables import Float32, Float64, Ints, Tables, scaled
from stance.text import join_batch, tokenize
from stance.vocabulary import NgramTable, Vocabulary

CACHED_WORDS = 200_000
"""Unseen words whose rows are kept; past that the cache starts afresh (about 30 MB at four labels)."""

_CHUNK = 3000  # sentences scored together: few calls a sentence and bounded memory (about 40 MB); changes no result


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
        self._intercept = tables.intercept.astype(np.float64)
        self._vocabulary = Vocabulary.of(tables)
        self._ngrams = NgramTable(tables)
        self._bigrams = BigramTable(tables)
        self._anchors = AnchorTable(tables)
        self._lock = threading.Lock()

    def __getstate__(self) -> Tables:
        return self.tables

    def __setstate__(self, tables: Tables) -> None:
        self.__init__(tables)  # type: ignore[misc]

    @property
    def pair_bytes(self) -> int:
        """Bytes of memory that the dense look-up of anchor pairs takes."""
        return self._anchors.lookup_bytes

    def decision_values(self, texts: Sequence[str]) -> Float64:
        """Return the (n, K) decision values of `texts`."""
        values = np.empty((len(texts), len(self._intercept)))
        for start in range(0, len(texts), _CHUNK):
            values[start : start + _CHUNK] = self._score(texts[start : start + _CHUNK])
        return values

    def explain(self, text: str) -> list[Contribution]:
        """Return what every word and pair of `text` adds; with the intercept they sum to the decision value."""
        ids, vocabulary = self._lookup(join_batch((text,)))
        words = tokenize(text)
        bigrams = self._bigrams.find(ids)
        opens = np.flatnonzero(bigrams)
        pairs = [f"{words[i - 1].decode()} {words[i].decode()}" for i in opens]
        _, anchors, _, rows = self._anchors.find(ids, np.zeros(1, np.int64))
        known = np.flatnonzero(rows)
        anchor, place = np.divmod(known, len(ids))
        names = [
            f"{self._anchor_name(anchors[a])} … {words[p - 1].decode()}" for a, p in zip(anchor, place, strict=True)
        ]
        return (
            _contributions([word.decode() for word in words], np.arange(len(words)), vocabulary.rows[ids[1:]])
            + _contributions(pairs, opens - 1, self._bigrams.rows[bigrams[opens]])
            + _contributions(names, place - 1, self._anchors.rows[rows[known]])
        )

    def _anchor_name(self, anchor: int) -> str:
        word: bytes = self.tables.words[self.tables.anchors[anchor]]
        return word.decode()

    def _score(self, texts: Sequence[str]) -> Float64:
        ids, vocabulary = self._lookup(join_batch(texts))
        starts = np.flatnonzero(ids == 0)
        values = self._intercept + vocabulary.rows.sums(ids, starts)
        values += self._bigrams.sums(ids, starts)
        self._anchors.add_sums(values, ids, starts)
        return values

    def _lookup(self, data: bytes) -> tuple[Ints, Vocabulary]:
        """Return the row of each token of a joined batch; unseen words get theirs here."""
        vocabulary = self._vocabulary
        ids, told, tokens = vocabulary.find(data)
        places = vocabulary.each(tokens)
        if places.min(initial=0) < 0:
            with self._lock:
                vocabulary = self._vocabulary = self._extended(self._vocabulary, tokens)
                places = vocabulary.each(tokens)
        ids[told] = places
        return ids, vocabulary

    def _extended(self, vocabulary: Vocabulary, tokens: list[bytes]) -> Vocabulary:
        unseen = sorted(set(tokens) - vocabulary.places.keys())
        if len(vocabulary.places) + len(unseen) > len(self.tables.words) + CACHED_WORDS:
            vocabulary = Vocabulary.of(self.tables)
            unseen = sorted(set(tokens) - vocabulary.places.keys())
        return vocabulary.extended(unseen, self._ngrams.rows(unseen))

    def unseen_rows(self, words: Sequence[bytes]) -> Float32:
        """Return the (n, K + 1) rows of words outside the table, from their character n-grams alone."""
        return self._ngrams.rows(words)


def _contributions(names: Sequence[str], positions: Ints, rows: Float64) -> list[Contribution]:
    """Return the contributions of one block of a sentence."""
    values = scaled(rows[:, :-1], rows[:, -1].sum()).tolist()
    return [Contribution(n, p, tuple(v)) for n, p, v in zip(names, positions.tolist(), values, strict=True)]
