"""How well annotators agree: Krippendorff's alpha, Fleiss' and Cohen's kappa, with intervals, and where they do not.

With ``n_uc`` of the ``m_u`` readings of sentence ``u`` saying label ``c``, over sentences read at least twice:

    alpha = 1 - D_o / D_e,   D_o = 1 - sum_u sum_c n_uc (n_uc - 1) / (m_u - 1) / n,
                             D_e = 1 - sum_c n_c (n_c - 1) / (n (n - 1))

(Krippendorff 2011, nominal data; readings may be missing), and with the share ``p_c`` of all readings that say ``c``

    kappa = (P - sum_c p_c^2) / (1 - sum_c p_c^2),   P = mean_u sum_c n_uc (n_uc - 1) / (m_u (m_u - 1))

(Fleiss 1971; where their number differs between sentences, as generalised by Fleiss, Levin & Paik 2003). Both are 1
where one and the same label is used throughout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from stance.dataset import Example
from stance.errors import DataError
from stance.metrics import Float64, Ints, kappa_of, rounded

REPLICATES = 1000

Interval = tuple[float, float]


@dataclass(frozen=True)
class Pair:
    """Two annotators on the sentences that both read."""

    first: str
    second: str
    count: int  #: sentences
    agreement: float  #: share of equal labels
    kappa: float  #: Cohen's
    interval: Interval  #: 95 % bootstrap interval of kappa
    confusion: list[list[int]]  #: labels of the first in rows, of the second in columns


@dataclass(frozen=True)
class Annotator:
    """One annotator against the others."""

    name: str
    count: int  #: sentences read by others too
    agreement: float  #: mean share of the others' readings of the same sentence that say the same
    alpha_without: float | None  #: Krippendorff's alpha of the others alone; None where fewer than two remain


@dataclass(frozen=True)
class LabelAgreement:
    """How well annotators agree on one label, all others taken together."""

    label: str
    readings: int
    alpha: float
    interval: Interval  #: 95 % bootstrap interval
    fleiss_kappa: float


@dataclass(frozen=True)
class Disagreement:
    """A sentence that got different labels."""

    id: str
    text: str
    readings: dict[str, str]  #: by annotator


@dataclass(frozen=True)
class Agreement:
    """Agreement over all sentences that at least two annotators read."""

    count: int  #: sentences
    single: int  #: sentences with one reading only, which say nothing of agreement
    labels: tuple[str, ...]
    alpha: float  #: Krippendorff's, nominal
    alpha_interval: Interval  #: 95 % bootstrap interval
    fleiss_kappa: float
    fleiss_interval: Interval
    agreement: float  #: mean share of pairs of readings that are equal
    by_label: tuple[LabelAgreement, ...]
    by_annotator: tuple[Annotator, ...]
    pairs: tuple[Pair, ...]
    disagreements: tuple[Disagreement, ...]  #: most divided first

    def as_dict(self, digits: int = 4) -> dict[str, Any]:
        """Return plain JSON values, rounded."""
        values: dict[str, Any] = rounded(asdict(self), digits)
        return values


def measure_agreement(examples: Iterable[Example], annotators: Sequence[str] | None = None) -> Agreement:
    """Return how well the readers of `examples` agree.

    Parameters
    ----------
    examples : iterable of Example
        With readings; readers without a name are told apart by their place: ``reader 1``, ``reader 2``.
    annotators : names, optional
        Only these.

    Raises
    ------
    DataError
        If no sentence was read twice, or there is no annotator of a name given.
    """
    found = [(example, _readings(example)) for example in examples]
    known = list(dict.fromkeys(name for _, readings in found for name in readings))
    unknown = [name for name in annotators or () if name not in known]
    if unknown:
        raise DataError(f"no annotator {', '.join(unknown)}; expected some of {', '.join(known) or 'none at all'}")
    names = [name for name in known if annotators is None or name in annotators]
    labels = sorted({label for _, readings in found for name, label in readings.items() if name in names})
    rows = [[_code(readings, name, labels) for name in names] for _, readings in found]
    codes = np.array(rows, np.int64).reshape(len(found), len(names))
    several = (codes >= 0).sum(axis=1) > 1
    if not several.any():
        raise DataError(f"{len(found)} sentences, none read by two annotators; expected readings of at least two")
    single = int(((codes >= 0).sum(axis=1) == 1).sum())
    read = [example for (example, _), kept in zip(found, several, strict=True) if kept]
    codes, groups = codes[several], [example.group for example in read]
    counts = label_counts(codes, len(labels))
    draws = _draws(groups)
    return Agreement(
        count=len(read),
        single=single,
        labels=tuple(labels),
        alpha=krippendorff_alpha(counts),
        alpha_interval=_interval(_alphas, counts, draws),
        fleiss_kappa=fleiss_kappa(counts),
        fleiss_interval=_interval(_fleiss, counts, draws),
        agreement=float(_pair_agreement(counts.astype(np.float64)).mean()),
        by_label=tuple(_by_label(counts, labels, draws)),
        by_annotator=tuple(_by_annotator(codes, names, len(labels))),
        pairs=tuple(_pairs(codes, names, len(labels), draws)),
        disagreements=tuple(_disagreements(read, codes, counts, names, labels)),
    )


def label_counts(codes: Ints, labels: int) -> Ints:
    """Return how many readers gave each label, (n, K), from (n, readers) codes; -1 stands for a missing reading."""
    return np.stack([(codes == code).sum(axis=1) for code in range(labels)], axis=1)


def krippendorff_alpha(counts: Ints) -> float:
    """Return Krippendorff's alpha for nominal data (Krippendorff 2011).

    Parameters
    ----------
    counts : (n, K) array
        How many readers of each sentence gave each label.
    """
    return float(_alphas(counts, np.ones((1, len(counts))))[0])


def fleiss_kappa(counts: Ints) -> float:
    """Return Fleiss' kappa (Fleiss 1971; Fleiss, Levin & Paik 2003) of (n, K) counts as for `krippendorff_alpha`."""
    return float(_fleiss(counts, np.ones((1, len(counts))))[0])


