"""Train what a config describes, predict, record.

    python experiments/train.py                         # every config
    python experiments/train.py s400 --data ../shared/evaluation/news-dev.jsonl

The same protocol for every model: one trained on the train split is scored on valid and test; one trained on all
composed sentences is scored on the outside files given by --data, and is what ships.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from stance.training import describe, pin_threads

pin_threads()

from experiments.models import BUILDERS  # noqa: E402 - threads are pinned before NumPy is imported
from experiments.runs import (  # noqa: E402
    HERE,
    Prediction,
    environment,
    outside_predictions,
    predict_set,
    scores_of,
    write_run,
)  # fmt: skip
from stance.artifact import content_digest, save_model  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402
from stance.errors import StanceError  # noqa: E402

OUTSIDE_FITS = "datasets/s400"
"""The data set whose question the outside files are about."""


def main(arguments: list[str] | None = None) -> int:
    """Run the configs named on the command line; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("configs", nargs="*", metavar="NAME", help="names in experiments/configs (default: all)")
    parser.add_argument(
        "--data", action="append", type=Path, default=[], metavar="FILE", help="labelled file to score on"
    )
    options = parser.parse_args(arguments)
    try:
        outside = {path.stem: load_dataset(path) for path in options.data}
        for name in options.configs or sorted(path.stem for path in (HERE / "configs").glob("*.json")):
            run(name, outside)
    except StanceError as error:
        print(f"train.py: {error}", file=sys.stderr)
        return 1
    return 0


def run(name: str, outside: dict[str, Dataset]) -> None:
    """Train, predict and record one config."""
    started = time.perf_counter()
    config = read_config(name)
    outside = outside if config["dataset"] == OUTSIDE_FITS else {}
    data = load_dataset(HERE.parent / config["dataset"])
    measured = fit(config, data.subset("train"))
    labels = [str(label) for label in measured.classes_]
    predictions = predict_set(measured, "valid", data.subset("valid"))
    before = time.process_time()
    predictions += predict_set(measured, "test", data.subset("test"))
    speed = len(data.subset("test")) / (time.process_time() - before)
    record: dict[str, Any] = {"name": name, "config": config, "labels": labels, "data": describe(data)}
    record["sentences_per_cpu_second"] = float(f"{speed:.2g}")
    if config["classifier"] == "stance":
        record["conformal"] = conformal(measured, data.subset("test"))
    if outside or "model" in config:
        shipped = fit(config, data)
        predictions += [p for set_name, rows in outside.items() for p in predict_set(shipped, set_name, rows)]
        if "model" in config:
            record["content_digest"] = content_digest(shipped.model_)
            save(config, data, shipped, composed_scores(predictions, labels))
    predictions += outside_predictions(name, predictions, list(outside))
    record |= {"command": f"python experiments/train.py {name}", "environment": environment()}
    record["seconds"] = round(time.perf_counter() - started, 1)
    print(f"{name}: {write_run(name, predictions, record)} in {record['seconds']} s")


def conformal(classifier: Any, data: Dataset, coverage: float = 0.9) -> dict[str, Any]:
    """Return how often the conformal sets hold the gold label, by label, and how many labels they hold."""
    sets = classifier.model_.predict_set(data.texts, coverage)
    held: dict[str, list[bool]] = {}
    for found, label in zip(sets, data.labels, strict=True):
        held.setdefault(label, []).append(label in found)
    shares = {label: round(sum(hits) / len(hits), 4) for label, hits in sorted(held.items())}
    return {"asked": coverage, "covered": shares, "mean_size": round(sum(map(len, sets)) / len(sets), 3)}


def read_config(name: str) -> dict[str, Any]:
    """Return a config by name.

    Raises
    ------
    StanceError
        If there is none of this name, or it names no known classifier.
    """
    path = HERE / "configs" / f"{name}.json"
    if not path.is_file():
        raise StanceError(
            f"{path}: no such config; expected one of {', '.join(sorted(p.stem for p in path.parent.glob('*.json')))}"
        )
    config: dict[str, Any] = json.loads(path.read_bytes())
    if config.get("classifier") not in BUILDERS:
        raise StanceError(f"{path}: classifier is {config.get('classifier')!r}; expected one of {', '.join(BUILDERS)}")
    return config


def fit(config: dict[str, Any], data: Dataset) -> Any:
    """Return the config's classifier fitted on `data`."""
    estimator = BUILDERS[config["classifier"]](**config.get("parameters", {}))
    grouped = {"groups": data.groups} if config["classifier"] == "stance" else {}
    return estimator.fit(data.texts, data.labels, **grouped)


def composed_scores(predictions: list[Prediction], labels: list[str]) -> dict[str, Any]:
    """Return what a model file says of its configuration's scores on the data set's own splits, intervals included."""
    own = [prediction for prediction in predictions if prediction.set in ("valid", "test")]
    return {name: values.as_dict() for name, values in scores_of(own, labels).items()}


def save(config: dict[str, Any], data: Dataset, classifier: Any, scores: dict[str, Any]) -> None:
    """Write the model file that the config asks for."""
    path = HERE.parent / config["model"]
    about = config["about"] | {"target": data.target, "dataset": describe(data), "scores": scores}
    save_model(classifier, path, **about)


if __name__ == "__main__":
    sys.exit(main())
