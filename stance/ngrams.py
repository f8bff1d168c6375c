"""Character n-grams of words as 64-bit hashes, a whole batch of words at a time.

Training and scoring name an n-gram by this hash alone, so that both see the same features by construction and
a word never met in training is looked up with whole-array NumPy. With 64 bits two n-grams of a vocabulary of
100,000 share a hash with probability 3e-10.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MAX_WORD = 40
"""Longest part of a word, in characters, whose n-grams count: bounds the work a hostile text can cause."""

MAX_TOKEN = 4 * MAX_WORD
"""Longest token, in bytes, that can be a feature of its own; holds `MAX_WORD` characters of any script."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: Fibonacci hashing (Knuth, TAOCP 3, 6.4)
_MIXER = np.uint64(0xBF58476D1CE4E5B9)  # first constant of splitmix64 (Steele, Lea & Flood 2014)


def word_ngrams(words: Sequence[bytes], low: int, high: int) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Return all character n-grams of `words`, word boundaries included as spaces.

    Parameters
    ----------
    words : sequence of bytes
        Tokens as `stance.text.tokenize` gives them.
    low, high : int
        Shortest and longest n-gram, in characters, boundaries counted: ``" s400 "`` has 6 characters.

    Returns
    -------
    owner : (m,) int64 array
        Index into `words` of each n-gram.
    hashes : (m,) uint64 array
        The n-gram's hash; repeated where the n-gram is repeated.
    """
    padded = np.array([f" {word.decode(errors='replace')[:MAX_WORD]} " for word in words], dtype=np.str_)
    if padded.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.uint64)
    codes = padded.view(np.uint32).reshape(len(words), -1).astype(np.uint64)
    lengths = np.char.str_len(padded)
    owners, hashes = [], []
    rolling = codes.copy()
    for size in range(1, high + 1):
        if size > 1:
            rolling = rolling[:, :-1] * _MULTIPLIER + codes[:, size - 1 :]
        if size < low or rolling.shape[1] == 0:
            continue
        word, start = np.nonzero(np.arange(rolling.shape[1]) + size <= lengths[:, None])
        owners.append(word)
        hashes.append(_mix(rolling[word, start], size))
    return np.concatenate(owners), np.concatenate(hashes)


def _mix(rolling: NDArray[np.uint64], size: int) -> NDArray[np.uint64]:
    """Spread the bits of a rolling hash and tell n-grams of different sizes apart."""
    mixed = (rolling + np.uint64(size)) * _MIXER
    return mixed ^ (mixed >> np.uint64(31))
