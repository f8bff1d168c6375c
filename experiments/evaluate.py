"""Recompute recorded scores from recorded predictions, or score a model file on labelled sentences.

python experiments/evaluate.py                              # check every record
python experiments/evaluate.py --data ../shared/evaluation/news-dev.jsonl [--model s400]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from experiments.runs import check_run, run_names
from stance.dataset import load_dataset
from stance.errors import StanceError
from stance.evaluation import evaluate
from stance.registry import BUNDLED, load_model


def main(arguments: list[str] | None = None) -> int:
    """Check records or score a model; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="*", metavar="NAME", help="runs to check (default: all)")
    parser.add_argument("--data", type=Path, metavar="FILE", help="labelled sentences to score the model on")
    parser.add_argument("--model", default=BUNDLED, help="bundled name or path of a .stance file")
    options = parser.parse_args(arguments)
    try:
        if options.data:
            scores = evaluate(load_model(options.model), load_dataset(options.data))
            print(json.dumps(scores.as_dict(), indent=1))
            return 0
        for name in options.runs or run_names():
            check_run(name)
            print(f"{name}: scores follow from the predictions")
    except StanceError as error:
        print(f"evaluate.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
