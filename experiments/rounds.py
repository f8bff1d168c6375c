"""What each round of writing gave: train on the slices of the first rounds, then with the next, and so on.

python -m experiments.rounds --data ../shared/evaluation/news-dev.jsonl
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from stance.training import describe, pin_threads

pin_threads()

from experiments.ablation import fit  # noqa: E402 - threads are pinned before NumPy is imported
from experiments.runs import HERE, RUNS, environment, read_record  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402
from stance.errors import StanceError  # noqa: E402
from stance.evaluation import evaluate  # noqa: E402
from stance.files import write_text  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Measure and record all rounds; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", action="append", type=Path, default=[], metavar="FILE", help="labelled file to score on"
    )
    options = parser.parse_args(arguments)
    try:
        data = load_dataset(HERE.parent / "datasets" / "s400")
        outside = {path.stem: load_dataset(path) for path in options.data}
    except StanceError as error:
        print(f"rounds.py: {error}", file=sys.stderr)
        return 1
    parameters = read_record("s400")["config"]["parameters"]
    plan = json.loads((HERE / "rounds.json").read_text())
    rows, slices = [], set()
    for title, names in plan.items():
        slices |= set(names)
        rows.append({"round": title} | measure(parameters, data, slices, outside))
        print(rows[-1], flush=True)
    record = {"command": "python -m experiments.rounds", "environment": environment(), "data": describe(data)}
    (RUNS / "rounds").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "rounds" / "record.json", json.dumps(record | {"rounds": rows}, indent=1) + "\n")
    return 0


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
    sys.exit(main())
