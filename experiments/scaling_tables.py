"""The generated tables on the cost of scoring an archive."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from experiments.data_tables import markdown
from experiments.runs import read_record

BILLION = 1_000_000_000
STAGES = {
    "Parquet": ("reading Parquet", "tokenizing", "scoring", "writing Parquet"),
    "JSON lines": ("reading JSON lines", "tokenizing", "scoring", "writing JSON lines"),
}


def stages() -> dict[str, float]:
    """Return CPU microseconds a sentence of every stage, scoring without tokenizing."""
    clock: dict[str, float] = read_record("scaling")["profile"]["microseconds"]
    return clock | {"scoring": clock["tokenizing and scoring"] - clock["tokenizing"]}


def scaling_sizes() -> str:
    """Return time and memory against size."""
    rows = []
    for row in read_record("scaling")["sizes"]:
        each = row["cpu_seconds"] / row["sentences"] * 1e6
        figures = [f"{row['seconds']:,.1f}", f"{row['cpu_seconds']:,.1f}", f"{each:.1f}", f"{row['peak_mb']:,.0f}"]
        rows.append([f"{row['sentences']:,}", *figures, str(row["parts"]), f"{row['mb']:,.1f}"])
    header = ["sentences", "seconds", "CPU s", "CPU µs a sentence", "peak memory, MB", "parts", "MB written"]
    return markdown(header, rows)


def scaling_workers() -> str:
    """Return time against workers, and the ratio."""
    record = read_record("scaling")
    rows = [[str(row["workers"]), f"{row['seconds']:,.1f}", f"{row['cpu_seconds']:,.1f}"] for row in record["workers"]]
    table = markdown(["workers", "seconds", "CPU s"], rows)
    return f"{table}\nTwo workers are {record['speedup']:.2f} times as fast as one.\n"


def scaling_options() -> str:
    """Return time and memory against the sizes of batches and parts."""
    record = read_record("scaling")
    rows = [
        [f"`--{name} {row['records']}`", f"{row['cpu_seconds']:.1f}", f"{row['peak_mb']:,.0f}", str(row["parts"])]
        for name in ("batch-size", "part-size")
        for row in record[name]
    ]
    return markdown(["", "CPU s", "peak memory, MB", "parts"], rows)


def scaling_profile() -> str:
    """Return where the time goes."""
    clock = stages()
    rows = []
    for name, steps in STAGES.items():
        total = sum(clock[step] for step in steps)
        shares = [f"{clock[step]:.2f} ({clock[step] / total:.0%})" for step in steps]
        rows.append([name, *shares, f"{total:.2f}"])
    first = clock["first sight of the words"] - clock["tokenizing and scoring"]
    table = markdown(["CPU µs a sentence", "reading", "tokenizing", "scoring", "writing", "in all"], rows)
    return f"{table}\nBuilding the rows of words never seen adds {first:.2f} µs a sentence while most are new.\n"


def scaling_cost() -> str:
    """Return what a billion sentences cost by the largest run, and their storage."""
    record = read_record("scaling")
    largest, size = record["sizes"][-1], record["profile"]["bytes"]
    hours = largest["cpu_seconds"] / largest["sentences"] * BILLION / 3600
    rows: list[list[Any]] = [
        ["core hours, Parquet to Parquet", f"{hours:.1f}"],
        *([f"hours on {cores} cores, if all of them keep up", f"{hours / cores:.2f}"] for cores in (2, 16, 64)),
        *([f"{name}, GB", f"{size[name] * BILLION / 1e9:,.0f}"] for name in size),
    ]
    return markdown(["10⁹ sentences", ""], rows)


def scaling_text() -> str:
    """Return what the archive was."""
    record = read_record("scaling")
    text, kills = record["text"], record["kills"]
    same = "the same records as" if kills["same_records"] else "NOT the records of"
    return (
        f"Sentences of {text['characters']:.0f} characters on average; {text['unseen_words']:.1%} of the words unseen. "
        f"A run killed {kills['kills']} times at random moments and resumed gave {same} one that was left alone.\n"
    )


SCALING_TABLES: dict[str, Callable[[], str]] = {
    "scaling-cost": scaling_cost,
    "scaling-options": scaling_options,
    "scaling-profile": scaling_profile,
    "scaling-sizes": scaling_sizes,
    "scaling-text": scaling_text,
    "scaling-workers": scaling_workers,
}
