"""The contract of a scikit-learn estimator, written out: `parametrize_with_checks` tries nothing on string input."""

from __future__ import annotations

import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from stance.classifier import StanceClassifier, conformal_thresholds, matrix_scaling
from stance.dataset import Dataset
from stance.model import COVERAGES, softmax


@pytest.fixture(scope="module")
def quick() -> StanceClassifier:
    return StanceClassifier(calibration_folds=0)


def test_parameters_round_trip(quick: StanceClassifier) -> None:
    parameters = quick.get_params()
    assert clone(quick).get_params() == parameters
    assert StanceClassifier().set_params(C=3.0).C == 3.0
    with pytest.raises(ValueError, match="Invalid parameter"):
        quick.set_params(nonsense=1)


def test_init_stores_its_arguments_untouched() -> None:
    weights = {"none": 2.0}
    assert StanceClassifier(class_weight=weights).class_weight is weights


def test_is_a_classifier_and_shows_its_changed_parameters() -> None:
    assert is_classifier(StanceClassifier())
    assert "C=3" in repr(StanceClassifier(C=3))


@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_not_fitted(method: str) -> None:
    with pytest.raises(NotFittedError):
        getattr(StanceClassifier(), method)(["a sentence"])
    with pytest.raises(NotFittedError):
        StanceClassifier().explain("a sentence")


def test_fit_returns_self_and_sets_classes(quick: StanceClassifier, sample: Dataset) -> None:
    estimator = clone(quick)
    assert estimator.fit(sample.texts, sample.labels) is estimator
    assert estimator.classes_.tolist() == sorted(set(sample.labels))


