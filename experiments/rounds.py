"""What each round of writing gave: train on the slices of the first rounds, then with the next, and so on.

python -m experiments.rounds --data ../shared/evaluation/news-dev.jsonl
"""

from __future__ import annotations

import json
import sys
from typing import Any

from stance.training import pin_threads

pin_threads()

from experiments.ablation import fit  # noqa: E402 - threads are pinned before NumPy is imported
from experiments.runs import HERE, read_record  # noqa: E402
from experiments.study import study  # noqa: E402
from stance.dataset import Dataset  # noqa: E402
from stance.evaluation import evaluate  # noqa: E402


def rounds(data: Dataset, outside: dict[str, Dataset]) -> dict[str, Any]:
    """Return the scores after each round."""
    parameters = read_record("s400")["config"]["parameters"]
    plan: dict[str, list[str]] = json.loads((HERE / "rounds.json").read_text())
    rows: list[dict[str, Any]] = []
    slices: set[str] = set()
    for title, names in plan.items():
        slices |= set(names)
        rows.append({"round": title} | measure(parameters, data, slices, outside))
        print(rows[-1], flush=True)
    return {"rounds": rows}


def measure(parameters: dict[str, Any], data: Dataset, slices: set[str], outside: dict[str, Dataset]) -> dict[str, Any]:
    """Return the size of some slices and the macro-F1 of models trained on them."""
    kept = tuple(example for example in data if example.slice in slices)
    part = Dataset(data.name, data.version, data.target, data.label_names, kept)
    row: dict[str, Any] = {"sentences": len(part)}
    row["test"] = round(evaluate(fit(parameters, part.subset("train")), data.subset("test")).macro_f1, 4)
    model = fit(parameters, part)
    for name, rows in outside.items():
        found = evaluate(model, rows)
        row |= {name: round(found.macro_f1, 4), f"{name} f1": {k: round(v, 4) for k, v in found.f1.items()}}
    return row


if __name__ == "__main__":
    sys.exit(study("rounds", __doc__, rounds))
