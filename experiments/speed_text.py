"""New news-like sentences for measuring speed: composed sentences with words swapped, garbled and misspelt.

No outside text is needed, every sentence is distinct, and the same seed gives the same text. The share of words that no
training sentence holds is recorded with the figures; real news has a like share (see the record).
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence

SWAPPED = 0.1
MISSPELT = 0.03
"""Share of the words of a sentence that are taken from another sentence, and that get one wrong letter."""


def new_sentences(texts: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """Return `count` distinct sentences made from `texts`, none of which is among `texts`."""
    known = set(texts)
    made: dict[str, None] = {}
    for sentence in _variants(texts, random.Random(seed)):
        if sentence not in known:
            made[sentence] = None
        if len(made) == count:
            return list(made)
    return list(made)


def _variants(texts: Sequence[str], rng: random.Random) -> Iterator[str]:
    while texts:
        words = rng.choice(texts).split()
        others = rng.choice(texts).split()
        for i, word in enumerate(words):
            lot = rng.random()
            if lot < SWAPPED and others:
                words[i] = rng.choice(others)
            elif lot < SWAPPED + MISSPELT and len(word) > 3:
                words[i] = misspell(word, rng)
        yield " ".join(words)


def misspell(word: str, rng: random.Random) -> str:
    """Return `word` with a letter dropped, doubled, replaced or two letters exchanged."""
    at = rng.randrange(1, len(word) - 1)
    letter = rng.choice(string.ascii_lowercase)
    changed = (word[at + 1 :], word[at] + word[at:], letter + word[at + 1 :], word[at + 1] + word[at] + word[at + 2 :])
    return word[:at] + rng.choice(changed)