def test_predictions_are_consistent(fitted: StanceClassifier, data: Dataset) -> None:
    texts = data.texts[:200]
    probabilities, values = fitted.predict_proba(texts), fitted.decision_function(texts)
    assert probabilities.shape == values.shape == (200, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    np.testing.assert_allclose(probabilities, softmax(values))
    assert (fitted.predict(texts) == fitted.classes_[probabilities.argmax(axis=1)]).all()


def test_cross_validation_and_grid_search(quick: StanceClassifier, sample: Dataset) -> None:
    assert (cross_val_score(quick, sample.texts, sample.labels, cv=2) > 0.4).all()
    search = GridSearchCV(quick, {"C": [0.1, 10.0]}, cv=2).fit(sample.texts, sample.labels)
    assert search.best_params_["C"] in (0.1, 10.0)
    assert len(search.predict(sample.texts[:3])) == 3


def test_last_step_of_a_pipeline(quick: StanceClassifier, sample: Dataset) -> None:
    upper = FunctionTransformer(lambda texts: [text.upper() for text in texts])
    pipeline = make_pipeline(upper, quick).fit(sample.texts, sample.labels)
    assert pipeline.predict_proba(sample.texts[:2]).shape == (2, 4)


def test_refitting_forgets(quick: StanceClassifier, sample: Dataset) -> None:
    estimator = clone(quick).fit(["red apple", "green pear"] * 5, ["a", "b"] * 5)
    estimator.fit(sample.texts, sample.labels)
    fresh = clone(quick).fit(sample.texts, sample.labels)
    assert estimator.classes_.tolist() == fresh.classes_.tolist()
    assert (estimator.predict_proba(sample.texts) == fresh.predict_proba(sample.texts)).all()


def test_same_seed_same_model(sample: Dataset) -> None:
    first, second = (
        StanceClassifier(calibration_folds=2, n_jobs=jobs).fit(sample.texts, sample.labels) for jobs in (1, 2)
    )
    assert (first.calibration_ == second.calibration_).all()
    assert (first.predict_proba(sample.texts) == second.predict_proba(sample.texts)).all()


def test_subsets_and_order_do_not_matter(fitted: StanceClassifier, sample: Dataset) -> None:
    texts = sample.texts
    whole = fitted.predict_proba(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    assert (fitted.predict_proba([texts[i] for i in order]) == whole[order]).all()
    assert (np.vstack([fitted.predict_proba([text]) for text in texts]) == whole).all()


def test_the_order_of_training_examples_hardly_matters(quick: StanceClassifier, sample: Dataset) -> None:
    strict = clone(quick).set_params(tol=1e-8)
    order = np.random.default_rng(0).permutation(len(sample))
    shuffled = clone(strict).fit([sample.texts[i] for i in order], [sample.labels[i] for i in order])
    strict.fit(sample.texts, sample.labels)
    np.testing.assert_allclose(strict.predict_proba(sample.texts), shuffled.predict_proba(sample.texts), atol=1e-3)


def test_weight_zero_is_absence(quick: StanceClassifier, sample: Dataset) -> None:
    weights = np.arange(len(sample)) % 2
    weighted = clone(quick).fit(sample.texts, sample.labels, sample_weight=weights)
    halved = clone(quick).fit(sample.texts[1::2], sample.labels[1::2])
    assert (weighted.predict_proba(sample.texts) == halved.predict_proba(sample.texts)).all()


def test_weights_pull(quick: StanceClassifier, sample: Dataset) -> None:
    heavy = [50.0 if label == "oppose" else 1.0 for label in sample.labels]
    plain = clone(quick).fit(sample.texts, sample.labels)
    pulled = clone(quick).fit(sample.texts, sample.labels, sample_weight=heavy)
    column = plain.classes_.tolist().index("oppose")
    assert pulled.predict_proba(sample.texts)[:, column].mean() > plain.predict_proba(sample.texts)[:, column].mean()


def test_any_two_labels() -> None:
    texts, labels = ["red apple", "green pear", "red cherry", "green lime"] * 5, [7, 3, 7, 3] * 5
    estimator = StanceClassifier(calibration_folds=2).fit(texts, labels)
    assert estimator.classes_.tolist() == [3, 7]
    assert estimator.decision_function(texts).shape == (20,)
    assert estimator.predict(["a red plum", "a green plum"]).tolist() == [7, 3]
    matrix = estimator.features_.transform(texts)
    margins = estimator.svm_.decision_function(matrix)
    logits = np.stack([-margins, margins], axis=1) / 2 @ estimator.calibration_[:, :2].T + estimator.calibration_[:, 2]
    np.testing.assert_allclose(estimator.decision_function(texts), logits[:, 1] - logits[:, 0], atol=1e-5)


@pytest.mark.parametrize("labels", [["für", "gegen", "neutral"], ["0", "1", "2"], ["yes", "no", "a b"]])
def test_any_string_labels(labels: list[str]) -> None:
    texts = ["red apple", "green pear", "blue plum"] * 4
    estimator = StanceClassifier(calibration_folds=2).fit(texts, labels * 4)
    assert estimator.classes_.tolist() == sorted(labels)
    assert estimator.predict(texts[:3]).tolist() == labels


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("a sentence", ["x"]), TypeError, "wrap it"),
        ((["a", 3], ["x", "y"]), TypeError, r"X\[1\]"),
        ((["a", "b"], ["x"]), ValueError, "y has shape"),
        ((["a", "b"], ["x", "x"]), ValueError, "at least two distinct"),
        (([], []), ValueError, "no sentence"),
        ((["a", "b"], ["x", "y"], [1.0, -1.0]), ValueError, "negative"),
        ((["a", "b"], ["x", "y"], [1.0, np.nan]), ValueError, "non-finite"),
        ((["a", "b"], ["x", "y"], None, ["g"]), ValueError, "groups has shape"),
    ],
)
def test_refuses(arguments: tuple[object, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        StanceClassifier().fit(*arguments)  # type: ignore[arg-type]


def test_sentences_without_any_word_are_fine_beside_others_but_not_alone() -> None:
    estimator = StanceClassifier(calibration_folds=0).fit(["", "?", "word", ""], ["x", "y", "x", "y"])
    assert np.isfinite(estimator.predict_proba(["", "word"])).all()
    with pytest.raises(ValueError, match="no words"):
        StanceClassifier().fit(["", "?", "!", ""], ["x", "y", "x", "y"])


def test_pickles_for_researchers(fitted: StanceClassifier, sample: Dataset, tmp_path: Path) -> None:
    joblib.dump(fitted, tmp_path / "full.joblib")
    for copy in (joblib.load(tmp_path / "full.joblib"), pickle.loads(pickle.dumps(fitted))):
        assert (copy.predict_proba(sample.texts) == fitted.predict_proba(sample.texts)).all()


def test_matrix_scaling_recovers_a_known_one() -> None:
    rng = np.random.default_rng(0)
    margins, known = rng.normal(size=(50_000, 3)), np.array([[2.0, 0, 0, 1], [0, 3, 0, 0], [-1, 0, 1, 0]])
    codes = np.array([rng.choice(3, p=row) for row in softmax(margins @ known[:, :3].T + known[:, 3])])
    found = matrix_scaling(margins, codes, np.ones(len(codes)))
    np.testing.assert_allclose(found - found.mean(axis=0), known - known.mean(axis=0), atol=0.1)  # up to a shift of all


def test_conformal_thresholds_are_those_of_the_textbook() -> None:
    scores = np.random.default_rng(0).random(99)
    thresholds = dict(zip(COVERAGES, conformal_thresholds(scores), strict=True))
    assert thresholds[0.9] == pytest.approx(np.sort(scores)[89], abs=1e-4)  # the ceil(100 * .9) = 90th smallest
    assert conformal_thresholds(np.array([0.3]))[-1] == 1.0


def test_conformal_sets_cover_every_label(data: Dataset) -> None:
    train, test = data.subset("train").examples[::3], data.subset("test").examples
    texts, labels, groups = zip(*((e.text, e.label, e.group) for e in train), strict=True)
    model = StanceClassifier(calibration_folds=3).fit(texts, labels, groups=groups).model_
    sets = model.predict_set([e.text for e in test], coverage=0.9)
    for label in data.label_names:
        held = [label in found for found, example in zip(sets, test, strict=True) if example.label == label]
        assert np.mean(held) >= 0.86


def test_calibration_lowers_log_loss_on_held_out_text(data: Dataset) -> None:
    train, valid = data.subset("train").examples[::4], data.subset("valid").examples
    texts, labels, groups = zip(*((e.text, e.label, e.group) for e in train), strict=True)
    losses = []
    for folds in (0, 3):
        estimator = StanceClassifier(C=100.0, calibration_folds=folds).fit(texts, labels, groups=groups)
        likely = estimator.predict_proba([e.text for e in valid])
        codes = [estimator.classes_.tolist().index(e.label) for e in valid]
        losses.append(-np.log(likely[np.arange(len(codes)), codes]).mean())
    assert losses[1] < losses[0]
