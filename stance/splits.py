"""What keeps an evaluation honest: splits by article, near-duplicates, repeated wording."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from stance.dataset import Example
from stance.text import fold, tokenize

SHARES = {"train": 0.7, "valid": 0.1, "test": 0.2}
REPRESENTATIVES = 50
"""Near-duplicates of one group that later sentences are compared with: more would cost much and tell little."""


def split_groups(examples: Sequence[Example], seed: int = 0, shares: Mapping[str, float] = SHARES) -> dict[str, str]:
    """Return a split for each group of `examples`: by default 70/10/20, whole groups, stratified by label.

    Groups are visited in random order, large ones first, and each goes where its labels are most missing.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        counts[example.group][example.label] += 1
    totals = Counter(example.label for example in examples)
    wanted = {(split, label): share * totals[label] for split, share in shares.items() for label in totals}
    order = sorted(counts)
    random.Random(seed).shuffle(order)
    order.sort(key=lambda group: -counts[group].total())
    chosen = {}
    for group in order:

        def need(split: str, group: str = group) -> float:
            lacking = (
                (n, wanted[split, label] / (shares[split] * totals[label])) for label, n in counts[group].items()
            )
            return sum(n * missing for n, missing in lacking)

        chosen[group] = split = max(shares, key=need)
        for label, n in counts[group].items():
            wanted[split, label] -= n
    return chosen


def near_duplicates(texts: Sequence[str], threshold: float = 0.7) -> list[tuple[int, int, float]]:
    """Return pairs of texts whose character 5-grams have at least `threshold` Jaccard similarity.

    Candidates come from MinHash with locality-sensitive hashing (Broder 1997; package ``rensa``),
    and each is then compared exactly.
    """
    from rensa import RMinHashLSH

    shingles = [_shingles(text) for text in texts]
    index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=32)
    pairs = []
    for i, grams in enumerate(shingles):
        sketch = _sketch(grams)
        for j in sorted(index.query(sketch)):
            similarity = _jaccard(grams, shingles[j])
            if similarity >= threshold:
                pairs.append((j, i, similarity))
        index.insert(i, sketch)
    return pairs


def linked_groups(texts: Sequence[str], groups: Sequence[str], threshold: float = 0.7) -> tuple[list[str], int]:
    """Return group names such that near-duplicates share theirs, and how many texts nearly repeat an earlier one.

    Groups with near-duplicates of one another become one, under the name of the first. Near-duplicates are found as in
    `near_duplicates`, but in memory that does not grow with their number.
    """
    from rensa import RMinHashLSH

    first = {name: name for name in groups}

    def root(name: str) -> str:
        while first[name] != name:
            first[name] = name = first[first[name]]
        return name

    index = RMinHashLSH(threshold=threshold, num_perm=128, num_bands=32)
    kept: Counter[str] = Counter()
    repeats = 0
    for i, text in enumerate(texts):
        grams = _shingles(text)
        sketch = _sketch(grams)
        repeated = False
        for j in sorted(index.query(sketch)):
            earlier, own = root(groups[j]), root(groups[i])
            if (earlier != own or not repeated) and _jaccard(grams, _shingles(texts[j])) >= threshold:
                first[own], repeated = earlier, True
        repeats += repeated
        if not repeated or kept[root(groups[i])] < REPRESENTATIVES:
            kept[root(groups[i])] += repeated
            index.insert(i, sketch)
    return [root(name) for name in groups], repeats


def repeated_wording(texts: Sequence[str], size: int = 6, share: float = 0.01, least: int = 5) -> float:
    """Return the share of texts with a run of `size` words that many others have too: a mark of templates.

    Many are at least `least` texts and at least `share` of all.
    """
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update({hash(run) for run in word_runs(text, size)})
    many = max(least, share * len(texts))
    return sum(any(counts[hash(run)] >= many for run in word_runs(text, size)) for text in texts) / max(len(texts), 1)


def _sketch(grams: set[str]) -> Any:
    from rensa import RMinHash

    sketch = RMinHash(num_perm=128, seed=1)
    sketch.update(sorted(grams))
    return sketch


def _jaccard(first: set[str], second: set[str]) -> float:
    return len(first & second) / len(first | second)


def _shingles(text: str, size: int = 5) -> set[str]:
    plain = " ".join(fold(text).lower().split())
    return {plain[i : i + size] for i in range(max(1, len(plain) - size + 1))}


def word_runs(text: str, size: int) -> set[bytes]:
    """Return all runs of `size` consecutive words of a text, normalised."""
    words = tokenize(text)
    return {b" ".join(words[i : i + size]) for i in range(len(words) - size + 1)}
