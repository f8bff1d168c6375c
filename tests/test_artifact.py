"""A model file is checked before use: nothing damaged, foreign or newer gets through, whatever was done to it."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from sklearn.exceptions import NotFittedError

from stance.artifact import content_digest, read_model, save_model
from stance.classifier import StanceClassifier
from stance.dataset import Dataset
from stance.errors import ArtifactError, ModelNotFoundError
from stance.manifest import FORMAT
from stance.model import Model
from stance.registry import load_model

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def saved(fitted: StanceClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("artifact") / "model.stance"
    save_model(fitted, path, name="sample", target="a target", scores={"test": {"macro_f1": 0.5}})
    return path


def rewrite(source: Path, target: Path, change: Callable[[dict[str, Any], dict[str, Any]], None]) -> Path:
    """Write a copy of a model file with manifest or tensors changed and everything else in order."""
    with safe_open(source, "numpy") as file:
        manifest = json.loads(file.metadata()["manifest"])
    tensors = load_file(source)
    change(manifest, tensors)
    save_file(tensors, target, {"manifest": json.dumps(manifest)})
    return target


def test_only_a_fitted_model_is_saved(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="this StanceClassifier is not fitted yet"):
        save_model(StanceClassifier(), tmp_path / "m.stance")
    with pytest.raises(TypeError, match="model is a str; expected a fitted StanceClassifier"):
        save_model("s400", tmp_path / "m.stance")
    assert not list(tmp_path.iterdir())


def test_round_trip(saved: Path, fitted: StanceClassifier, sample: Dataset) -> None:
    loaded = read_model(saved)
    assert (loaded.predict_proba(sample.texts) == fitted.predict_proba(sample.texts)).all()
    assert loaded.labels == tuple(fitted.classes_)
    assert loaded.manifest["name"] == "sample"
    assert loaded.manifest["parameters"] == json.loads(json.dumps(fitted.get_params()))


def test_same_model_same_bytes(saved: Path, fitted: StanceClassifier, tmp_path: Path) -> None:
    save_model(fitted, tmp_path / "again.stance", name="sample", target="a target", scores={"test": {"macro_f1": 0.5}})
    assert (tmp_path / "again.stance").read_bytes() == saved.read_bytes()


def test_a_loaded_model_can_be_saved_again(saved: Path, tmp_path: Path) -> None:
    model = read_model(saved)
    save_model(model, tmp_path / "copy.stance")
    assert content_digest(read_model(tmp_path / "copy.stance")) == content_digest(model)


def test_content_digest_ignores_noise_and_sees_change(fitted: StanceClassifier, saved: Path) -> None:
    model = read_model(saved)
    assert content_digest(model) == content_digest(fitted.model_)
    tables = model.scorer.tables
    tables.intercept[0] += 0.01
    assert content_digest(model) != content_digest(fitted.model_)


def test_format_1_loads_for_ever() -> None:
    expected = json.loads((DATA / "format-1.json").read_text())
    model = read_model(DATA / "format-1.stance")
    np.testing.assert_allclose(model.predict_proba(expected["texts"]), expected["probabilities"], atol=1e-5)
    # Bit for bit on every Python and NumPy; probabilities may differ in the last bit, as NumPy's exponential does.
    assert model.decision_function(expected["texts"]).tolist() == expected["decision_values"]


def test_loading_never_imports_scikit_learn(saved: Path) -> None:
    code = f"import sys, stance; stance.load_model({str(saved)!r}).explain('x'); print('sklearn' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelNotFoundError, match="no such model"):
        load_model(tmp_path / "none.stance")
    with pytest.raises(ModelNotFoundError, match="no such model file"):
        read_model(tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"\0" * 100, b"not a model at all", pickle.dumps({"a": 1}), b"\xff" * 64]
)
def test_foreign_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign.stance"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match="not a stance model"):
        read_model(path)


def test_a_file_that_may_not_be_read(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ArtifactError, match=r"cannot be read \(Permission denied\); check its permissions"):
        read_model(saved)


def test_a_pickle_is_never_unpickled(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "executed",))

    (tmp_path / "trap.stance").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ArtifactError):
        read_model(tmp_path / "trap.stance")
    assert not (tmp_path / "executed").exists()


CHANGES: dict[str, tuple[Callable[[dict[str, Any], dict[str, Any]], object], str]] = {
    "extra tensor": (lambda _, t: t.update(extra=np.zeros(1, np.float32)), "tensors"),
    "missing tensor": (lambda _, t: t.pop("bigrams"), "tensors"),
    "wrong type": (lambda _, t: t.update(word_rows=t["word_rows"].astype(np.float64)), "tensors"),
    "weights not finite": (lambda _, t: t["word_rows"].__setitem__((0, 0), np.nan), "digest|finite"),
    "weight changed": (lambda _, t: t["word_rows"].__setitem__((0, 0), 9.0), "digest"),
    "label changed": (lambda m, _: m.update(labels=["a", "b", "c", "d"]), "digest"),
    "labels repeated": (lambda m, _: m.update(labels=["a", "a", "c", "d"]), "labels"),
    "one label": (lambda m, _: m.update(labels=["a"]), "labels"),
    "temperature": (lambda m, _: m.update(temperature=-1.0), "temperature"),
    "no temperature": (lambda m, _: m.pop("temperature"), "temperature"),
    "too few thresholds": (lambda m, _: m.update(thresholds=[[0.5]]), "thresholds"),
    "threshold beyond one": (lambda m, _: m["thresholds"][0].__setitem__(0, 2), "thresholds"),
    "newer format": (lambda m, _: m.update(format=FORMAT + 1), "upgrade with"),
    "format is text": (lambda m, _: m.update(format="1"), "format is"),
    "score changed": (lambda m, _: m["scores"].update(test={"macro_f1": 1.0}), "digest"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changed_files(saved: Path, tmp_path: Path, what: str) -> None:
    change, message = CHANGES[what]
    path = rewrite(saved, tmp_path / "changed.stance", change)  # type: ignore[arg-type]
    with pytest.raises(ArtifactError, match=message):
        read_model(path)


UNSOUND: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "nan": (lambda t: t["ngram_rows"].__setitem__((3, 1), np.inf), "ngram_rows is finite"),
    "negative norm": (lambda t: t["word_rows"].__setitem__((0, -1), -1.0), "squared norms"),
    "words not sorted": (lambda t: t.update(words=t["words"][::-1].copy()), "words|shape"),
    "bigram out of range": (lambda t: t["bigrams"].__setitem__((0, 0), 10**8), "indices of words"),
    "bigrams repeated": (lambda t: t["bigrams"].__setitem__(1, t["bigrams"][0]), "bigrams ascend"),
    "anchor out of range": (lambda t: t["anchors"].__setitem__(-1, 10**8), "anchors are indices"),
    "anchor pair out of range": (lambda t: t["anchor_pairs"].__setitem__((0, 0), -1), "anchor pairs are indices"),
    "hashes not sorted": (lambda t: t.update(ngram_hashes=t["ngram_hashes"][::-1].copy()), "hashes ascend"),
    "too few rows": (lambda t: t.update(bigram_rows=t["bigram_rows"][1:].copy()), "shape"),
    "flat": (lambda t: t.update(word_rows=t["word_rows"].ravel().copy()), "shape"),
}


@pytest.mark.parametrize("what", UNSOUND)
def test_unsound_tables_with_a_right_digest(
    saved: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever builds a file on purpose can compute its digest too: the other checks must hold alone."""
    change, message = UNSOUND[what]
    path = rewrite(saved, tmp_path / "unsound.stance", lambda _, tensors: change(tensors))  # type: ignore[arg-type]
    with safe_open(path, "numpy") as file:
        digest = json.loads(file.metadata()["manifest"])["digest"]
    monkeypatch.setattr("stance.artifact._digest", lambda *_: digest)
    with pytest.raises(ArtifactError, match=message):
        read_model(path)