def _alphas(counts: Ints, weights: Float64) -> Float64:
    """Return alpha for each row of weights, (replicates, n): how often each sentence counts."""
    kept = counts.sum(axis=1) > 1
    table, weight = counts[kept].astype(np.float64), weights[:, kept]
    readings = table.sum(axis=1)
    total, by_label = weight @ readings, weight @ table
    same = weight @ ((table * (table - 1)).sum(axis=1) / (readings - 1))
    expected = 1 - (by_label * (by_label - 1)).sum(axis=1) / (total * (total - 1))
    return _corrected(same / total, 1 - expected)


def _fleiss(counts: Ints, weights: Float64) -> Float64:
    kept = counts.sum(axis=1) > 1
    table, weight = counts[kept].astype(np.float64), weights[:, kept]
    by_label = weight @ table
    shares = by_label / by_label.sum(axis=1, keepdims=True)
    return _corrected(weight @ _pair_agreement(table) / weight.sum(axis=1), (shares**2).sum(axis=1))


def _corrected(observed: Float64, expected: Float64) -> Float64:
    """Return agreement beyond chance; 1 where chance alone explains full agreement."""
    sure = expected >= 1 - 1e-12
    return np.asarray(np.where(sure, 1.0, (observed - expected) / np.where(sure, 1.0, 1 - expected)), np.float64)


def _pair_agreement(table: Float64) -> Float64:
    """Return for each sentence the share of pairs of its readings that are equal."""
    readings = table.sum(axis=1)
    return np.asarray((table * (table - 1)).sum(axis=1) / (readings * (readings - 1)), np.float64)


def _readings(example: Example) -> dict[str, str]:
    names = example.readers or tuple(f"reader {place}" for place in range(1, len(example.readings) + 1))
    if len(set(names)) < len(names):
        raise DataError(f"{example.id}: read twice by one annotator ({', '.join(names)}); expected each once")
    return dict(zip(names, example.readings, strict=True))


def _code(readings: dict[str, str], name: str, labels: Sequence[str]) -> int:
    return labels.index(readings[name]) if name in readings else -1


def _draws(groups: Sequence[str]) -> Float64:
    """Return bootstrap weights, (replicates, n): whole groups drawn with replacement (Efron & Tibshirani 1993)."""
    names, place = np.unique(list(groups), return_inverse=True)
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), size=REPLICATES)
    return drawn[:, place].astype(np.float64)


def _interval(measure: Callable[[Ints, Float64], Float64], counts: Ints, draws: Float64) -> Interval:
    low, high = np.quantile(measure(counts, draws), (0.025, 0.975))
    return float(low), float(high)


def _by_label(counts: Ints, labels: Sequence[str], draws: Float64) -> Iterator[LabelAgreement]:
    for code, label in enumerate(labels):
        mine = counts[:, code]
        binary = np.stack([mine, counts.sum(axis=1) - mine], axis=1)
        interval = _interval(_alphas, binary, draws)
        yield LabelAgreement(label, int(mine.sum()), krippendorff_alpha(binary), interval, fleiss_kappa(binary))


def _by_annotator(codes: Ints, names: Sequence[str], labels: int) -> Iterator[Annotator]:
    counts = label_counts(codes, labels)
    for place, name in enumerate(names):
        said = codes[:, place]
        read = np.nonzero(said >= 0)[0]
        same = (counts[read, said[read]] - 1) / (counts[read].sum(axis=1) - 1)
        without = label_counts(np.delete(codes, place, axis=1), labels)
        alpha = krippendorff_alpha(without) if (without.sum(axis=1) > 1).any() else None
        yield Annotator(name, len(read), float(same.mean()) if len(read) else 0.0, alpha)


def _pairs(codes: Ints, names: Sequence[str], labels: int, draws: Float64) -> Iterator[Pair]:
    for one, two in combinations(range(len(names)), 2):
        both = (codes[:, one] >= 0) & (codes[:, two] >= 0)
        if not both.any():
            continue
        cells = np.zeros((len(codes), labels, labels), np.int64)  # a confusion matrix each sentence
        cells[np.nonzero(both)[0], codes[both, one], codes[both, two]] = 1
        confusion = cells.sum(axis=0)
        drawn = draws @ cells.reshape(len(cells), -1)
        kappas = [kappa_of(table.reshape(labels, labels)) for table in drawn if table.any()]
        low, high = np.quantile(kappas, (0.025, 0.975))
        agreement = float(np.trace(confusion) / confusion.sum())
        interval = float(low), float(high)
        count, kappa = int(both.sum()), kappa_of(confusion)
        yield Pair(names[one], names[two], count, agreement, kappa, interval, confusion.tolist())


def _disagreements(
    read: Sequence[Example], codes: Ints, counts: Ints, names: Sequence[str], labels: Sequence[str]
) -> Iterator[Disagreement]:
    """Yield the sentences with different labels, those with the least agreement first."""
    agreement = _pair_agreement(counts.astype(np.float64))
    for place in np.argsort(agreement, kind="stable"):
        if agreement[place] < 1:
            given = {name: labels[code] for name, code in zip(names, codes[place], strict=True) if code >= 0}
            yield Disagreement(read[place].id, read[place].text, given)
