"""Runs on disk: predictions, from which every score can be computed again, and the record that holds the scores."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from stance.dataset import Dataset
from stance.errors import DataError
from stance.files import decode_lines, read_bytes, write_text
from stance.metrics import Scores, score

HERE = Path(__file__).resolve().parent
RUNS = HERE / "runs"
PACKAGES = ("numpy", "scipy", "scikit-learn", "stance-analysis")


@dataclass(frozen=True)
class Prediction:
    """What a model says of one example of an evaluation set; holds no text."""

    set: str  #: valid, test, or the name of an outside file
    id: str
    group: str  #: the article, for the bootstrap
    label: str  #: the gold label
    probabilities: list[float]  #: in the order of the record's labels, rounded to 4 digits


def predict_set(model: Any, name: str, data: Dataset) -> list[Prediction]:
    """Return the predictions of `model` on `data`."""
    probabilities: ArrayLike = model.predict_proba(data.texts)
    rows = zip(data, [[round(float(p), 4) for p in row] for row in probabilities], strict=True)  # type: ignore[union-attr,arg-type]
    return [Prediction(name, example.id, example.group, example.label, row) for example, row in rows]


def scores_of(predictions: Sequence[Prediction], labels: Sequence[str]) -> dict[str, Scores]:
    """Return the scores of each evaluation set, in order of first appearance."""
    sets: dict[str, list[Prediction]] = {}
    for prediction in predictions:
        sets.setdefault(prediction.set, []).append(prediction)
    return {
        name: score([p.label for p in rows], [p.probabilities for p in rows], labels, [p.group for p in rows])
        for name, rows in sets.items()
    }


def write_run(name: str, predictions: Sequence[Prediction], record: dict[str, Any]) -> Path:
    """Write predictions and record of a run, scores computed from the predictions as written; return its folder."""
    folder = RUNS / name
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "predictions.jsonl", "".join(json.dumps(asdict(p)) + "\n" for p in predictions))
    scores = scores_of(predictions, record["labels"])
    record = record | {"scores": {set_name: values.as_dict() for set_name, values in scores.items()}}
    write_text(folder / "record.json", json.dumps(record, indent=1) + "\n")
    return folder


def read_record(name: str) -> dict[str, Any]:
    """Return the record of a run."""
    record: dict[str, Any] = json.loads(read_bytes(RUNS / name / "record.json"))
    return record


def read_predictions(name: str) -> list[Prediction]:
    """Return the predictions of a run."""
    path = RUNS / name / "predictions.jsonl"
    return [Prediction(**json.loads(line)) for _, line in decode_lines(read_bytes(path), str(path))]


def run_names() -> Iterator[str]:
    """Yield the names of all runs with predictions, in order."""
    for path in sorted(RUNS.glob("*/predictions.jsonl")):
        yield path.parent.name


def outside_predictions(name: str, fresh: Sequence[Prediction], sets: Sequence[str]) -> list[Prediction]:
    """Return recorded predictions on outside files that `fresh` lacks, if the model is still the recorded one.

    Real news is not part of the project, so a run repeated without it keeps what was recorded with it, provided
    that the composed sentences get the very same predictions.
    """
    if not (RUNS / name / "predictions.jsonl").exists():
        return []
    recorded = read_predictions(name)
    composed = {p.set for p in fresh} - set(sets)
    same = [p for p in recorded if p.set in composed] == [p for p in fresh if p.set in composed]
    return [p for p in recorded if p.set not in {q.set for q in fresh}] if same else []


def environment() -> dict[str, str]:
    """Return what a record says of the machine and the versions that computed it."""
    versions = {package: version(package) for package in PACKAGES}
    return {"python": platform.python_version(), **versions, "machine": f"{platform.machine()}, {processor()}"}


def processor() -> str:
    """Return the processor's name as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def check_run(name: str) -> None:
    """Recompute the scores of a run from its predictions.

    Raises
    ------
    DataError
        If the record says anything else.
    """
    record = read_record(name)
    for set_name, values in scores_of(read_predictions(name), record["labels"]).items():
        if json.loads(json.dumps(values.as_dict())) != record["scores"].get(set_name):
            raise DataError(
                f"{RUNS / name}: scores of {set_name} do not follow from the predictions; run train.py again"
            )
