"""What keeps an evaluation honest: splits by article, near-duplicates, repeated wording."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from stance.dataset import SPLITS, Example
from stance.text import fold, tokenize

SHARES = {"train": 0.7, "valid": 0.1, "test": 0.2}


def split_groups(examples: Sequence[Example], seed: int = 0) -> dict[str, str]:
    """Return a split for each group of `examples`: 70/10/20, whole groups, stratified by label.

    Groups are visited in random order, large ones first, and each goes where its labels are most missing.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        counts[example.group][example.label] += 1
    totals = Counter(example.label for example in examples)
    wanted = {(split, label): share * totals[label] for split, share in SHARES.items() for label in totals}
    order = sorted(counts)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda group: -counts[group].total())
    chosen = {}
    for group in order:

        def need(split: str, group: str = group) -> float:
            shares = ((n, wanted[split, label] / (SHARES[split] * totals[label])) for label, n in counts[group].items())
            return sum(n * missing for n, missing in shares)

        chosen[group] = split = max(SPLITS, key=need)
        for label, n in counts[group].items():
            wanted[split, label] -= n
    return chosen


def near_duplicates(texts: Sequence[str], threshold: float = 0.7) -> list[tuple[int, int, float]]:
    """Return pairs of texts whose character 5-grams have at least `threshold` Jaccard similarity.

    Candidates come from MinHash with locality-sensitive hashing (Broder 1997; package ``rensa``, extra ``train``),
    and each is then compared exactly.
    """
    from rensa import RMinHash, RMinHashLSH

    shingles = [_shingles(text) for text in texts]
    index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=32)
    pairs = []
    for i, grams in enumerate(shingles):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update(sorted(grams))
        for j in sorted(index.query(sketch)):
            similarity = len(grams & shingles[j]) / len(grams | shingles[j])
            if similarity >= threshold:
                pairs.append((j, i, similarity))
        index.insert(i, sketch)
    return pairs


def _shingles(text: str, size: int = 5) -> set[str]:
    plain = " ".join(fold(text).lower().split())
    return {plain[i : i + size] for i in range(max(1, len(plain) - size + 1))}


def word_runs(text: str, size: int) -> set[bytes]:
    """Return all runs of `size` consecutive words of a text, normalised."""
    words = tokenize(text)
    return {b" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}
