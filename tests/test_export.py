"""Models for research: the tables as text, and the estimator fitted again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest

from stance.artifact import read_tables, save_model
from stance.dataset import Dataset, to_row
from stance.errors import DataError
from stance.export import export_estimator, export_json
from stance.model import Model
from stance.registry import load_model
from stance.training import train_model
from tests.conftest import ROOT

FORMAT_1 = ROOT / "tests" / "data" / "format-1.stance"


def test_json_holds_every_array_exactly(tmp_path: Path) -> None:
    export_json(FORMAT_1, tmp_path / "model.json")
    content = json.loads((tmp_path / "model.json").read_bytes())
    manifest, tables = read_tables(FORMAT_1)
    assert content["manifest"] == manifest
    assert [word.encode() for word in content["words"]] == list(tables.words)
    arrays = {name: value for name, value in vars(tables).items() if isinstance(value, np.ndarray)}
    assert len(arrays) == 9
    for name, array in arrays.items():
        read = np.array([int(v) for v in content[name]] if name == "ngram_hashes" else content[name], array.dtype)
        assert np.array_equal(read.reshape(array.shape), array), name


@pytest.fixture(scope="module")
def trained(sample: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("export")
    data = folder / "data.jsonl"
    data.write_text("".join(json.dumps(to_row(example)) + "\n" for example in sample))
    train_model(data, folder / "small.stance")
    return folder / "small.stance", data


def test_the_estimator_is_the_one_behind_the_file(trained: tuple[Path, Path], sample: Dataset, tmp_path: Path) -> None:
    model, data = trained
    export_estimator(model, data, tmp_path / "small.joblib")
    estimator = joblib.load(tmp_path / "small.joblib")
    assert np.allclose(estimator.predict_proba(sample.texts), load_model(model).predict_proba(sample.texts), atol=1e-5)
    assert estimator.svm_.coef_.shape[0] == len(estimator.classes_)


def test_other_data_are_refused(trained: tuple[Path, Path], tmp_path: Path) -> None:
    model, data = trained
    other = tmp_path / "other.jsonl"
    other.write_text("".join(data.read_text().splitlines(keepends=True)[1:]))
    with pytest.raises(DataError, match=r"not what .* was trained on"):
        export_estimator(model, other, tmp_path / "small.joblib")
    assert not (tmp_path / "small.joblib").exists()


def test_the_stand_alone_reader_gives_the_same_probabilities(
    data: Dataset, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "docs")
    import read_artifact  # type: ignore[import-not-found]

    save_model(model, tmp_path / "copy.stance")
    manifest, tables = read_artifact.read(tmp_path / "copy.stance")
    strange = ["Türkiye’s S–400s, U. S. A. and the U.S. “deal” don’t…", "US's xyzzyish blargh", "", "ＵＳ ﬁ ½ Ⅳ 中文"]
    texts = [*data.texts[::4000], *strange]
    found = [list(read_artifact.probabilities(manifest, tables, text).values()) for text in texts]
    assert np.allclose(found, model.predict_proba(texts), atol=1e-6)
    sys.modules.pop("read_artifact")


def test_the_stand_alone_reader_needs_nothing_else() -> None:
    lines = (ROOT / "docs" / "read_artifact.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 70
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names
