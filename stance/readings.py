"""Several annotators' labels of one sentence: brought together from rows or files, and settled by majority."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from stance.dataset import Example, majority
from stance.errors import DataError
from stance.rows import Row

_ONE_READING = {"label", "annotator", "note", "annotation_id", "created_at", "updated_at", "lead_time"}
"""Fields of a row that belong to one annotator's reading, the last four as Label Studio's JSON-MIN names them."""


def merge_readings(imports: Mapping[str, Sequence[Example]]) -> tuple[Example, ...]:
    """Return the examples of several annotators' files as one, each file's label a reading of the file's annotator.

    Parameters
    ----------
    imports : mapping
        For each annotator the examples; matched by id where files share ids, else by text.

    Raises
    ------
    DataError
        If one id has two texts, or stands in one file twice.
    """
    ids = [{example.id for example in examples} for examples in imports.values()]
    by_id = any(first & second for i, first in enumerate(ids) for second in ids[:i])
    together: dict[str, dict[str, Example]] = defaultdict(dict)
    for reader, examples in imports.items():
        for example in examples:
            key = example.id if by_id else example.text
            if reader in together[key]:
                raise DataError(f"{reader}: {key!r} stands there twice; expected each sentence once an annotator")
            together[key][reader] = example
    merged = []
    for key, given in together.items():
        if len({example.text for example in given.values()}) > 1:
            raise DataError(f"id {key!r} has different texts in {' and '.join(given)}; expected the same sentences")
        first = next(iter(given.values()))
        pairs = [pair for reader, example in given.items() for pair in _pairs(reader, example)]
        readers, readings = zip(*pairs, strict=True) if pairs else ((), ())
        notes = tuple(note for example in given.values() for note in example.notes)
        merged.append(replace(first, label=majority(readings), readings=readings, readers=readers, notes=notes))
    return tuple(merged)


def _pairs(reader: str, example: Example) -> Iterator[tuple[str, str]]:
    """Yield (reader, label) of one annotator's example, or of the several that its file names."""
    if example.readings:
        names = example.readers or tuple(f"{reader} {n}" for n in range(1, len(example.readings) + 1))
        yield from zip(names, example.readings, strict=True)
    elif example.label:
        yield reader, example.label


def gather(rows: Sequence[Row]) -> list[Row]:
    """Return the rows, those of one sentence by several annotators (field ``annotator``) as one with readings."""
    gathered: dict[object, Row] = {}
    for place, (where, row) in enumerate(rows):
        if row.get("annotator") in (None, ""):
            gathered[place] = where, row
            continue
        key = str(row["id"]) if row.get("id") not in (None, "") else row.get("text")
        kept = {name: value for name, value in row.items() if name not in _ONE_READING}
        _, together = gathered.setdefault(key, (where, kept | {"readings": [], "readers": [], "notes": []}))
        if together.get("text") != row.get("text"):
            raise DataError(f"{where}: id {key!r} had another text before; expected one text an id")
        if row.get("label") not in (None, ""):
            together["readings"].append(row["label"])
            together["readers"].append(str(row["annotator"]))
            together["notes"].append(str(row.get("note") or ""))
    for _, row in gathered.values():
        if not any(row.get("notes") or ()):
            row.pop("notes", None)
    return list(gathered.values())


def settle(example: Example) -> Example:
    """Return the example with the majority's label, if it has none and its readers are not split."""
    return example if example.label else replace(example, label=majority(example.readings))


def check_ids(path: Path, examples: Sequence[Example]) -> None:
    """Raise `DataError` where an id stands twice."""
    counts = Counter(example.id for example in examples)
    repeated = next((name for name, count in counts.items() if count > 1), None)
    if repeated is not None:
        advice = "make ids unique, or name who labelled in a column annotator"
        raise DataError(f"{path}: id {repeated!r} stands {counts[repeated]} times; expected unique ids: {advice}")
