"""From labelled data to a model file with its record and card; experiments have scripts of their own."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stance.artifact import save_model
from stance.classifier import StanceClassifier
from stance.dataset import SPLITS, Dataset, load_dataset
from stance.errors import DataError, InputError
from stance.evaluation import evaluate
from stance.files import write_text
from stance.metrics import Scores
from stance.registry import load_model
from stance.search import BUDGET, PENALTIES, Progress, Search, search_parameters
from stance.splits import linked_groups, repeated_wording, split_groups
from stance.target import Target
from stance.training_record import card_path, draft_card, record_path, versions, write_record

MIN_EXAMPLES = 5
"""Fewest examples of a label that a model can be trained on."""

ENOUGH = 50
"""Examples of a label below which a training comes with a warning."""

HELD_OUT = {"train": 0.8, "test": 0.2}
"""Shares of data without splits of their own."""

TEMPLATED = 0.1
"""Share of near-repeated sentences, or of repeated wording, from which a training comes with a warning."""


@dataclass(frozen=True)
class Trained:
    """What a training gives: its record, and the scores on what was held out."""

    record: Mapping[str, Any]
    scores: Mapping[str, Scores]

    @property
    def warnings(self) -> list[str]:
        """What in the data makes the model or its scores doubtful, a line each."""
        return list(self.record["warnings"])


@dataclass(frozen=True)
class _Parts:
    """The data, cut: what the scores are measured with, and on, and what the model is trained on."""

    measured: Dataset
    held_out: Mapping[str, Dataset]
    training: Dataset
    source: str  #: ``data`` or ``made``
    repeats: int


def train_model(
    data: str | Path,
    output: str | Path,
    *,
    target: Target | None = None,
    penalty: float | None = None,
    budget: float = BUDGET,
    seed: int = 0,
    name: str = "",
    progress: Progress | None = None,
) -> Trained:
    """Choose parameters, train, measure, and write the model with its record and its card beside it.

    Data with splits of their own are trained on ``train`` and measured on the others. Of data without, a fifth of whole
    texts is held out to measure what the rest gives; the model that is written is trained on all.

    Parameters
    ----------
    data : str or Path
        See `stance.dataset.load_dataset`.
    output : str or Path
        ``x.stance`` also writes ``x.record.json`` and ``x.card.md``.
    target : Target, optional
        Gives the model its description, and the card the labels' definitions.
    penalty : float, optional
        Fixes C; only the n-grams are then searched for.
    budget : float
        Seconds for the search; 0 keeps the defaults.
    seed : int
        Decides everything, unless time cut the search short.
    name : str
        Of the model; by default the file's.
    progress : callable, optional
        Gets the folds of the search done and all of them.

    Raises
    ------
    DataError
        If the data cannot be read, or a label has too few examples.
    InputError
        If the data hold labels that the target does not, or `output` has another ending.
    """
    output, begun = Path(output), time.monotonic()
    examples = _checked(data, output, target)
    parts = _cut(examples, seed)
    found = _search(parts.measured, penalty, budget, seed, progress)
    options = dict(found.parameters) | ({} if penalty is None else {"C": penalty}) | {"random_state": seed}
    measured = _fitted(parts.measured, options)
    scores = {split: evaluate(measured, part) for split, part in parts.held_out.items() if len(part)}
    classifier = measured if parts.measured is parts.training else _fitted(parts.training, options)
    record: dict[str, Any] = {"name": name or output.stem, "target": target.description if target else examples.target}
    record["data"] = describe(examples) | ({"split": "train"} if parts.source == "data" else {})
    record["scores"] = {split: values.as_dict() for split, values in scores.items()}
    about = {"name": record["name"], "target": record["target"], "dataset": record["data"], "scores": record["scores"]}
    record["digest"] = save_model(classifier, output, **about)
    load_model(output)  # what was written must load
    record |= _how(classifier, examples, parts, found, seed)
    write_record(record_path(output), record | {"seconds": round(time.monotonic() - begun, 1)})
    write_text(card_path(output), draft_card(record, target.labels if target else ()))
    return Trained(record, scores)


def check_trainable(data: Dataset) -> None:
    """Raise `DataError` where `data` has fewer than two labels or a label with hardly any examples."""
    counts = {label: data.labels.count(label) for label in sorted(set(data.labels))}
    if len(counts) < 2:
        raise DataError(f"{data}: {len(counts)} label; expected at least two different labels to tell apart")
    small = [f"{label} ({n})" for label, n in counts.items() if n < MIN_EXAMPLES]
    if small:
        expected = f"expected at least {MIN_EXAMPLES} of each label"
        raise DataError(f"{data}: too few examples of {', '.join(small)}; {expected}")


def describe(data: Dataset) -> dict[str, Any]:
    """Return what a manifest or record says of its data."""
    return {"name": data.name, "version": data.version, "examples": len(data), "fingerprint": data.fingerprint}


def pin_threads() -> None:
    """Keep BLAS and OpenMP to one thread; effective before NumPy is imported."""
    for library in ("OMP", "OPENBLAS", "MKL", "BLIS", "VECLIB_MAXIMUM"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")


def _checked(data: str | Path, output: Path, target: Target | None) -> Dataset:
    """Return the data, once it is clear that a model of the target can be written."""
    if output.suffix != ".stance":
        raise InputError(f"{output}: no name for a model; expected one that ends in .stance")
    if not output.resolve().parent.is_dir():
        raise DataError(f"{output}: no such folder {output.parent}; create it first")
    examples = load_dataset(data)
    known = [label.name for label in target.labels] if target else []
    foreign = sorted(set(examples.labels) - set(known)) if known else []
    if target and foreign:
        found = f"labels {', '.join(foreign)} are none of the target {target.name}"
        raise InputError(f"{examples}: {found}; expected {', '.join(known)}")
    return examples


def _cut(examples: Dataset, seed: int) -> _Parts:
    """Return the parts of the data, near-duplicates in one group."""
    groups, repeats = linked_groups(examples.texts, examples.groups)
    linked = replace(examples, examples=tuple(replace(e, fragment=g) for e, g in zip(examples, groups, strict=True)))
    if any(example.split for example in examples):
        training = linked.subset("train")
        check_trainable(training)
        return _Parts(training, {s: linked.subset(s) for s in SPLITS[1:]}, training, "data", repeats)
    check_trainable(linked)
    splits = split_groups(linked.examples, seed, HELD_OUT)
    cut = replace(linked, examples=tuple(replace(e, split=splits[e.group]) for e in linked))
    measured = cut.subset("train")
    if min(Counter(measured.labels)[label] for label in set(cut.labels)) < 2:
        return _Parts(cut, {}, cut, "made", repeats)  # a label that stands in one group alone: nothing to hold out
    return _Parts(measured, {"test": cut.subset("test")}, cut, "made", repeats)


def _search(data: Dataset, penalty: float | None, budget: float, seed: int, progress: Progress | None) -> Search:
    penalties = PENALTIES if penalty is None else (penalty,)
    options: dict[str, Any] = {"penalties": penalties, "budget": budget, "seed": seed, "progress": progress}
    return search_parameters(data.texts, data.labels, data.groups, **options)


def _fitted(data: Dataset, options: Mapping[str, Any]) -> StanceClassifier:
    return StanceClassifier(**options).fit(data.texts, data.labels, groups=data.groups)


def _how(classifier: StanceClassifier, examples: Dataset, parts: _Parts, found: Search, seed: int) -> dict[str, Any]:
    """Return what a record says of how the model was made, and of what makes it doubtful."""
    facts: dict[str, Any] = {"labels": sorted(set(examples.labels)), "search": found.as_dict()}
    facts |= {"splits": _about_splits(parts, seed)}
    facts |= {"parameters": classifier.get_params(), "calibrated": bool(classifier.model_.thresholds)}
    warnings = _warnings(examples, parts)
    if not facts["calibrated"]:
        warnings.append("the probabilities are not calibrated: a label has too few examples or stands in one text only")
    if not found.finished:
        warnings.append("the search ran out of time: a larger budget may find better parameters, and repeats exactly")
    return facts | {"warnings": warnings, "versions": versions()}


def _about_splits(parts: _Parts, seed: int) -> dict[str, Any]:
    sizes = {"trained to measure": len(parts.measured), "trained to ship": len(parts.training)}
    held_out = {split: len(part) for split, part in parts.held_out.items()}
    groups = len(set(parts.training.groups))
    return {"source": parts.source, "seed": seed, "groups": groups, "measured on": held_out, **sizes}


def _warnings(examples: Dataset, parts: _Parts) -> list[str]:
    """Return what a user should know of the data before trusting the model."""
    found = []
    small = [f"{label} ({n})" for label, n in sorted(Counter(parts.training.labels).items()) if n < ENOUGH]
    if small:
        found.append(f"few examples of {', '.join(small)}: below {ENOUGH}, expect unsteady labels and scores")
    repeated, wording = parts.repeats / len(examples), repeated_wording(examples.texts)
    if repeated >= TEMPLATED:
        found.append(f"{repeated:.0%} of the sentences nearly repeat an earlier one: write or collect more varied ones")
    if wording >= TEMPLATED:
        found.append(f"{wording:.0%} of the sentences share a run of six words with many others: they look templated")
    homes: dict[str, set[str]] = {}
    for split, part in {"train": parts.measured, **parts.held_out}.items():
        for group in part.groups:
            homes.setdefault(group, set()).add(split)
    if astray := sum(len(splits) > 1 for splits in homes.values()):
        found.append(f"{astray} groups of near-duplicates stand in several of the data's splits: scores are too good")
    if not any(len(part) for part in parts.held_out.values()):
        found.append("nothing was held out to score on: give splits, or more examples from more texts")
    return found
