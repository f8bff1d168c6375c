"""Add a slice of newly composed sentences to a dataset: drop near-duplicates, give ids and splits, write.

    python datasets/add_slice.py datasets/s400 new-slice.jsonl

The new file holds one JSON object a line: text, label and, where known, holder, style, date, fragment, readings.
Sentences too close to one that is already there, or earlier in the new files, are left out. What stands in
the dataset keeps its id and split; new fragments are spread 70/10/20 over train, valid and test.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from stance.dataset import Example, load_dataset, near_duplicates, split_groups, to_row
from stance.errors import StanceError
from stance.files import write_text


def main(arguments: list[str]) -> int:
    """Add the slices named on the command line; return an exit code."""
    if len(arguments) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    try:
        known = list(load_dataset(folder)) if any((folder / "sentences").glob("*.jsonl")) else []
        found = [example for name in arguments[1:] for example in read_slice(folder, Path(name))]
        dropped = {later for _, later, _ in near_duplicates([e.text for e in (*known, *found)])}
        for name in arguments[1:]:
            write_slice(folder, Path(name), [e for i, e in enumerate(found, len(known)) if i not in dropped])
    except StanceError as error:
        print(f"add_slice: {error}", file=sys.stderr)
        return 1
    return 0


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
    print(f"{path}: {len(mine)} sentences, near-duplicates left out")


def numbered(example: Example, slice_name: str, number: int) -> Example:
    """Return `example` with the id of its place and a fragment name that no other slice uses."""
    fragment = example.fragment
    if fragment is not None and not fragment.startswith(f"{slice_name}-"):
        fragment = f"{slice_name}-{fragment}"
    return replace(example, id=f"{slice_name}-{number:04}", fragment=fragment, slice=slice_name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
