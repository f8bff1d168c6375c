"""What the measuring scripts share: read the data, measure, record."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experiments.runs import HERE, RUNS, environment
from stance.dataset import Dataset, load_dataset
from stance.errors import StanceError
from stance.files import write_text
from stance.training import describe

Measure = Callable[[Dataset, dict[str, Dataset]], dict[str, Any]]


def study(name: str, description: str | None, measure: Measure, arguments: list[str] | None = None) -> int:
    """Record what `measure` makes of the S-400 data set and the files given by --data; return an exit code."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data", action="append", type=Path, default=[], metavar="FILE", help="labelled file to score on"
    )
    options = parser.parse_args(arguments)
    module = name.replace("-", "_")
    try:
        data = load_dataset(HERE.parent / "datasets" / "s400")
        outside = {path.stem: load_dataset(path) for path in options.data}
        found = measure(data, outside)
    except StanceError as error:
        print(f"{module}.py: {error}", file=sys.stderr)
        return 1
    record = {"command": f"python -m experiments.{module}", "environment": environment(), "data": describe(data)}
    (RUNS / name).mkdir(parents=True, exist_ok=True)
    write_text(RUNS / name / "record.json", json.dumps(record | found, indent=1) + "\n")
    return 0
