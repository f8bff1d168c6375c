"""Speed against scikit-learn, in one run: sentences per second on one core, and the cost of a whole process.

    python -m experiments.benchmark

The peer is the standard union (words 1-2, characters 2-5, sublinear, l2) with logistic regression, trained on the same
sentences. Both score the same composed sentences, interleaved; medians of seven rounds of CPU time.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from stance.training import describe, pin_threads

pin_threads()

import joblib  # noqa: E402 - threads are pinned before NumPy is imported

from experiments.models import union_lr  # noqa: E402
from experiments.runs import HERE, RUNS, environment  # noqa: E402
from stance.dataset import load_dataset  # noqa: E402
from stance.files import write_text  # noqa: E402
from stance.registry import load_model  # noqa: E402

ROUNDS = 7
SENTENCE = "Ankara will not give up the S-400, Akar said."
UNION_PROCESS = "import joblib, sys; print(joblib.load(sys.argv[1]).predict_proba([sys.argv[2]]))"


def main() -> int:
    """Measure, print and record; return an exit code."""
    data = load_dataset(HERE.parent / "datasets" / "s400")
    union = union_lr().fit(data.subset("train").texts, data.subset("train").labels)
    model, texts = load_model(), data.texts
    model.predict_proba(texts)
    ours, theirs = rounds(lambda: model.predict_proba(texts), lambda: union.predict_proba(texts), cpu_here)
    figures = {"stance_warm": len(texts) / ours, "union_warm": len(texts) / theirs, "ratio_warm": theirs / ours}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "union.joblib"
        joblib.dump(union, path)
        stance = [str(Path(sys.executable).with_name("stance")), "predict", SENTENCE]
        peer = [sys.executable, "-c", UNION_PROCESS, str(path), SENTENCE]
        ours, theirs = rounds(lambda: start(stance), lambda: start(peer), cpu_of_children)
    figures |= {"stance_start": ours, "union_start": theirs, "ratio_start": ours / theirs}
    figures = {name: float(f"{value:.4g}") for name, value in figures.items()}
    text = {"sentences": len(texts), "characters": round(statistics.mean(map(len, texts)), 1)}
    record = {"command": "python -m experiments.benchmark", "environment": environment(), "data": describe(data)}
    (RUNS / "benchmark").mkdir(parents=True, exist_ok=True)
    content = record | {"text": text, "rounds": ROUNDS, "figures": figures}
    write_text(RUNS / "benchmark" / "record.json", json.dumps(content, indent=1) + "\n")
    print(json.dumps(figures, indent=1))
    return 0


def rounds(ours: Callable[[], object], theirs: Callable[[], object], clock: Callable[[], float]) -> tuple[float, float]:
    """Return the median cost of two jobs, run in turn; the first round warms up and is not counted."""
    costs: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS + 1):
        for job, times in zip((ours, theirs), costs, strict=True):
            before = clock()
            job()
            times.append(clock() - before)
    return statistics.median(costs[0][1:]), statistics.median(costs[1][1:])


def start(command: list[str]) -> None:
    """Run a process to its end."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)


def cpu_here() -> float:
    """Return the CPU seconds of this process."""
    return time.process_time()


def cpu_of_children() -> float:
    """Return the CPU seconds of the processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())
