"""Rank the sentences of the S-400 data set whose label is most doubtful, as `stance audit` does, with the recorded
configuration.

    python -m experiments.audit -n 500 > suspicious.jsonl

Needs the extra ``train``.
"""  # noqa: D205

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict

from stance.training import pin_threads

pin_threads()

from experiments.runs import HERE  # noqa: E402 - threads are pinned before NumPy is imported
from experiments.train import fit, read_config  # noqa: E402
from stance.audit import find_doubts  # noqa: E402
from stance.dataset import load_dataset  # noqa: E402


def main(arguments: list[str] | None = None) -> int:
    """Print the most doubtful examples as JSON lines; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=500, help="how many")
    options = parser.parse_args(arguments)
    data = load_dataset(HERE.parent / "datasets" / "s400")
    config = read_config("s400")
    for doubt in find_doubts(data, options.n, fit=lambda part: fit(config, part)):
        print(json.dumps(asdict(doubt), ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
