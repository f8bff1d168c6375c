"""One file a model: arrays and a manifest in the safetensors format, nothing that could run code.

Format 1
--------
The metadata of the safetensors file hold one entry, ``manifest``: a JSON object with `format`, `package_version`,
`name`, `version`, `target`, `labels`, `temperature`, `thresholds` (see `stance.model.Model`), `ngram_range`,
`parameters`, `dataset`, `scores` and `digest`
(SHA-256 over the rest of the manifest and the bytes of all tensors). The tensors are those of
`stance.tables.Tables`, with V words, B bigrams, A anchors with P pairs, G n-grams and K labels:

=============  ======  ===========  =====================================================
words          U8      (bytes,)     the words in ascending order, joined by newlines
word_rows      F32     (V, K + 1)   K weights and the squared norm of each word
bigrams        I32     (B, 2)       indices into the words, in ascending order
bigram_rows    F32     (B, K + 1)
anchors        I32     (A,)         indices into the words, in ascending order
anchor_pairs   I32     (P, 2)       indices into the anchors and the words, in ascending order
anchor_rows    F32     (P, K + 1)
ngram_hashes   U64     (G,)         in ascending order (see `stance.ngrams`)
ngram_rows     F32     (G, K + 1)
intercept      F32     (K,)
=============  ======  ===========  =====================================================

Changing the format: raise `FORMAT`, keep reading every older number, add a file of the old format to ``tests/data``
and a test that it still loads with the same probabilities. A file with a higher number is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stance.errors import ArtifactError, ModelNotFoundError
from stance.files import write_bytes
from stance.manifest import FORMAT, package_version, parse_manifest
from stance.model import Model
from stance.scorer import Scorer
from stance.tables import Tables

MAX_BYTES = 1 << 30
MAX_ANCHORS = 1000  # their table takes up to 4 bytes for each anchor and word

_DTYPES = {
    "anchor_pairs": "I32",
    "anchor_rows": "F32",
    "anchors": "I32",
    "bigram_rows": "F32",
    "bigrams": "I32",
    "intercept": "F32",
    "ngram_hashes": "U64",
    "ngram_rows": "F32",
    "word_rows": "F32",
    "words": "U8",
}


def save_model(
    model: Any,
    path: str | Path,
    *,
    name: str = "",
    version: str = "1",
    target: str = "",
    dataset: Mapping[str, Any] | None = None,
    scores: Mapping[str, Any] | None = None,
) -> str:
    """Write a fitted `StanceClassifier` or `Model` to one file and return its digest.

    The same fitted model gives the same bytes. The file appears in one step.

    Parameters
    ----------
    model : StanceClassifier or Model
    path : str or Path
    name, version, target : str
        What the model is called, its own version, and what it was trained to judge.
    dataset, scores : mapping, optional
        JSON facts on the training data and on how the model was measured.

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If the classifier was not fitted.
    TypeError
        If `model` is something else.
    StanceError
        If the file cannot be written.
    """
    from safetensors.numpy import save

    parameters = model.get_params() if hasattr(model, "get_params") else {}
    fitted = _fitted(model)
    manifest = {
        "format": FORMAT,
        "package_version": package_version(),
        "name": name,
        "version": version,
        "target": target,
        "labels": list(fitted.labels),
        "temperature": fitted.temperature,
        "thresholds": [list(row) for row in fitted.thresholds],
        "ngram_range": list(fitted.scorer.tables.ngram_range),
        "parameters": parameters,
        "dataset": dict(dataset or {}),
        "scores": dict(scores or {}),
    }
    tensors = _to_tensors(fitted.scorer.tables)
    manifest["digest"] = _digest(manifest, tensors)
    write_bytes(path, save(tensors, {"manifest": json.dumps(manifest, sort_keys=True)}))
    return str(manifest["digest"])


def _fitted(model: Any) -> Model:
    """Return the model that a classifier learned, or `model` itself."""
    found = getattr(model, "model_", model)
    if isinstance(found, Model):
        return found
    if hasattr(model, "get_params"):
        from sklearn.exceptions import NotFittedError

        raise NotFittedError(f"this {type(model).__name__} is not fitted yet; call fit before saving it")
    raise TypeError(f"model is a {type(model).__name__}; expected a fitted StanceClassifier, or a Model")


def read_tables(path: str | Path) -> tuple[dict[str, Any], Tables]:
    """Return manifest and tables of a model file after checking all of it; needs NumPy and safetensors only.

    Raises
    ------
    ModelNotFoundError
        If there is no such file.
    ArtifactError
        If the file is damaged, foreign or of a newer format.
    """
    manifest, tensors = _read(Path(path))
    if manifest["digest"] != _digest({k: v for k, v in manifest.items() if k != "digest"}, tensors):
        raise ArtifactError(
            f"{path}: the content does not match its digest: the file is damaged; fetch or train it again"
        )
    return manifest, _to_tables(path, manifest, tensors)


def read_model(path: str | Path) -> Model:
    """Return the model in a file, ready to predict; errors as in `read_tables`."""
    manifest, tables = read_tables(path)
    thresholds = tuple(tuple(float(value) for value in row) for row in manifest["thresholds"])
    return Model(Scorer(tables), tuple(manifest["labels"]), float(manifest["temperature"]), thresholds, manifest)


def content_digest(model: Model) -> str:
    """Return a SHA-256 over labels, vocabulary and arrays rounded to 1e-4: equal for a faithful retraining."""
    digest = hashlib.sha256(json.dumps(list(model.labels)).encode())
    for name, array in sorted(_to_tensors(model.scorer.tables).items()):
        rounded = np.round(array, 4) + 0.0 if array.dtype == np.float32 else array  # + 0.0: no negative zeros
        digest.update(name.encode() + rounded.tobytes())
    return digest.hexdigest()


def _to_tensors(tables: Tables) -> dict[str, NDArray[Any]]:
    return {
        "anchor_pairs": np.ascontiguousarray(tables.anchor_pairs),
        "anchor_rows": np.ascontiguousarray(tables.anchor_rows),
        "anchors": tables.anchors,
        "bigram_rows": np.ascontiguousarray(tables.bigram_rows),
        "bigrams": np.ascontiguousarray(tables.bigrams),
        "intercept": tables.intercept,
        "ngram_hashes": tables.ngram_hashes,
        "ngram_rows": np.ascontiguousarray(tables.ngram_rows),
        "word_rows": np.ascontiguousarray(tables.word_rows),
        "words": np.frombuffer(b"\n".join(tables.words), np.uint8),
    }


def _digest(manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(name.encode() + tensors[name].tobytes())
    return digest.hexdigest()


def _read(path: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return manifest and tensors with their names and types checked before any of them is built."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelNotFoundError(
            f"{path}: no such model file; check the path, or train one with: stance train DATA -o {path}"
        )
    if path.stat().st_size > MAX_BYTES:
        raise ArtifactError(f"{path}: {path.stat().st_size:,} bytes; expected a model of at most {MAX_BYTES:,} bytes")
    try:
        with path.open("rb"):
            pass  # safetensors says of any file it cannot open that there is none
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read ({error.strerror}); check its permissions") from None
    try:
        with safe_open(path, "numpy") as file:
            manifest = parse_manifest(str(path), file.metadata() or {})
            found = {name: file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118 - not a dict
            if found != _DTYPES:
                raise ArtifactError(f"{path}: tensors {found}; expected {_DTYPES}: not a model this package wrote")
            return manifest, {name: file.get_tensor(name) for name in sorted(_DTYPES)}
    except (SafetensorError, OSError) as error:
        what = f"not a stance model, or damaged ({str(error).splitlines()[0]})"
        raise ArtifactError(f"{path}: {what}; expected a file written by stance.save_model") from None


def _to_tables(path: str | Path, manifest: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Tables:
    """Return tables whose shapes, order and values have all been checked."""
    blob = tensors["words"].tobytes()
    words = tuple(blob.split(b"\n")) if blob else ()
    width = len(manifest["labels"]) + 1
    shapes = {
        "word_rows": (len(words), width),
        "bigrams": (len(tensors["bigrams"]), 2),
        "bigram_rows": (len(tensors["bigrams"]), width),
        "anchors": (len(tensors["anchors"]),),
        "anchor_pairs": (len(tensors["anchor_pairs"]), 2),
        "anchor_rows": (len(tensors["anchor_pairs"]), width),
        "ngram_hashes": (len(tensors["ngram_hashes"]),),
        "ngram_rows": (len(tensors["ngram_hashes"]), width),
        "intercept": (width - 1,),
    }
    for name, shape in shapes.items():
        if tensors[name].shape != shape:
            raise ArtifactError(
                f"{path}: tensor {name} has shape {tensors[name].shape}; expected {shape}: the file is damaged"
            )
    low_high = manifest["ngram_range"]
    sound = {
        "words ascend": all(a < b for a, b in pairwise(words)),
        "bigrams are indices of words": _within(tensors["bigrams"], len(words)),
        "bigrams ascend": _pairs_ascend(tensors["bigrams"]),
        "anchors are indices of words": _within(tensors["anchors"], len(words))
        and len(tensors["anchors"]) <= MAX_ANCHORS,
        "anchors ascend": _ascends(tensors["anchors"]),
        "anchor pairs are indices": _within(tensors["anchor_pairs"][:, 0], len(tensors["anchors"]))
        and _within(tensors["anchor_pairs"][:, 1], len(words)),
        "anchor pairs ascend": _pairs_ascend(tensors["anchor_pairs"]),
        "n-gram hashes ascend": _ascends(tensors["ngram_hashes"]),
        "n-gram lengths": len(low_high) == 2
        and all(type(v) is int for v in low_high)
        and 1 <= low_high[0] <= low_high[1] <= 10,
    }
    for name, array in tensors.items():
        if array.dtype == np.float32:
            sound[f"{name} is finite"] = bool(np.isfinite(array).all())
        if name.endswith("_rows"):
            sound[f"{name} has squared norms"] = bool((array[:, -1] >= 0).all())
    failed = [what for what, holds in sound.items() if not holds]
    if failed:
        raise ArtifactError(f"{path}: check failed: {'; '.join(failed)}; the file is damaged or foreign")
    arrays = {name: array for name, array in tensors.items() if name != "words"}
    return Tables(words=words, ngram_range=(low_high[0], low_high[1]), **arrays)


def _within(values: NDArray[Any], limit: int) -> bool:
    return bool(((values >= 0) & (values < limit)).all())


def _pairs_ascend(pairs: NDArray[np.int32]) -> bool:
    return _ascends((pairs[:, 0].astype(np.int64) << 32) | pairs[:, 1])


def _ascends(values: NDArray[Any]) -> bool:
    return bool((values[1:] > values[:-1]).all())
