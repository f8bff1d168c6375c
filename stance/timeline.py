"""Statements of many articles as series over time, with dated shifts.

For each side or holder and each period: how many statements of each stance, their probability-weighted shares, and

    index = sum of (value * count) / sum of counts,

where the values of the target's stances are evenly spaced from 1 for the first to -1 for the last: for the S-400
(support - oppose) / (support + softening + oppose). It has a bootstrap band over articles. Near-identical sentences of
one holder within a period (copies of one wire story) count once.

A *shift* is a change in the mix of stances, found by binary segmentation: the split of the statements in order of time
that lowers the squared error most (ruptures), kept if a permutation test over articles says that so large a gain is
rare without a change (as in Matteson & James 2014), then the same within both parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.article import ArticleAnalysis, Statement, html_table
from stance.attribution import UNKNOWN
from stance.errors import InputError, StanceError, counted
from stance.target import NONE, Target, suited_target
from stance.text import normalize

PERIODS = ("day", "week", "month")
LEAST = 12
"""Fewest statements, and a quarter of that on either side, to look for a shift in."""
LEAST_PART = 3
SIGNIFICANT = 0.01
PERMUTATIONS = 999
RESAMPLES = 500
ALIKE = 90.0
"""Similarity in percent from which two sentences count as copies."""


@dataclass(frozen=True)
class Point:
    """The statements of one side or holder in one period."""

    start: date  #: first day of the period
    counts: Mapping[str, int]
    shares: Mapping[str, float]  #: weighted by probability
    index: float  #: 1 where all is the first stance, -1 where all is the last
    low: float  #: 95 % bootstrap band of the index
    high: float

    @property
    def total(self) -> int:
        """Number of statements."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Shift:
    """A change in what a side or holder says."""

    name: str
    day: date  #: of the first statement after the change
    before: str  #: most frequent stance before, back to the last shift
    after: str
    p_value: float
    evidence: tuple[Statement, ...]  #: the surest statements after it, at most three

    def __str__(self) -> str:
        count = counted(len(self.evidence), "sentence")
        return f"{self.name}: {self.before} to {self.after}, {self.day} (p = {self.p_value:.3f}; {count})"


@dataclass(frozen=True)
class Timeline:
    """Series by name, the shifts in them, and what was too thin to judge."""

    by: str
    period: str
    stances: tuple[str, ...]  #: from one end to the other
    series: Mapping[str, tuple[Point, ...]]
    shifts: tuple[Shift, ...]
    notes: tuple[str, ...]

    def _repr_html_(self) -> str:
        """Return the totals and shifts as tables, for notebooks."""
        totals = [
            (name, *(str(sum(point.counts.get(stance, 0) for point in points)) for stance in self.stances))
            for name, points in self.series.items()
        ]
        shifts = [(s.name, s.before, s.after, str(s.day), f"{s.p_value:.3f}") for s in self.shifts]
        return html_table((self.by, *self.stances), totals) + html_table(("shift", "from", "to", "day", "p"), shifts)

    def to_pandas(self) -> Any:
        """Return a data frame with one row a name and period (needs pandas)."""
        try:
            import pandas as pd
        except ImportError:
            raise StanceError("to_pandas needs pandas; install it with: pip install pandas") from None
        rows = [
            {self.by: name, "start": point.start, "index": point.index, "low": point.low, "high": point.high}
            | {f"n_{stance}": point.counts.get(stance, 0) for stance in self.stances}
            for name, points in self.series.items()
            for point in points
        ]
        return pd.DataFrame(rows)


@dataclass(frozen=True)
class _Dated:
    day: date
    article: int
    statement: Statement


def timeline(
    analyses: Iterable[ArticleAnalysis],
    *,
    by: str = "side",
    period: str = "week",
    seed: int = 0,
    target: Target | None = None,
) -> Timeline:
    """Return the series and shifts in the statements of dated articles.

    Parameters
    ----------
    analyses : iterable of ArticleAnalysis
        Articles without a date are left out, and counted in the notes.
    by : "side" or "holder"
    period : "day", "week" (from Monday) or "month"
    seed : int
        Of the bootstrap and the permutations.
    target : Target, optional
        Tells the order of its stances; by default what suits the labels, see `stance.target.suited_target`.

    Raises
    ------
    InputError
        If `by` or `period` is none of these.
    """
    if by not in ("side", "holder") or period not in PERIODS:
        raise InputError(f"by is {by!r} and period {period!r}; expected side or holder, and day, week or month")
    known = list(analyses)
    stances = stances_in(known, target)
    named, notes = _collect(known, by)
    rng = np.random.default_rng(seed)
    series, shifts = {}, []
    for name in sorted(named, key=lambda name: (-len(named[name]), name)):
        kept = _without_copies(named[name], period)
        series[name] = tuple(_points(kept, stances, period, rng))
        if len(kept) < LEAST:
            notes.append(f"{name}: {counted(len(kept), 'statement')}; at least {LEAST} are needed to look for shifts")
        else:
            shifts += _shifts(name, kept, stances, rng)
    shifts.sort(key=lambda shift: (shift.day, shift.name))
    return Timeline(by, period, stances, series, tuple(shifts), tuple(notes))


def stances_in(analyses: Sequence[ArticleAnalysis], target: Target | None = None) -> tuple[str, ...]:
    """Return the stances of a target from one end to the other, then any others that the articles hold."""
    found = {label for analysis in analyses for label in analysis.labels}
    found |= {statement.stance for analysis in analyses for statement in analysis.statements}
    return (target or suited_target(found - {NONE})).scale(found)


