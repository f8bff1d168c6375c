"""What others published on the benchmarks, and the tables that show ours beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.benchmarks.protocol import CHOSEN
from experiments.data_tables import markdown
from experiments.runs import read_record

Column = tuple[str, str]
"""An evaluation set of a run and a field of its scores."""

COLUMNS: dict[str, dict[str, Column]] = {
    "tweeteval": {"F against and favor": ("test", "oppose_support_f1"), "macro-F1": ("test", "macro_f1")},
    "gwsd": {
        "macro-F1, cross-validation": ("train, cross-validated", "macro_f1"),
        "accuracy, test": ("test", "accuracy"),
        "macro-F1, test": ("test", "macro_f1"),
    },
    "newsmtsc": {"macro-F1 rw": ("rw", "macro_f1"), "macro-F1 mt": ("mt", "macro_f1")},
}

PUBLISHED: dict[str, tuple[tuple[str, ...], ...]] = {
    "tweeteval": (
        ("LSTM (TweetEval leaderboard)", "59.4", "-"),
        ("fastText (TweetEval leaderboard)", "65.4", "-"),
        ("SVM (TweetEval leaderboard)", "67.3", "-"),
        ("best of 19 teams in 2016 (Mohammad et al. 2016)", "67.8", "-"),
        ("RoBERTa-base (TweetEval leaderboard)", "68.0", "-"),
        ("RoBERTa, retrained on tweets (TweetEval leaderboard)", "69.3", "-"),
        ("BERTweet (TweetEval leaderboard)", "71.2", "-"),
        ("TimeLM (TweetEval leaderboard)", "72.9", "-"),
    ),
    "gwsd": (),
    "newsmtsc": (
        ("SPC-BERT (Hamborg & Donnay 2021, table 2)", "80.1", "73.7"),
        ("GRU-TSC, RoBERTa (Hamborg & Donnay 2021, table 2)", "83.1", "82.5"),
    ),
}
"""Rows of figures in per cent, in the order of `COLUMNS`."""


def comparison(name: str) -> str:
    """Return our scores on a benchmark with 95 % intervals, and the published ones; in per cent."""
    record = read_record(f"benchmarks/{name}")
    rows = [list(row) for row in PUBLISHED[name]]
    for title in ("majority label", "StanceClassifier", CHOSEN):
        shown = {"StanceClassifier": "`StanceClassifier`, balanced", CHOSEN: f"**{record['chosen']}**"}.get(
            title, title
        )
        rows.append([shown, *(cell(record["scores"], column, title) for column in COLUMNS[name].values())])
    return markdown(["", *COLUMNS[name]], rows)


def cell(scores: dict[str, Any], column: Column, title: str) -> str:
    """Return one score with its interval, or a dash where the model was not scored on the set."""
    set_name, field = column
    found = scores.get(set_name if title == CHOSEN else f"{set_name}, {title}")
    if found is None:
        return "-"
    low, high = found["intervals"][field]
    return f"{percent(found[field])} ({percent(low)}-{percent(high)})"


def searched(name: str) -> str:
    """Return what cross-validation on the training items gave for every candidate; in per cent."""
    record = read_record(f"benchmarks/{name}")
    rows = []
    for candidate, values in record["cross_validation"].items():
        shown = f"**{candidate}**" if candidate == record["chosen"] else candidate
        rows.append([shown, percent(sum(values) / len(values)), ", ".join(map(percent, values))])
    return markdown(["candidate", "mean", "by repetition"], rows)


def percent(share: float) -> str:
    """Return a share in per cent with one digit after the point."""
    return f"{100 * share:.1f}"


BENCHMARK_TABLES: dict[str, Callable[[], str]] = {
    f"{kind}-{name}": lambda name=name, table=table: table(name)  # type: ignore[misc]
    for name in COLUMNS
    for kind, table in (("benchmark", comparison), ("searched", searched))
}
