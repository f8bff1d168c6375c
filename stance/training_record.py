"""What stays beside a trained model: the record of how it came about, and the draft of its card."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from stance.files import write_text
from stance.manifest import package_version
from stance.target import Label

PACKAGES = ("numpy", "scipy", "scikit-learn")


def record_path(model: Path) -> Path:
    """Return where the record of a model file stands."""
    return model.with_name(f"{model.name.removesuffix('.stance')}.record.json")


def card_path(model: Path) -> Path:
    """Return where the card of a model file stands."""
    return model.with_name(f"{model.name.removesuffix('.stance')}.card.md")


def versions() -> dict[str, str]:
    """Return the versions of Python and the packages that decide what a training gives."""
    packages = {package: version(package) for package in PACKAGES}
    return {"python": platform.python_version(), "stance-analysis": package_version(), **packages}


def write_record(path: Path, record: Mapping[str, Any]) -> None:
    """Write a record as JSON."""
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def draft_card(record: Mapping[str, Any], labels: Sequence[Label] = ()) -> str:
    """Return the model card of a training, for its author to complete and to publish with ``--card``.

    Parameters
    ----------
    record : mapping
        As `stance.training.train_model` makes it.
    labels : sequence of Label
        Of the target, for their definitions.
    """
    parts = [f"# Model card: {record['name']}", _purpose(record), "**Labels.**", _labels(record, labels)]
    parts += [_making(record), *_results(record)]
    if record["warnings"]:
        parts += ["**Known weaknesses of the data.**", "\n".join(f"- {line}" for line in record["warnings"])]
    parts.append(
        "**Limits.** English; one sentence at a time. A stance is what a sentence reports, not what anybody thinks. "
        "Text unlike the training data is labelled worse than these scores say."
    )
    return "\n\n".join(parts) + "\n"


def _purpose(record: Mapping[str, Any]) -> str:
    target = record["target"] or "what its training data are about"
    return f"**What it does.** Labels one sentence of text with the stance it takes toward {target}."


def _labels(record: Mapping[str, Any], labels: Sequence[Label]) -> str:
    definitions = {label.name: label.definition for label in labels}
    lines = (f"- `{name}`: {definitions.get(name) or 'see the guidelines of the data'}" for name in record["labels"])
    return "\n".join(lines)


def _making(record: Mapping[str, Any]) -> str:
    data, splits, search = record["data"], record["splits"], record["search"]
    found = f"{len(search['trials'])} settings compared by {search['folds']}-fold cross-validation by text"
    state = "" if search["finished"] else ", cut short by the time limit"
    return (
        f"**How it was made.** Trained on {splits['trained to ship']:,} of the {data['examples']:,} sentences of "
        f"{data['name']} (version {data['version']}, fingerprint `{data['fingerprint'][:16]}`). C and n-grams: "
        f"{found}{state}. Seed {splits['seed']}. The record beside the model tells everything."
    )


def _results(record: Mapping[str, Any]) -> list[str]:
    """Return a paragraph and a table for each set that was held out."""
    parts = []
    for split, scores in record["scores"].items():
        low, high = scores["intervals"]["macro_f1"]
        trained = record["splits"]["trained to measure"]
        parts.append(
            f"**How good it is.** On {scores['count']} sentences held out ({split}), after training on {trained:,}: "
            f"macro-F1 {scores['macro_f1']:.3f} (95 % interval {low:.3f}-{high:.3f}), calibration error "
            f"{scores['calibration_error']:.3f}."
        )
        lines = ["| label | precision | recall | F1 |", "| --- | --: | --: | --: |"]
        for label in record["labels"]:
            rates = (scores[rate].get(label, 0.0) for rate in ("precision", "recall", "f1"))
            lines.append(f"| {label} | {' | '.join(f'{rate:.3f}' for rate in rates)} |")
        parts.append("\n".join(lines))
    return parts
