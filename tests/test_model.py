from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from stance.errors import InputError
from stance.model import UNSURE, Model

TEXTS = [
    "Ankara will not give up the S-400, Akar said.",
    "Washington imposed sanctions on Turkey over its purchase of the Russian S-400.",
    "The weather in Ankara will be fair on Tuesday.",
]


def test_labels_of_plain_sentences(model: Model) -> None:
    assert model.predict(TEXTS).tolist() == ["support", "oppose", "none"]


def test_classes_are_in_column_order(model: Model) -> None:
    probabilities = model.predict_proba(TEXTS)
    assert model.classes_[probabilities.argmax(axis=1)].tolist() == model.predict(TEXTS).tolist()
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)


def test_min_confidence(model: Model) -> None:
    confidence = model.predict_proba(TEXTS).max(axis=1)
    assert (model.predict(TEXTS, min_confidence=1.0) == UNSURE).all()
    threshold = float(np.sort(confidence)[1])
    assert (model.predict(TEXTS, min_confidence=threshold) == UNSURE).tolist() == (confidence < threshold).tolist()
    with pytest.raises(InputError, match=r"between 0 and 1"):
        model.predict(TEXTS, min_confidence=1.5)


@pytest.mark.parametrize("wrong", ["one sentence", b"x", None, [None]])
def test_lone_strings_and_other_things_are_type_errors(model: Model, wrong: object) -> None:
    for method in (model.predict, model.predict_proba, model.decision_function):
        with pytest.raises(TypeError):
            method(wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        model.explain(wrong if not isinstance(wrong, str) else [wrong])  # type: ignore[arg-type]


def test_explanation_names_words_and_bigrams(model: Model) -> None:
    explanation = model.explain("There is no turning back, Erdogan said. No!")
    names = [part.text for part in explanation.contributions]
    assert names[:8] == ["there", "is", "no", "turning", "back", "erdogan", "said", "no"]
    assert "turning back" in names[8:]
    assert [p.position for p in explanation.contributions if p.text == "no"] == [2, 7]


def test_top_adds_repetitions_up_and_tells_directions_apart(model: Model) -> None:
    explanation = model.explain("done deal done deal")
    toward = dict(explanation.top("support", 20))
    away = dict(explanation.top("support", 20, against=True))
    assert all(value > 0 for value in toward.values())
    assert all(value < 0 for value in away.values())
    assert not toward.keys() & away.keys()
    column = explanation.labels.index("support")
    pulls = [p.values[column] - np.mean(p.values) for p in explanation.contributions if p.text == "done"]
    assert (toward | away)["done"] == pytest.approx(sum(pulls))
    with pytest.raises(InputError, match="not one of"):
        explanation.top("sideways")


def test_top_words_are_plausible(model: Model) -> None:
    assert "erdogan" in model.top_words("support", 40)
    assert "working" in model.top_words("softening", 60)


def test_conformal_sets(model: Model) -> None:
    narrow, wide = (model.predict_set(TEXTS, coverage) for coverage in (0.5, 0.99))
    assert all(set(a) <= set(b) for a, b in zip(narrow, wide, strict=True))
    assert "oppose" in wide[1]
    with pytest.raises(InputError, match=r"expected 0\.5 to 0\.99"):
        model.predict_set(TEXTS, 1.0)
    with pytest.raises(InputError, match="without calibration"):
        dataclasses.replace(model, thresholds=()).predict_set(TEXTS)


def test_models_are_frozen(model: Model) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        model.temperature = 2.0  # type: ignore[misc]


def test_deciding_words_are_the_top_of_the_explanation(model: Model) -> None:
    text = "There is no turning back on the S-400, Akar said, and the S-400 stays."
    for label in model.labels:
        assert model.deciding_words(text, label, 4) == model.explain(text).top(label, 4)
