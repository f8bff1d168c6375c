"""Draw the plots of the documentation from the records, as SVG with the same bytes every time.

python -m experiments.plots            # needs the extra "plots"
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs import HERE, read_predictions, read_record
from stance.labels import COLOURS, LABELS
from stance.metrics import BINS

PLOTS = HERE / "plots"
OURS = "s400"


def main() -> int:
    """Draw all plots; return an exit code."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "stance", "svg.fonttype": "none", "font.size": 9.0, "figure.autolayout": True}
    PLOTS.mkdir(exist_ok=True)
    for name, draw in DRAWINGS.items():
        write(name, draw)
        print(f"{PLOTS / name}.svg")
    return 0


def write(name: str, draw: Callable[[Any], None]) -> Path:
    """Draw one figure and write it."""
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(4.4, 3.6))
    draw(axes)
    path = PLOTS / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return path


def confusion(axes: Any) -> None:
    """Draw the confusion matrix on the test split, rows adding up to one."""
    counts = np.array(read_record(OURS)["scores"]["test"]["confusion"])
    shares = counts / counts.sum(axis=1, keepdims=True)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for (row, column), value in np.ndenumerate(shares):
        axes.text(column, row, f"{value:.2f}", ha="center", va="center", color="white" if value > 0.5 else "black")
    axes.set_xticks(range(len(LABELS)), LABELS)
    axes.set_yticks(range(len(LABELS)), LABELS)
    axes.set_xlabel("label given")
    axes.set_ylabel("gold label")
    axes.set_title("Confusion on the test split")


def reliability(axes: Any) -> None:
    """Draw accuracy against confidence on the test split, and on real news where it was recorded."""
    axes.plot([0, 1], [0, 1], color="grey", linewidth=1, label="perfectly calibrated")
    for name, colour in (("test", COLOURS["support"]), ("news-dev", COLOURS["oppose"])):
        rows = [p for p in read_predictions(OURS) if p.set == name]
        if not rows:
            continue
        confidence = np.array([max(p.probabilities) for p in rows])
        right = np.array([LABELS[int(np.argmax(p.probabilities))] == p.label for p in rows])
        place = np.minimum((confidence * BINS).astype(int), BINS - 1)
        filled = [b for b in range(BINS) if (place == b).sum() >= 5]
        points = [(confidence[place == b].mean(), right[place == b].mean()) for b in filled]
        axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=name)
    axes.set_xlabel("probability of the label given")
    axes.set_ylabel("share that is right")
    axes.set_title("Reliability (bins of five or more)")
    axes.legend(frameon=False)


def learning_curve(axes: Any) -> None:
    """Draw macro-F1 against the number of training sentences."""
    record = read_record("learning-curve")
    for name, colour in (("test", COLOURS["support"]), ("news-dev", COLOURS["oppose"])):
        points = [
            (point["sentences"], point["macro_f1"][name]) for point in record["points"] if name in point["macro_f1"]
        ]
        if points:
            axes.plot(*zip(*points, strict=True), marker="o", color=colour, label=name)
    axes.set_xscale("log")
    axes.set_xlabel("training sentences, drawn by fragment")
    axes.set_ylabel("macro-F1")
    axes.set_title("Learning curve")
    axes.legend(frameon=False)


def risk_coverage(axes: Any) -> None:
    """Draw the share of errors among the most confident predictions."""
    for name, colour in (("test", COLOURS["support"]), ("news-dev", COLOURS["oppose"])):
        rows = [p for p in read_predictions(OURS) if p.set == name]
        if not rows:
            continue
        confidence = np.array([max(p.probabilities) for p in rows])
        wrong = np.array([LABELS[int(np.argmax(p.probabilities))] != p.label for p in rows])
        kept = np.arange(1, len(rows) + 1)
        risk = np.cumsum(wrong[np.argsort(-confidence, kind="stable")]) / kept
        start = len(rows) // 20
        axes.plot(kept[start:] / len(rows), risk[start:], color=colour, label=name)
    axes.set_xlabel("share of sentences labelled, most confident first")
    axes.set_ylabel("share of them that is wrong")
    axes.set_title("Risk and coverage")
    axes.legend(frameon=False)


def scaling(axes: Any) -> None:
    """Draw time and peak memory of scoring an archive against its size."""
    rows = read_record("scaling")["sizes"]
    sizes = [row["sentences"] for row in rows]
    axes.plot(sizes, [row["cpu_seconds"] for row in rows], marker="o", color=COLOURS["support"], label="CPU seconds")
    axes.plot(sizes, [row["peak_mb"] for row in rows], marker="s", color=COLOURS["oppose"], label="peak memory, MB")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("sentences")
    axes.set_title("Scoring an archive, one process")
    axes.legend(frameon=False)


def speed(axes: Any) -> None:
    """Draw sentences per second against the size of a call, with the peers' best as lines."""
    record = read_record("benchmark")
    sizes = [int(size) for size in record["batches"]]
    axes.plot(sizes, list(record["batches"].values()), marker="o", color=COLOURS["support"], label="stance")
    for name, value in record["sentences_per_second"].items():
        if name in record["titles"]:
            axes.axhline(value, color="grey", linewidth=0.8)
            axes.text(sizes[-1], value, name, ha="right", va="bottom", fontsize=7)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("sentences a call")
    axes.set_ylabel("sentences / CPU s")
    axes.set_title("Speed on one core")


DRAWINGS: dict[str, Callable[[Any], None]] = {
    "confusion": confusion,
    "learning-curve": learning_curve,
    "reliability": reliability,
    "risk-coverage": risk_coverage,
    "scaling": scaling,
    "speed": speed,
}

if __name__ == "__main__":
    sys.exit(main())