def test_every_truncation_is_refused(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    path = tmp_path / "short.stance"
    for length in [*range(0, 200), *range(200, len(content), len(content) // 50)]:
        path.write_bytes(content[:length])
        with pytest.raises(ArtifactError):
            read_model(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=st.integers(min_value=0), bit=st.integers(0, 7))
def test_every_flipped_bit_is_refused(saved: Path, tmp_path: Path, where: int, bit: int) -> None:
    content = bytearray(saved.read_bytes())
    content[where % len(content)] ^= 1 << bit
    path = tmp_path / "flipped.stance"
    path.write_bytes(content)
    with pytest.raises(ArtifactError):
        read_model(path)


def test_writing_where_one_cannot_leaves_nothing(fitted: StanceClassifier, tmp_path: Path) -> None:
    from stance.errors import StanceError

    with pytest.raises(StanceError, match="cannot write"):
        save_model(fitted, tmp_path / "no" / "folder.stance")
    shutil.rmtree(tmp_path)


def test_the_bundled_model_is_small_and_names_its_data(model: Model, data: Dataset) -> None:
    from importlib.resources import files

    size = len((files("stance") / "data" / "s400.stance").read_bytes())
    assert size <= 6_000_000
    assert model.manifest["target"] == data.target
    assert model.manifest["dataset"] == {
        "name": "s400",
        "version": data.version,
        "examples": len(data),
        "fingerprint": data.fingerprint,
    }
