from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stance.ngrams import MAX_WORD, word_ngrams


def plain_ngrams(word: str, low: int, high: int) -> Counter[str]:
    padded = f" {word[:MAX_WORD]} "
    return Counter(padded[i : i + n] for n in range(low, high + 1) for i in range(len(padded) - n + 1))


@given(st.lists(st.text(alphabet="abcdeğ俄0", min_size=1, max_size=50), min_size=1, max_size=5))
def test_counts_are_those_of_a_plain_loop(words: list[str]) -> None:
    owner, hashes = word_ngrams([word.encode() for word in words], 2, 5)
    for i, word in enumerate(words):
        mine = Counter(hashes[owner == i].tolist())
        assert sorted(mine.values()) == sorted(plain_ngrams(word, 2, 5).values())


def test_different_ngrams_have_different_hashes() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = [(a + b + c).encode() for a in letters for b in letters for c in letters]
    _, hashes = word_ngrams(words, 5, 5)
    assert len(np.unique(hashes)) == len(words) == len(hashes)


def test_a_hash_does_not_depend_on_its_batch() -> None:
    alone = word_ngrams([b"s400"], 2, 5)[1]
    owner, hashes = word_ngrams([b"batteries", b"s400", b"a"], 2, 5)
    assert hashes[owner == 1].tolist() == alone.tolist()


def test_no_words() -> None:
    owner, hashes = word_ngrams([], 2, 5)
    assert len(owner) == len(hashes) == 0
