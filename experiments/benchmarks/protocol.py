"""The protocol of every benchmark: choose by cross-validation on training items, score test once, record.

Test items play no part until the choice is made. Recorded are the search space, every cross-validation score, and
the test predictions, as probabilities without text, of the choice and of two references fixed beforehand.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.model_selection import StratifiedGroupKFold

from experiments.benchmarks.readers import Item
from experiments.runs import Prediction, environment, write_run
from stance.errors import StanceError
from stance.metrics import Scores, score

FOLDS = 5
REPEATS = 2
CHOSEN = "chosen"


@dataclass(frozen=True)
class Benchmark:
    """What is measured, and among which models the choice is made."""

    name: str
    read: Callable[[Path], dict[str, list[Item]]]
    candidates: dict[str, Any]  #: estimators of items by name
    references: dict[str, Any]  #: scored on test whatever the choice
    measure: str  #: the field of `Scores` that decides, the benchmark's official one


def main(benchmark: Benchmark, description: str | None, arguments: list[str] | None = None) -> int:
    """Run a benchmark on the folder given by --data; return an exit code."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", type=Path, required=True, metavar="FOLDER", help="the benchmark as its authors publish it"
    )
    options = parser.parse_args(arguments)
    try:
        folder = run(benchmark, options.data)
    except StanceError as error:
        print(f"{benchmark.name}: {error}", file=sys.stderr)
        return 1
    record = json.loads((folder / "record.json").read_bytes())
    for name, values in record["scores"].items():
        print(f"{name}: {benchmark.measure} {values[benchmark.measure]:.4f}, accuracy {values['accuracy']:.4f}")
    return 0


def run(benchmark: Benchmark, data: Path) -> Path:
    """Choose, fit, predict and record; return the run's folder."""
    started = time.perf_counter()
    sets = benchmark.read(data)
    train = sets.pop("train")
    labels = sorted({item.label for item in train})
    found: dict[str, list[float]] = {}
    held_out: dict[str, NDArray[np.float64]] = {}
    for name, estimator in benchmark.candidates.items():
        tables = [cross_validate(estimator, train, seed) for seed in range(REPEATS)]
        found[name] = [round(getattr(score_items(train, table, labels), benchmark.measure), 4) for table in tables]
        held_out[name] = tables[0]
        print(f"{benchmark.name}, {name}: {found[name]}", flush=True)
    chosen = max(found, key=lambda name: sum(found[name]))
    predictions = as_predictions("train, cross-validated", train, held_out[chosen])
    for title, estimator in {CHOSEN: benchmark.candidates[chosen], **benchmark.references}.items():
        fitted = fit(estimator, train)
        for set_name, items in sets.items():
            where = set_name if title == CHOSEN else f"{set_name}, {title}"
            predictions += as_predictions(where, items, fitted.predict_proba(items))
    record = {
        "command": f"python -m experiments.benchmarks.{benchmark.name} --data FOLDER",
        "environment": environment(),
        "data": {name: fingerprint(items) for name, items in {"train": train, **sets}.items()},
        "labels": labels,
        "measure": benchmark.measure,
        "folds": FOLDS,
        "cross_validation": found,
        "models": {name: describe(model) for name, model in benchmark.candidates.items()},
        "chosen": chosen,
        "seconds": round(time.perf_counter() - started, 1),
    }
    return write_run(f"benchmarks/{benchmark.name}", predictions, record)


def cross_validate(estimator: Any, items: Sequence[Item], seed: int) -> NDArray[np.float64]:
    """Return (n, K) held-out probabilities; folds keep groups together and labels of each target in proportion."""
    names = [f"{item.target} {item.label}" if few_targets(items) else item.label for item in items]
    strata = np.unique(names, return_inverse=True)[1]
    splitter = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    table = np.zeros((len(items), len({item.label for item in items})))
    for train, test in splitter.split(strata, strata, [item.group for item in items]):
        model = fit(estimator, [items[i] for i in train])
        table[test] = model.predict_proba([items[i] for i in test])
    return table


def few_targets(items: Sequence[Item]) -> bool:
    """Return whether every target has enough items to be spread over the folds."""
    return len({item.target for item in items}) * 100 < len(items)


def fit(estimator: Any, items: Sequence[Item]) -> Any:
    """Return a fitted clone."""
    return clone(estimator).fit(list(items), np.array([item.label for item in items]))


def score_items(items: Sequence[Item], probabilities: NDArray[np.float64], labels: Sequence[str]) -> Scores:
    """Return the scores of probabilities against the items' labels."""
    return score([item.label for item in items], probabilities, labels, [item.group for item in items])


def as_predictions(name: str, items: Sequence[Item], probabilities: NDArray[np.float64]) -> list[Prediction]:
    """Return predictions as they are recorded: no text, probabilities of four digits."""
    rows = [[round(float(p), 4) for p in row] for row in probabilities]
    return [Prediction(name, item.id, item.group, item.label, row) for item, row in zip(items, rows, strict=True)]


def describe(model: Any) -> str:
    """Return an estimator's parameters on one line, functions by name alone, the same in every process."""
    return re.sub(r"<function (\w+) at \w+>", r"\1", " ".join(repr(model).split()))


def fingerprint(items: Sequence[Item]) -> dict[str, Any]:
    """Return number and SHA-256 of the items, to tell whether a run saw the same data."""
    digest = hashlib.sha256("\n".join(f"{item}" for item in items).encode())
    return {"items": len(items), "sha256": digest.hexdigest()}
