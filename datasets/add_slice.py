"""Add slices of newly composed sentences to a dataset: leave out copies, give ids and splits, write.

    python datasets/add_slice.py datasets/s400 new-slice.jsonl ... [--avoid FILE]

A new file holds one JSON object a line: text, label and, where known, holder, style, date, fragment, readings.
Left out are sentences too close to one that is already there or earlier in the new files, those with a run of twelve
words that three others share, and those with ten words in a row from an --avoid file (real news, which is for
measuring only). What stands in the dataset keeps its id and split; new fragments are spread 70/10/20 over the splits.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

from stance.dataset import Example, load_dataset, to_row
from stance.errors import StanceError
from stance.files import read_bytes, write_text
from stance.splits import near_duplicates, split_groups, word_runs

LONGEST_COPY = 9
LONGEST_PHRASE = 11
MAX_REPEATS = 3


def main(arguments: list[str] | None = None) -> int:
    """Add the slices named on the command line; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the dataset")
    parser.add_argument("slices", type=Path, nargs="+", help="JSONL files, each to become a slice of its name")
    parser.add_argument("--avoid", type=Path, action="append", default=[], help="text that must not be copied")
    options = parser.parse_args(arguments)
    try:
        known = list(load_dataset(options.folder)) if any((options.folder / "sentences").glob("*.jsonl")) else []
        found = [example for path in options.slices for example in read_slice(options.folder, path)]
        kept = without_copies(known, found, [read_bytes(path).decode() for path in options.avoid])
        for path in options.slices:
            write_slice(options.folder, path, kept)
        print(f"{len(kept)} sentences added, {len(found) - len(kept)} left out")
    except StanceError as error:
        print(f"add_slice.py: {error}", file=sys.stderr)
        return 1
    return 0


def without_copies(known: list[Example], found: list[Example], avoid: list[str]) -> list[Example]:
    """Return those of `found` that repeat neither one another, nor `known`, nor the texts to avoid."""
    close = {later - len(known) for _, later, _ in near_duplicates([e.text for e in (*known, *found)])}
    real = {run for text in avoid for line in text.splitlines() for run in word_runs(line, LONGEST_COPY + 1)}
    phrases = Counter(run for example in known for run in word_runs(example.text, LONGEST_PHRASE + 1))
    kept = []
    for i, example in enumerate(found):
        runs = word_runs(example.text, LONGEST_PHRASE + 1)
        if i in close or any(phrases[run] >= MAX_REPEATS for run in runs):
            continue
        if word_runs(example.text, LONGEST_COPY + 1) & real:
            continue
        phrases.update(runs)
        kept.append(example)
    return kept


def read_slice(folder: Path, source: Path) -> list[Example]:
    """Return the examples of a new slice, with the ids they will have."""
    path = folder / "sentences" / source.name
    if path.exists():
        raise StanceError(f"{path}: there is a slice of this name already; choose another file name")
    return [numbered(example, source.stem, i) for i, example in enumerate(load_dataset(source), 1)]


def write_slice(folder: Path, source: Path, examples: list[Example]) -> None:
    """Write those of `examples` that belong to the slice, with a split each."""
    mine = [example for example in examples if example.slice == source.stem]
    splits = split_groups(mine)
    rows = [to_row(replace(example, split=splits[example.group])) for example in mine]
    path = folder / "sentences" / source.name
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    print(f"{path}: {len(mine)} sentences")


def numbered(example: Example, slice_name: str, number: int) -> Example:
    """Return `example` with the id of its place and a fragment name that no other slice uses."""
    fragment = example.fragment
    if fragment is not None and not fragment.startswith(f"{slice_name}-"):
        fragment = f"{slice_name}-{fragment}"
    return replace(example, id=f"{slice_name}-{number:04}", fragment=fragment, slice=slice_name)


if __name__ == "__main__":
    sys.exit(main())
