"""Speed, memory and size beside other classifiers, in one run on one core.

    python -m experiments.benchmark

Every classifier of `experiments.speed_peers` is trained on the same sentences and scores the same 200,000 new ones
(slow ones the first of them), in turn, in CPU time; figures are medians of five rounds. *Cold* is a pass of a model
just loaded, *warm* the next pass of the same model; the others keep nothing between passes. A peer that is not
installed is recorded as skipped: all need the extra ``bench``.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stance.training import describe, pin_threads

pin_threads()

import joblib  # noqa: E402 - threads are pinned before NumPy is imported

from experiments.runs import HERE, RUNS, environment  # noqa: E402
from experiments.speed_peers import PEERS, Score  # noqa: E402
from experiments.speed_text import new_sentences  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402
from stance.files import write_text  # noqa: E402
from stance.model import Model  # noqa: E402
from stance.registry import load_model  # noqa: E402
from stance.scorer import Scorer  # noqa: E402
from stance.text import SEPARATOR, tokenize_batch  # noqa: E402

ROUNDS = 5
SENTENCES = 200_000
BATCHES = tuple(4**power for power in range(9))
BUNDLED = HERE.parent / "stance" / "data" / "s400.stance"
SENTENCE = "Ankara will not give up the S-400, Akar said."
TELL_PEAK = """
import atexit, sys
atexit.register(lambda: print(*(x for x in open("/proc/self/status") if x.startswith("VmHWM")), file=sys.stderr))
"""
STANCE_PROCESS = TELL_PEAK + "from stance.cli import main; sys.argv[1:1] = ['predict']; main()"
UNION_PROCESS = TELL_PEAK + "import joblib; print(joblib.load(sys.argv[2]).predict_proba([sys.argv[1]]))"


def main() -> int:
    """Measure, print and record; return an exit code."""
    data = load_dataset(HERE.parent / "datasets" / "s400")
    texts = new_sentences(data.texts, SENTENCES)
    model = load_model()
    peers, skipped = train_peers(data.subset("train"))
    speed = measure(model, peers, texts)
    best = max(value for name, value in speed.items() if not name.startswith("stance"))
    ratios = {f"{kind}_{to}": speed[f"stance_{kind}"] / value for kind in ("warm", "cold") for to, value in
              (("union", speed["union"]), ("fastest", best))}  # fmt: skip
    record = {
        "command": "python -m experiments.benchmark", "environment": environment(), "data": describe(data),
        "text": about(texts, model), "rounds": ROUNDS, "titles": {name: PEERS[name][0] for name in peers},
        "skipped": skipped, "sentences_per_second": rounded(speed), "ratios": rounded(ratios),
        "batches": rounded(by_batch(model, texts)), "processes": processes(getattr(peers["union"], "__self__", None)),
        "anchor_table_bytes": model.scorer.pair_bytes,
    }  # fmt: skip
    (RUNS / "benchmark").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "benchmark" / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps(record, indent=1))
    return 0


def train_peers(data: Dataset) -> tuple[dict[str, Score], dict[str, str]]:
    """Return the trained peers, and why others were skipped."""
    peers, skipped = {}, {}
    for name, (_, _, train) in PEERS.items():
        try:
            peers[name] = train(data.texts, data.labels)
        except (ImportError, RuntimeError) as error:
            skipped[name] = f"{type(error).__name__}: {error}"
    return peers, skipped


def measure(model: Model, peers: dict[str, Score], texts: Sequence[str]) -> dict[str, float]:
    """Return median sentences per CPU second of ours, cold and warm, and of every peer, all in turn."""
    costs: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        fresh = Model(Scorer(model.scorer.tables), model.labels, model.temperature)
        jobs: dict[str, tuple[Any, int]] = {}
        jobs |= {"stance_cold": (fresh.predict_proba, len(texts)), "stance_warm": (fresh.predict_proba, len(texts))}
        jobs |= {name: (score, PEERS[name][1]) for name, score in peers.items()}
        for name, (score, count) in jobs.items():
            batch = texts[:count]
            before = time.process_time()
            score(batch)
            costs.setdefault(name, []).append((time.process_time() - before) / len(batch))
    return {name: 1 / statistics.median(times) for name, times in costs.items()}


def by_batch(model: Model, texts: Sequence[str]) -> dict[str, float]:
    """Return median warm sentences per CPU second for calls of each batch size."""
    model.predict_proba(texts[: BATCHES[-1]])
    found = {}
    for size in BATCHES:
        part = texts[: max(size, 4096 if size > 1 else 1024)]
        times = []
        for _ in range(ROUNDS):
            before = time.process_time()
            for start in range(0, len(part), size):
                model.predict_proba(part[start : start + size])
            times.append(time.process_time() - before)
        found[str(size)] = len(part) / statistics.median(times)
    return found


def processes(union: Any) -> dict[str, dict[str, float]]:
    """Return median CPU seconds and peak memory of a whole process that labels one sentence, and the model's size."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "union.joblib"
        joblib.dump(union, path)
        commands = {
            "stance": (BUNDLED, [sys.executable, "-c", STANCE_PROCESS, SENTENCE]),
            "union": (path, [sys.executable, "-c", UNION_PROCESS, SENTENCE, str(path)]),
        }
        runs = {name: [run(command) for _ in range(ROUNDS + 1)][1:] for name, (_, command) in commands.items()}
        return {
            name: {
                "cpu_seconds": float(f"{statistics.median(seconds for seconds, _ in runs[name]):.4g}"),
                "peak_bytes": statistics.median_low(peak for _, peak in runs[name]),
                "model_bytes": file.stat().st_size,
            }
            for name, (file, _) in commands.items()
        }


def run(command: list[str]) -> tuple[float, int]:
    """Run a process that tells its peak to its end; return its CPU seconds and peak bytes (Linux)."""
    # The peak that wait4 reports is that of the parent, where the parent's was higher before the process began.
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(told.rsplit("VmHWM:", 1)[1].split()[0]) * 1024


def about(texts: Sequence[str], model: Model) -> dict[str, Any]:
    """Return what a record says of the text that was scored."""
    tokens = [token for token in tokenize_batch(texts) if token != SEPARATOR]
    unseen = set(tokens) - set(model.scorer.tables.words)
    return {
        "made by": "experiments.speed_text from datasets/s400", "sentences": len(texts),
        "characters": round(statistics.mean(map(len, texts)), 1), "distinct unseen words": len(unseen),
        "share of unseen words": round(sum(token in unseen for token in tokens) / len(tokens), 4),
    }  # fmt: skip


def rounded(figures: dict[str, float]) -> dict[str, float]:
    """Return figures to four digits."""
    return {name: float(f"{value:.4g}") for name, value in figures.items()}


if __name__ == "__main__":
    sys.exit(main())
