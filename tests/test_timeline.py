"""Series and shifts, on simulated histories whose shifts are known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from stance.article import Article, ArticleAnalysis, Statement
from stance.errors import InputError
from stance.target import bundled_target
from stance.timeline import period_start, timeline

STANCES = bundled_target().stances
FIRM, SOFTER = (0.75, 0.1, 0.15), (0.2, 0.7, 0.1)
START = date(2021, 1, 4)
STEP = 3


def history(seed: int, articles: int, change: int | None = None) -> list[ArticleAnalysis]:
    """Return articles every third day, each with one to three statements of one side."""
    rng = np.random.default_rng(seed)
    found = []
    for number in range(articles):
        mix = FIRM if change is None or number < change else SOFTER
        statements = []
        for _ in range(rng.integers(1, 4)):
            words = " ".join(str(word) for word in rng.integers(0, 10_000, 8))
            place = words, 0, len(words), 0
            stance = str(STANCES[rng.choice(3, p=mix)])
            statements.append(Statement(*place, stance, 0.9, (), "Ankara", "Turkish government"))
        found.append(ArticleAnalysis(Article("", START + timedelta(STEP * number)), (), tuple(statements)))
    return found


def test_no_change_raises_hardly_any_alarm() -> None:
    alarms = [bool(timeline(history(seed, 40)).shifts) for seed in range(40)]
    assert sum(alarms) <= 2


def test_a_change_is_found_near_its_day() -> None:
    changed = START + timedelta(STEP * 20)
    delays = []
    for seed in range(20):
        found = timeline(history(seed, 40, 20)).shifts
        assert found, seed
        assert (found[0].before, found[0].after) == ("support", "softening")
        assert 1 <= len(found[0].evidence) <= 3
        delays.append(abs((found[0].day - changed).days))
    assert np.median(delays) <= 2 * STEP


def test_thin_evidence_is_refused_aloud() -> None:
    found = timeline(history(0, 3))
    assert found.shifts == ()
    assert any("at least 12 are needed" in note for note in found.notes)


def test_counts_shares_index_and_band() -> None:
    found = timeline(history(3, 30), period="month")
    (points,) = found.series.values()
    assert [p.start.day for p in points] == [1] * len(points)
    for point in points:
        assert sum(point.shares.values()) == pytest.approx(1)
        index = (point.counts.get("support", 0) - point.counts.get("oppose", 0)) / point.total
        assert point.index == pytest.approx(index)
        assert -1 <= point.low <= point.index <= point.high <= 1


def test_copies_of_one_wire_story_count_once() -> None:
    articles = history(1, 5)
    copies = [replace(a, article=replace(a.article, outlet="copy")) for a in articles]
    once, twice = timeline(articles), timeline([*articles, *copies])
    assert sum(p.total for p in once.series["Turkish government"]) == sum(
        p.total for p in twice.series["Turkish government"]
    )


def test_undated_articles_are_counted() -> None:
    undated = [replace(a, article=Article("")) for a in history(1, 3)]
    assert timeline(undated).notes == ("3 articles without a date left out",)


def test_notebooks_show_totals_and_shifts() -> None:
    page = timeline(history(100, 40, 20))._repr_html_()
    assert "<td>Turkish government</td><td>support</td><td>softening</td>" in page


def test_periods() -> None:
    assert period_start(date(2021, 2, 11), "week") == date(2021, 2, 8)
    assert period_start(date(2021, 2, 11), "month") == date(2021, 2, 1)
    with pytest.raises(InputError, match="expected side or holder"):
        timeline([], period="year")


def test_the_same_seed_gives_the_same_timeline() -> None:
    assert timeline(history(2, 30, 15)) == timeline(history(2, 30, 15))
