"""Labels of another scheme to those of one's own question: as the user says, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.rows import Row, Skipped


def _plain(label: Any) -> Any:
    """Return a label as text: 1, 1.0 and "1" are one label."""
    if isinstance(label, (int, float)):
        return f"{label:g}" if not isinstance(label, bool) else str(label).lower()
    return label.strip() if isinstance(label, str) else label


def _given(row: Mapping[str, Any]) -> list[str]:
    """Return the labels of a row, its readings included."""
    readings = row.get("readings")
    values = [row.get("label"), *(readings if isinstance(readings, list) else ())]
    return [label for label in map(_plain, values) if isinstance(label, str) and label]


def translation(
    path: Path, rows: Sequence[Row], mapping: Mapping[str, str | None], labels: Sequence[str] | None
) -> Callable[[Any], Any]:
    """Return what maps a label of the file to one of ours, None for those to leave out.

    Parameters
    ----------
    path : Path
        For the messages.
    rows : sequence of rows
    mapping : mapping
        Labels of the file to ours, or to None.
    labels : labels, or None
        Those that need no mapping; None for all.

    Raises
    ------
    DataError
        If a label is neither mapped nor among `labels`, or a mapped one does not occur.
    """
    counts = Counter(label for _, row in rows for label in _given(row))
    unused = sorted(set(mapping) - set(counts))
    if unused:
        found = ", ".join(sorted(counts)) or "no labels"
        raise DataError(f"{path}: --map names {', '.join(unused)}, but the file has {found}; correct the mapping")
    known = set(counts) if labels is None else {*labels, *mapping}
    foreign = [(label, count) for label, count in sorted(counts.items()) if label not in known]
    if foreign:
        listed = ", ".join(f"{label} ({count})" for label, count in foreign)
        advice = " ".join(f"--map {label}=LABEL" for label, _ in foreign)
        expected = f"{', '.join(labels or ())}: say what each means with {advice}, or keep all with --keep-labels"
        raise DataError(f"{path}: unknown labels {listed}; expected {expected}")
    return lambda label: mapping.get(_plain(label), _plain(label)) or None


def relabel(where: str, row: dict[str, Any], translate: Callable[[Any], Any]) -> dict[str, Any] | Skipped:
    """Return the row with our labels, or why it is left out."""
    if isinstance(text := row.get("text"), str) and not text.strip():
        return Skipped(where, "no text")
    label = translate(row.get("label"))
    if label is None and row.get("label") not in (None, ""):
        return Skipped(where, f"label {row['label']!r}, which is mapped to nothing")
    readings, readers = row.get("readings") or [], row.get("readers") or []
    if not isinstance(readings, list) or not isinstance(readers, list):
        return row  # of no use; who parses it says why
    told = [translate(reading) for reading in readings]
    kept = [place for place, reading in enumerate(told) if reading is not None]
    fields = {"label": label, "readings": [told[place] for place in kept]}
    if len(readers) == len(readings):
        fields["readers"] = [readers[place] for place in kept]
    return row | fields
