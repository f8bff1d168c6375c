"""Agreement against published worked examples and scikit-learn."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from stance.agreement import fleiss_kappa, krippendorff_alpha, label_counts, measure_agreement
from stance.dataset import Example
from stance.errors import DataError
from tests.test_cli import failed, json_lines

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: four observers, twelve units.
KRIPPENDORFF = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)

# Fleiss (1971), table 1: thirty patients, how many of six psychiatrists gave each of five diagnoses.
FLEISS = """00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000
02040 10203 00006 01050 02013 20040 10041 05010 40002 02040 10500 00006"""


def observed(rows: tuple[str, ...]) -> list[Example]:
    """Return units as examples, with the observers that read them."""
    columns = zip(*(row.split() for row in rows), strict=True)
    examples = []
    for number, column in enumerate(columns):
        told = [(name, label) for name, label in zip("ABCD", column, strict=False) if label != "."]
        readers, readings = zip(*told, strict=True)
        examples.append(Example(str(number), "t", "", readings=readings, readers=readers))
    return examples


def test_krippendorffs_worked_example() -> None:
    found = measure_agreement(observed(KRIPPENDORFF))
    assert found.alpha == pytest.approx(0.743, abs=0.0005)
    assert found.alpha_interval[0] < found.alpha < found.alpha_interval[1]
    assert (found.count, found.single, found.labels) == (11, 1, ("1", "2", "3", "4", "5"))
    assert {d.id for d in found.disagreements} == {"1", "5", "7"}
    assert found.disagreements[0].id == "5"
    assert found.disagreements[0].readings == {"A": "1", "B": "2", "C": "3", "D": "4"}


def test_krippendorffs_binary_example() -> None:
    # The same, section A: two observers, ten units, 0 1 0 0 0 0 0 0 1 0 against 1 1 1 0 0 1 0 0 0 0.
    codes = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]).T
    assert krippendorff_alpha(label_counts(codes, 2)) == pytest.approx(0.095, abs=0.0005)


def test_fleiss_worked_example() -> None:
    counts = np.array([[int(digit) for digit in row] for row in FLEISS.split()])
    assert counts.shape == (30, 5)
    assert (counts.sum(axis=1) == 6).all()
    assert fleiss_kappa(counts) == pytest.approx(0.430, abs=0.0005)


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=3, max_size=30))
def test_pairs_agree_with_scikit_learn(pairs: list[tuple[str, str]]) -> None:
    examples = [Example(str(i), "t", "", readings=pair) for i, pair in enumerate(pairs)]
    (pair,) = measure_agreement(examples).pairs
    first, second = zip(*pairs, strict=True)
    if len({*first, *second}) > 1:
        assert pair.kappa == pytest.approx(cohen_kappa_score(first, second))
        assert np.sum(pair.confusion) == len(pairs)


def test_one_label_only_is_full_agreement() -> None:
    found = measure_agreement([Example(str(i), "t", "", readings=("a", "a")) for i in range(4)])
    assert (found.alpha, found.fleiss_kappa, found.pairs[0].kappa, found.agreement) == (1, 1, 1, 1)
    assert found.disagreements == ()


def test_labels_and_annotators() -> None:
    found = measure_agreement(observed(KRIPPENDORFF))
    by_label = {row.label: row for row in found.by_label}
    assert by_label["4"].readings == 5
    assert by_label["5"].alpha == 1
    worst = min(found.by_annotator, key=lambda row: row.agreement)
    assert worst.name == "C"
    assert worst.alpha_without is not None
    assert worst.alpha_without > found.alpha
    two = measure_agreement(observed(KRIPPENDORFF), ["A", "B"])
    assert [(p.first, p.second) for p in two.pairs] == [("A", "B")]
    assert two.by_annotator[0].alpha_without is None


def test_refuses() -> None:
    with pytest.raises(DataError, match="none read by two"):
        measure_agreement([Example("1", "t", "a", readings=("a",))])
    with pytest.raises(DataError, match="none read by two"):
        measure_agreement([])
    with pytest.raises(DataError, match="no annotator X; expected some of A, B"):
        measure_agreement(observed(KRIPPENDORFF), ["X"])
    with pytest.raises(DataError, match="read twice by one annotator"):
        measure_agreement([Example("1", "t", "a", readings=("a", "b"), readers=("A", "A"))])


def test_the_command_line(tmp_path: Path) -> None:
    rows = [
        {"id": e.id, "text": f"Unit {e.id}.", "label": None, "readings": list(e.readings), "readers": list(e.readers)}
        for e in observed(KRIPPENDORFF)
    ]
    (tmp_path / "units.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    output = tmp_path / "disagreements.jsonl"
    (found,) = json_lines("agree", str(tmp_path / "units.jsonl"), "-o", str(output))
    assert found["alpha"] == pytest.approx(0.743, abs=0.0005)
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == ["5", "1", "7"]
    for name, labels in (("anna", "pro con pro"), ("ben", "pro pro pro")):
        lines = [f"{i},Sentence {i}.,{label}" for i, label in enumerate(labels.split())]
        (tmp_path / f"{name}.csv").write_text("\n".join(["id,text,label", *lines]) + "\n")
    (two,) = json_lines("agree", str(tmp_path / "anna.csv"), str(tmp_path / "ben.csv"))
    assert two["agreement"] == pytest.approx(2 / 3, abs=1e-4)
    assert "none read by two annotators" in failed("agree", str(tmp_path / "anna.csv"))
