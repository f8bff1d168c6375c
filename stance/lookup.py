"""Exact look-ups of whole arrays: integer keys by hashing, and the tokens of a batch without a Python object each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Keys = NDArray[np.uint64]

PACKED = 16
"""Longest token, in bytes, that `WordIndex` finds; there are few longer ones."""

_SPACE = 32
_FREE = np.uint64(2**64 - 1)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd: Fibonacci hashing (Knuth, TAOCP 3, 6.4)
_MASKS = np.array([256**size - 1 for size in range(9)], np.uint64)


class HashTable:
    """Open addressing with double hashing from 64-bit keys to small integers.

    Parameters
    ----------
    keys : (n,) uint64 array
        Distinct keys other than 2^64 - 1.
    values : (n,) integer array
        What is found under each key, below 2^31.
    missing : int
        What is found under any other key.
    """

    def __init__(self, keys: Keys, values: NDArray[np.integer[Any]], missing: int) -> None:
        bits = max(4, int(3 * len(keys)).bit_length())
        self._shift, self._last = np.uint64(64 - bits), np.int64((1 << bits) - 1)
        holder = np.full(1 << bits, -1, np.int32)
        waiting, slots, steps = np.arange(len(keys), dtype=np.int32), self._home(keys), self._step(keys)
        while len(waiting):
            free = holder[slots] < 0
            holder[slots[free]] = waiting[free]  # of several that want a slot, one gets it
            missed = np.flatnonzero(holder[slots] != waiting)
            waiting, steps = waiting[missed], steps[missed]
            slots = (slots[missed] + steps) & self._last
        stored = np.append(keys, _FREE)[holder], np.append(values, missing).astype(np.int64)[holder].view(np.uint64)
        self._slots = np.column_stack(stored)  # key and value side by side: one visit to memory fetches both

    def find(self, keys: Keys) -> Ints:
        """Return the value of each key."""
        slots = self._home(keys)
        stored = self._slots.take(slots, axis=0)
        met = stored[:, 0]
        found = stored[:, 1].astype(np.int64)  # right where the key or nothing stands in the slot
        astray = np.flatnonzero((met != keys) & (met != _FREE))
        if len(astray):
            self._search(keys.take(astray), slots.take(astray), astray, found)
        return found

    def _search(self, keys: Keys, slots: Ints, astray: Ints, found: Ints) -> None:
        """Mend the values of keys that met another key in their first slot."""
        steps = self._step(keys)
        while True:
            slots = (slots + steps) & self._last
            stored = self._slots.take(slots, axis=0)
            met = stored[:, 0]
            found[astray] = stored[:, 1].view(np.int64)
            on = np.flatnonzero((met != keys) & (met != _FREE))
            if not len(on):
                return
            astray, keys, slots, steps = astray.take(on), keys.take(on), slots.take(on), steps.take(on)

    def _home(self, keys: Keys) -> Ints:
        return ((keys * _GOLDEN) >> self._shift).view(np.int64)

    @staticmethod
    def _step(keys: Keys) -> Ints:
        return (keys ^ (keys >> np.uint64(29))).view(np.int64) | 1


class WordIndex:
    """Positions of words, found for all tokens of a batch at once.

    The first eight bytes of a token are one integer, the next eight another: both are compared, so a find is exact.

    Parameters
    ----------
    words : sequence of bytes
        At least one. Those longer than `PACKED` bytes are never found, nor is the second of two with one key: a
        dictionary must know them.
    """

    def __init__(self, words: Sequence[bytes]) -> None:
        lengths = np.fromiter(map(len, words), np.int64, len(words))
        keys, self._rest = _pack(b"".join(words), np.cumsum(lengths) - lengths, lengths)
        self._rest[lengths > PACKED] = 0
        distinct, places = np.unique(keys, return_index=True)
        self._table = HashTable(distinct, places, missing=-1)

    def find(self, data: bytes) -> tuple[Ints, Ints, Ints]:
        """Return the position of each token of `data` (-1 where there is none), and where each starts and ends.

        `data` opens and closes with a space.
        """
        space = np.frombuffer(data, np.uint8) == _SPACE
        edges = np.flatnonzero(space[1:] != space[:-1]) + 1
        starts, ends = edges[0::2], edges[1::2]
        keys, rest = _pack(data, starts, ends - starts)
        found = self._table.find(keys)
        found[self._rest.take(found, mode="wrap") != rest] = -1
        return found, starts, ends


def _pack(data: bytes, starts: Ints, lengths: Ints) -> tuple[Keys, Keys]:
    """Return a key for each token from its bytes, and its bytes nine to sixteen as an integer.

    With the second of these equal, equal keys are equal tokens. Tokens longer than `PACKED` get the key zero and all
    ones, which no token has.
    """
    octets = np.frombuffer(data + bytes(24 - len(data) % 8), "<u8")
    places, shifts = starts >> 3, ((starts & 7) << 3).astype(np.uint64)
    keys = _eight(octets, places, shifts) & _MASKS.take(np.minimum(lengths, 8))
    rest = np.zeros(len(starts), np.uint64)
    longer = np.flatnonzero(lengths > 8)
    beyond = np.minimum(lengths[longer], PACKED) - 8
    rest[longer] = _eight(octets, places[longer] + 1, shifts[longer]) & _MASKS[beyond]
    keys[longer] ^= rest[longer] * _GOLDEN
    too_long = longer[lengths[longer] > PACKED]
    keys[too_long], rest[too_long] = 0, _FREE
    return keys, rest


def _eight(octets: Keys, places: Ints, shifts: Keys) -> Keys:
    """Return the eight bytes that begin `shifts` bits into each place, as little-endian integers."""
    # A shift by all 64 bits is zero in NumPy, where it is undefined in C.
    return (octets.take(places) >> shifts) | (octets.take(places + 1) << (np.uint64(64) - shifts))
