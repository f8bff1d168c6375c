"""What a model file says of itself: the fields, their checks, and the number of the format (see `stance.artifact`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from stance.errors import ArtifactError
from stance.model import COVERAGES

FORMAT = 1
MAX_LABELS = 1000
MAX_TEMPERATURE = 1e6

_MANIFEST_TYPES: dict[str, type | tuple[type, ...]] = {
    "package_version": str, "name": str, "version": str, "target": str, "labels": list, "temperature": (int, float),
    "thresholds": list, "ngram_range": list, "parameters": dict, "dataset": dict, "scores": dict, "digest": str,
}  # fmt: skip


def package_version() -> str:
    """Return the version of the installed package."""
    try:
        return version("stance-analysis")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+unknown"


def parse_manifest(path: str, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the manifest in the metadata of a model file, every field checked.

    Raises
    ------
    ArtifactError
        If it is missing, damaged, foreign or of a newer format.
    """
    try:
        manifest = json.loads(metadata.get("manifest", ""))
    except (json.JSONDecodeError, RecursionError):
        raise ArtifactError(
            f"{path}: no manifest in the metadata; expected a file written by stance.save_model"
        ) from None
    number = manifest.get("format") if isinstance(manifest, dict) else None
    if not isinstance(number, int) or number < 1:
        raise ArtifactError(f"{path}: format is {number!r}; expected a number from 1 to {FORMAT}")
    if number > FORMAT:
        found = f"format {number}, written by stance-analysis {manifest.get('package_version')}"
        advice = "upgrade with: pip install -U stance-analysis"
        raise ArtifactError(f"{path}: {found}; this version reads up to format {FORMAT}: {advice}")
    for name, kind in _MANIFEST_TYPES.items():
        if not isinstance(manifest.get(name), kind):
            raise ArtifactError(
                f"{path}: manifest field {name} is {manifest.get(name)!r}; the file is damaged or foreign"
            )
    labels = manifest["labels"]
    if not (
        2 <= len(labels) <= MAX_LABELS and all(isinstance(v, str) for v in labels) and len(set(labels)) == len(labels)
    ):
        raise ArtifactError(f"{path}: labels are not 2 to {MAX_LABELS} distinct names; the file is damaged or foreign")
    if manifest["thresholds"] and not _sound_thresholds(manifest["thresholds"], len(labels)):
        raise ArtifactError(f"{path}: thresholds are not {len(COVERAGES)} probabilities a label; the file is damaged")
    if not 0 < manifest["temperature"] <= MAX_TEMPERATURE:
        raise ArtifactError(
            f"{path}: temperature is {manifest['temperature']!r}; expected one above 0, at most {MAX_TEMPERATURE:g}"
        )
    checked: dict[str, Any] = manifest
    return checked


def _sound_thresholds(rows: list[Any], labels: int) -> bool:
    if len(rows) != labels or not all(isinstance(row, list) and len(row) == len(COVERAGES) for row in rows):
        return False
    return all(isinstance(value, (int, float)) and 0 <= value <= 1 for row in rows for value in row)
