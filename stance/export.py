"""Models in forms for research: every table as plain text, or the full scikit-learn estimator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from stance.artifact import content_digest, read_model, read_tables
from stance.errors import DataError, InputError
from stance.files import write_text


def export_json(model: str | Path, output: str | Path) -> None:
    """Write manifest and tables of a model file as one JSON object, arrays as nested lists.

    Raises
    ------
    ArtifactError, ModelNotFoundError
        If the model cannot be read.
    """
    manifest, tables = read_tables(model)
    content: dict[str, Any] = {"manifest": manifest, "words": [word.decode(errors="replace") for word in tables.words]}
    for name, value in vars(tables).items():
        if isinstance(value, np.ndarray):
            content[name] = [str(item) for item in value] if value.dtype == np.uint64 else _numbers(value)
    write_text(output, json.dumps(content, ensure_ascii=False) + "\n")


def export_estimator(model: str | Path, data: str | Path, output: str | Path) -> None:
    """Fit the scikit-learn estimator behind a model file again and write it with joblib.

    Whoever opens the file runs what is in it: joblib files are pickles, for your own use only.

    Parameters
    ----------
    model : str or Path
    data : str or Path
        What the model was trained on, as `stance.load_dataset` reads it.
    output : str or Path

    Raises
    ------
    DataError
        If the data are not those of the model.
    InputError
        If fitting again gives another model, as it does for other versions of scikit-learn that learn otherwise.
    """
    import joblib

    from stance.classifier import StanceClassifier
    from stance.dataset import load_dataset

    shipped, examples = read_model(model), load_dataset(data)
    about: Any = shipped.manifest
    if about["dataset"].get("fingerprint") != examples.fingerprint:
        found = (
            f"fingerprint {examples.fingerprint[:12]}..., the model's is {about['dataset'].get('fingerprint')!s:.12}..."
        )
        raise DataError(f"{data}: not what {model} was trained on ({found}); give the data set it names")
    training = examples.subset("train") if about["dataset"].get("split") == "train" else examples
    parameters = about["parameters"] | {"ngram_range": tuple(about["ngram_range"])}
    estimator = StanceClassifier(**parameters).fit(training.texts, training.labels, groups=training.groups)
    if content_digest(estimator.model_) != content_digest(shipped):
        raise InputError(f"{model}: fitting it again gave other weights; use the versions in requirements.lock")
    joblib.dump(estimator, output)


def _numbers(array: Any) -> list[Any]:
    """Return nested lists; float32 as the shortest text that reads back the same."""
    if array.dtype != np.float32:
        return list(array.tolist())
    shortest = [float(str(value)) for value in array.ravel()]
    return list(np.array(shortest).reshape(array.shape).tolist())