def _collect(analyses: Sequence[ArticleAnalysis], by: str) -> tuple[dict[str, list[_Dated]], list[str]]:
    """Return the dated statements by name, in order of time, and notes on what is left out."""
    named: dict[str, list[_Dated]] = {}
    undated = 0
    for number, analysis in enumerate(analyses):
        day = analysis.article.published
        undated += day is None
        for statement in analysis.statements if day else ():
            name = statement.side if by == "side" else statement.holder
            if day and name not in ("", UNKNOWN):
                named.setdefault(name, []).append(_Dated(day, number, statement))
    for entries in named.values():
        entries.sort(key=lambda entry: (entry.day, entry.article, entry.statement.start))
    return named, [f"{counted(undated, 'article')} without a date left out"] if undated else []


def period_start(day: date, period: str) -> date:
    """Return the first day of the period that a day lies in."""
    if period == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if period == "week" else day


def _without_copies(entries: Sequence[_Dated], period: str) -> list[_Dated]:
    """Return entries without those whose holder said nearly the same in another article of the period."""
    from rapidfuzz import process
    from rapidfuzz.fuzz import ratio

    kept: list[_Dated] = []
    said: dict[tuple[str, date], dict[int, str]] = {}
    for entry in entries:
        before = said.setdefault((entry.statement.holder, period_start(entry.day, period)), {})
        words = normalize(entry.statement.sentence)
        others = {number: text for number, text in before.items() if kept[number].article != entry.article}
        if process.extractOne(words, others, scorer=ratio, score_cutoff=ALIKE) is None:
            before[len(kept)] = words
            kept.append(entry)
    return kept


def _points(entries: Sequence[_Dated], stances: Sequence[str], period: str, rng: np.random.Generator) -> list[Point]:
    periods: dict[date, list[_Dated]] = {}
    for entry in entries:
        periods.setdefault(period_start(entry.day, period), []).append(entry)
    return [_point(start, rows, stances, rng) for start, rows in sorted(periods.items())]


def _point(start: date, entries: Sequence[_Dated], stances: Sequence[str], rng: np.random.Generator) -> Point:
    counts = Counter(entry.statement.stance for entry in entries)
    weights = {s: sum(e.statement.probability for e in entries if e.statement.stance == s) for s in stances}
    total = sum(weights.values())
    values = dict(zip(stances, np.linspace(1, -1, len(stances)).tolist(), strict=True))
    articles = np.unique([entry.article for entry in entries], return_inverse=True)[1]
    votes = np.zeros((articles.max() + 1, 2))  # sum of values, and number, of each article's statements
    np.add.at(votes, articles, [[values[entry.statement.stance], 1.0] for entry in entries])
    drawn = votes[rng.integers(0, len(votes), (RESAMPLES, len(votes)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    shares = {stance: weight / total for stance, weight in weights.items()}
    index = float(votes[:, 0].sum() / votes[:, 1].sum())
    return Point(start, dict(counts), shares, index, float(low), float(high))


def _shifts(name: str, entries: Sequence[_Dated], stances: Sequence[str], rng: np.random.Generator) -> list[Shift]:
    """Return the shifts within a stretch of statements, by binary segmentation."""
    if len(entries) < LEAST:
        return []
    signal = np.array([[float(entry.statement.stance == stance) for stance in stances] for entry in entries])
    place, p_value = best_split(signal, np.array([entry.article for entry in entries]), rng)
    if p_value > SIGNIFICANT:
        return []
    before, after = entries[:place], entries[place:]
    main, other = (Counter(e.statement.stance for e in part).most_common(1)[0][0] for part in (before, after))
    inner = _shifts(name, before, stances, rng) + _shifts(name, after, stances, rng)
    if main == other:
        return inner
    told = sorted((e.statement for e in after if e.statement.stance == other), key=lambda s: -s.probability)
    return [Shift(name, after[0].day, main, other, p_value, tuple(told[:3])), *inner]


def best_split(signal: NDArray[np.float64], articles: NDArray[np.int64], rng: np.random.Generator) -> tuple[int, float]:
    """Return where a sequence is split best in two, and how often a random order of articles does as well.

    Parameters
    ----------
    signal : (n, d) array
    articles : (n,) array
        Statements of one article stay together when the order is permuted.
    rng : numpy Generator
    """
    place = _split(signal)
    gain = float(_gains(signal)[place - LEAST_PART])
    blocks = [np.nonzero(articles == article)[0] for article in dict.fromkeys(articles.tolist())]
    as_good = 0
    for _ in range(PERMUTATIONS):
        order = np.concatenate([blocks[block] for block in rng.permutation(len(blocks))])
        as_good += bool(_gains(signal[order]).max() >= gain - 1e-9)
    return place, (1 + as_good) / (1 + PERMUTATIONS)


def _split(signal: NDArray[np.float64]) -> int:
    """Return where a split in two lowers the squared error most."""
    try:
        import ruptures
    except ImportError:
        advice = "pip install 'stance-analysis[article]'"
        raise StanceError(f"finding shifts needs ruptures; install it with: {advice}") from None
    return int(ruptures.KernelCPD(kernel="linear", min_size=LEAST_PART).fit(signal).predict(n_bkps=1)[0])


def _gains(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each split, from `LEAST_PART` on, lowers the squared error about the means."""
    sums = signal.cumsum(axis=0)
    first = np.arange(LEAST_PART, len(signal) - LEAST_PART + 1)
    last = len(signal) - first
    left, right = sums[first - 1], sums[-1] - sums[first - 1]
    squares = (left**2).sum(axis=1) / first + (right**2).sum(axis=1) / last
    return np.asarray(squares - (sums[-1] ** 2).sum() / len(signal), np.float64)
