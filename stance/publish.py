"""Lay out a registry in a folder: artifacts under their digest, cards, and the index last."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from stance.artifact import read_tables
from stance.cards import card_html, card_markdown
from stance.errors import InputError, StanceError
from stance.files import read_bytes, write_bytes, write_text
from stance.index import INDEX, Published, is_name, is_version, read_index, write_index


def publish_model(
    model: str | Path, folder: str | Path, *, name: str = "", version: str = "", licence: str = "other", card: str = ""
) -> Published:
    """Add a model file to the registry in a folder and return its entry.

    Publishing the same bytes again changes nothing. Publishers working on one folder at once wait for each other.

    Parameters
    ----------
    model : str or Path
        A file written by `stance.save_model`.
    folder : str or Path
        Made if missing.
    name, version : str
        By default what the model says of itself; a model without a name takes its file's.
    licence : str
        SPDX name of the model's licence, or ``"other"``.
    card : str
        Markdown that opens the model card.

    Raises
    ------
    ArtifactError, ModelNotFoundError
        If the model cannot be read.
    InputError
        If name or version cannot be published, or this version has been with other bytes.
    """
    from filelock import FileLock

    data = read_bytes(model)
    manifest, _ = read_tables(model)
    name = name or manifest["name"] or Path(model).stem
    entry = _entry(manifest, data, name=name, version=version, licence=licence)
    root = Path(folder)
    try:
        for made in (root / "artifacts", root / "models" / entry.name / entry.version):
            made.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StanceError(f"{root}: cannot write here ({error.strerror}); choose another folder") from None
    with FileLock(root / ".lock"):
        return _add(root, entry, data, card_markdown(entry, manifest, card))


def _add(root: Path, entry: Published, data: bytes, card: str) -> Published:
    index = root / INDEX
    entries = read_index(index.read_bytes(), str(index)) if index.exists() else []
    for known in entries:
        if (known.name, known.order) != (entry.name, entry.order):
            continue
        if known.sha256 == entry.sha256:
            return known
        found = f"{entry.name} {known.version} is published with other content ({known.sha256[:12]}...)"
        raise InputError(f"{root}: {found}; a published version never changes: raise it with --version")
    write_bytes(root / entry.artifact, data)
    about = root / "models" / entry.name / entry.version
    write_text(about / "README.md", card)
    write_text(about / "index.html", card_html(card, f"{entry.name} {entry.version}"))
    write_bytes(index, write_index([*entries, entry]))  # last: what it lists is there
    return entry


def _entry(manifest: dict[str, Any], data: bytes, *, name: str, version: str, licence: str) -> Published:
    version = version or manifest["version"]
    if not is_name(name):
        raise InputError(f"name {name!r}: expected lower-case letters, digits, - and _; choose one with --name")
    if not is_version(version):
        raise InputError(f"version {version!r}: expected one such as 1 or 1.2; choose one with --version")
    return Published(
        name=name,
        version=version,
        target=manifest["target"],
        labels=tuple(manifest["labels"]),
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        format=manifest["format"],
        scores=manifest["scores"],
        date=_today(),
        licence=licence,
    )


def _today() -> str:
    """Return today's date, or that of SOURCE_DATE_EPOCH, by which builds are made reproducible."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(epoch), UTC) if epoch and epoch.isdigit() else datetime.now(UTC)
    return moment.date().isoformat()
