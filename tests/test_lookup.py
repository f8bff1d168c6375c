"""Look-ups of whole arrays against dictionaries."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stance.lookup import PACKED, HashTable, WordIndex


@given(keys=st.sets(st.integers(0, 2**64 - 2), max_size=300), others=st.lists(st.integers(0, 2**64 - 1), max_size=50))
def test_a_hash_table_is_a_dictionary(keys: set[int], others: list[int]) -> None:
    ordered = sorted(keys)
    table = HashTable(np.array(ordered, np.uint64), np.arange(len(ordered)) + 7, missing=-3)
    asked = ordered + others
    want = {key: i + 7 for i, key in enumerate(ordered)}
    assert table.find(np.array(asked, np.uint64)).tolist() == [want.get(key, -3) for key in asked]


def test_keys_that_share_their_low_bits_are_told_apart() -> None:
    keys = np.arange(1, 5000, dtype=np.uint64) << np.uint64(32)
    assert HashTable(keys, np.arange(len(keys)), missing=-1).find(keys).tolist() == list(range(len(keys)))


words = st.binary(min_size=1, max_size=PACKED + 3).filter(lambda word: not set(word) & set(b" \t\n\r\x0b\x0c\0"))


@given(known=st.lists(words, min_size=1, max_size=40, unique=True), said=st.lists(words, min_size=1, max_size=40))
def test_a_word_index_finds_exactly_the_known_words(known: list[bytes], said: list[bytes]) -> None:
    tokens = [*said, *known]
    data = b"  " + b" ".join(tokens) + b" "
    found, starts, ends = WordIndex(known).find(data)
    assert [data[i:j] for i, j in zip(starts, ends, strict=True)] == tokens
    places = {word: i for i, word in enumerate(known) if len(word) <= PACKED}
    assert found.tolist() == [places.get(token, -1) for token in tokens]
