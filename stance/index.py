"""What a registry lists: one entry a published model, in one JSON file; and how a user asks for one of them.

A registry is a folder that any static host can serve::

    index.json                              {"format": 1, "models": [entry, ...]}
    artifacts/<sha256>.stance               the models, named by their content
    models/<name>/<version>/README.md       model card (Markdown), and index.html

Where a file lies follows from its digest, name and version; the index holds no paths. Unknown fields are ignored, so
that entries can grow; a change that older readers would misread raises `INDEX_FORMAT`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from packaging.version import InvalidVersion, Version

from stance.errors import DataError, InputError, ModelNotFoundError
from stance.manifest import FORMAT

INDEX = "index.json"
INDEX_FORMAT = 1
MAX_INDEX = 16 << 20

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(\.[a-z0-9_-]{1,64}){0,3}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_SPEC = re.compile(r"(?P<name>[^=@\s]+)(==(?P<version>[^=@\s]+))?(@sha256:(?P<sha256>[^=@\s]+))?")


@dataclass(frozen=True)
class Published:
    """A model in a registry."""

    name: str
    version: str  #: as PEP 440 orders them
    target: str  #: what the stances are toward
    labels: tuple[str, ...]
    size: int  #: bytes of the artifact
    sha256: str  #: of the artifact
    format: int  #: of the artifact
    scores: Mapping[str, Any]
    date: str  #: of publication, ISO
    licence: str

    @property
    def artifact(self) -> str:
        """Path of the artifact within the registry."""
        return f"artifacts/{self.sha256}.stance"

    @property
    def order(self) -> Version:
        """Key that puts versions in their order."""
        return Version(self.version)


@dataclass(frozen=True)
class ModelSpec:
    """What a user asks for: ``NAME[==VERSION][@sha256:DIGEST]``."""

    name: str
    version: str | None = None
    sha256: str | None = None

    def matches(self, entry: Published) -> bool:
        """Whether an entry is what the user asks for, versions left aside."""
        return entry.name == self.name and self.sha256 in (None, entry.sha256)

    def __str__(self) -> str:
        version = f"=={self.version}" if self.version else ""
        return f"{self.name}{version}{f'@sha256:{self.sha256}' if self.sha256 else ''}"


def parse_spec(text: str) -> ModelSpec:
    """Return what a user asks for.

    Raises
    ------
    InputError
        If the text is not of the form ``NAME[==VERSION][@sha256:DIGEST]``.
    """
    match = _SPEC.fullmatch(text)
    if not match or not is_name(match["name"]):
        raise InputError(f"{text[:200]!r}: no model name; expected NAME, NAME==VERSION or NAME==VERSION@sha256:DIGEST")
    if match["version"] and not is_version(match["version"]):
        raise InputError(f"{text!r}: {match['version']!r} is no version; expected one such as 1 or 1.2")
    if match["sha256"] and not _DIGEST.fullmatch(match["sha256"].lower()):
        raise InputError(f"{text!r}: the digest has {len(match['sha256'])} characters; expected 64 hexadecimal digits")
    return ModelSpec(match["name"], match["version"], match["sha256"].lower() if match["sha256"] else None)


def is_name(text: str) -> bool:
    """Whether a text can name a published model: lower case, digits, ``_``, ``-`` and inner dots."""
    return bool(_NAME.fullmatch(text))


def is_version(text: str) -> bool:
    """Whether a text is a version as PEP 440 writes it, short enough for a folder's name."""
    try:
        Version(text)
    except InvalidVersion:
        return False
    return len(text) <= 64


def choose(entries: Sequence[Published], spec: ModelSpec, where: str) -> Published:
    """Return the entry that a user asks for: of several versions the highest that this package can read.

    Raises
    ------
    ModelNotFoundError
        If there is none, saying what there is.
    """
    named = [entry for entry in entries if entry.name == spec.name]
    if not named:
        there = ", ".join(sorted({entry.name for entry in entries})) or "no model at all"
        raise ModelNotFoundError(f"{where}: no model named {spec.name}; it lists {there}")
    versions = ", ".join(entry.version for entry in sorted(named, key=lambda entry: entry.order))
    wanted = [entry for entry in named if spec.version is None or entry.order == Version(spec.version)]
    if not wanted:
        raise ModelNotFoundError(f"{where}: no version {spec.version} of {spec.name}; it lists {versions}")
    pinned = [entry for entry in wanted if spec.matches(entry)]
    if not pinned:
        found = ", ".join(f"{entry.version} with {entry.sha256}" for entry in wanted)
        raise ModelNotFoundError(f"{where}: {spec.name} has not the digest you pinned ({found}); nothing was fetched")
    readable = [entry for entry in pinned if entry.format <= FORMAT]
    if not readable:
        found = f"{spec.name} is of format {pinned[-1].format}, this version reads up to {FORMAT}"
        raise ModelNotFoundError(f"{where}: {found}; upgrade with: pip install -U stance-analysis")
    return max(readable, key=lambda entry: entry.order)


def read_index(data: bytes, where: str) -> list[Published]:
    """Return the entries of an index file.

    Raises
    ------
    DataError
        If it is not an index, or of a newer format.
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        raise DataError(f"{where}: not JSON; expected an index written by stance publish") from None
    if not isinstance(content, dict) or not isinstance(content.get("models"), list):
        raise DataError(f"{where}: no list of models; expected an index written by stance publish")
    number = content.get("format")
    if number != INDEX_FORMAT:
        advice = "upgrade with: pip install -U stance-analysis"
        raise DataError(f"{where}: index format {number!r:.50}; this version reads format {INDEX_FORMAT}: {advice}")
    return [_entry(row, f"{where}: entry {i}") for i, row in enumerate(content["models"], 1)]


def write_index(entries: Sequence[Published]) -> bytes:
    """Return the index file of `entries`, in order of name and version."""
    rows = [asdict(entry) for entry in sorted(entries, key=lambda entry: (entry.name, entry.order))]
    return (json.dumps({"format": INDEX_FORMAT, "models": rows}, indent=1, ensure_ascii=False) + "\n").encode()


def _entry(row: Any, where: str) -> Published:
    if not isinstance(row, dict):
        raise DataError(f"{where}: not an object; expected an index written by stance publish")
    labels = row.get("labels")
    sound = {
        "name": isinstance(row.get("name"), str) and is_name(row["name"]),
        "version": isinstance(row.get("version"), str) and is_version(row["version"]),
        "labels": isinstance(labels, list) and all(isinstance(label, str) for label in labels),
        "size": type(row.get("size")) is int and row["size"] > 0,
        "sha256": isinstance(row.get("sha256"), str) and bool(_DIGEST.fullmatch(row["sha256"])),
        "format": type(row.get("format")) is int and row["format"] > 0,
        "scores": isinstance(row.get("scores"), dict),
        **{name: isinstance(row.get(name), str) for name in ("target", "date", "licence")},
    }
    wrong = [name for name, holds in sound.items() if not holds]
    if wrong:
        raise DataError(f"{where}: {wrong[0]} is {row.get(wrong[0])!r:.100}; the index is damaged: tell its owner")
    known = {field.name: row[field.name] for field in fields(Published)}
    return Published(**known | {"labels": tuple(row["labels"])})
