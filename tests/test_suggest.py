"""Suggestions are uncertain, varied, new and never the same sentence twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from experiments import suggest_study
from experiments.runs import read_record
from stance.classifier import StanceClassifier
from stance.dataset import Dataset, Example, to_row
from stance.errors import InputError
from stance.suggest import select, suggest_examples
from tests.conftest import run_cli


def unlabelled(data: Dataset, count: int) -> list[Example]:
    return [Example(e.id, e.text, "") for e in data.examples[:count]]


def test_the_uncertain_come_first(sample: Dataset, fitted: StanceClassifier) -> None:
    pool = unlabelled(sample, 300)
    chosen = suggest_examples(pool, 20, model=fitted)
    assert len({s.example.id for s in chosen}) == 20
    typical = np.median(fitted.predict_proba([e.text for e in pool]).max(axis=1))
    assert max(s.probability for s in chosen) < typical
    assert chosen == suggest_examples(pool, 20, model=fitted)
    assert chosen[0].label == fitted.predict([chosen[0].example.text])[0]


def test_near_duplicates_and_known_sentences_are_left_out(sample: Dataset, fitted: StanceClassifier) -> None:
    pool = unlabelled(sample, 60)
    copies = [Example(f"copy {e.id}", e.text + " ", "") for e in pool]
    known = [e.text for e in pool[:20]]
    chosen = suggest_examples([*pool, *copies], 100, model=fitted, labelled=known)
    assert {s.example.id for s in chosen} == {e.id for e in pool[20:]}
    assert all(s.similar == (f"copy {s.example.id}",) for s in chosen)
    with pytest.raises(InputError, match="expected new ones"):
        suggest_examples(pool[:20], 5, labelled=known)
    with pytest.raises(InputError, match="expected one or more"):
        suggest_examples(pool, 0)


def test_without_a_model_the_pool_is_spread_over(sample: Dataset) -> None:
    chosen = suggest_examples(unlabelled(sample, 200), 12)
    assert 8 <= len({s.example.id for s in chosen}) <= 12
    assert all(s.label == "" for s in chosen)


def test_of_two_equal_vectors_one_waits() -> None:
    probabilities = np.array([[0.5, 0.5], [0.5, 0.5], [0.52, 0.48], [0.9, 0.1]])
    from scipy import sparse

    vectors = sparse.csr_matrix(np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]]))
    assert select(probabilities, vectors, 4).tolist() == [0, 2, 1, 3]


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_the_command_line(sample: Dataset, tmp_path: Path, ending: str) -> None:
    labelled, pool, output = (tmp_path / name for name in ("labels.jsonl", "pool.txt", f"tasks.{ending}"))
    labelled.write_text("".join(json.dumps(to_row(e)) + "\n" for e in sample.examples[::2]))
    pool.write_text("".join(e.text + "\n" for e in sample.examples[1:200:2]))
    arguments = ("suggest", str(pool), "-n", "10", "--labelled", str(labelled), "-o", str(output))
    done = run_cli(*arguments, *(("--to", "doccano") if ending == "jsonl" else ()))
    assert done.returncode == 0, done.stderr
    assert b"10 sentences" in done.stderr
    assert b"fewer than" not in done.stderr
    if ending == "json":
        tasks = json.loads(output.read_text())
        assert [task["predictions"][0]["result"][0]["type"] for task in tasks] == ["choices"] * 10
        assert all(task["data"]["said"] and "annotations" not in task for task in tasks)
    else:
        assert all(json.loads(line)["label"] for line in output.read_text().splitlines())


def test_fewer_than_asked_for_is_said(tmp_path: Path) -> None:
    (tmp_path / "pool.txt").write_text("Ankara wants the missiles.\nCongress votes on the budget tomorrow.\n")
    done = run_cli("suggest", str(tmp_path / "pool.txt"), "-n", "400", "-o", str(tmp_path / "tasks.json"))
    assert done.returncode == 0
    assert b": 2 sentences: " in done.stderr
    assert b"fewer than the 400 asked for" in done.stderr


def test_the_recorded_study_keeps_its_promise() -> None:
    record = read_record("suggest")
    assert record["seeds"] == 10
    assert len(record["sets"]) == 2
    for found in record["sets"].values():
        assert found["goal"] == pytest.approx(0.95 * found["full_macro_f1"], abs=1e-4)
        need = {name: suggest_study.needed(points, found["goal"]) for name, points in found["curves"].items()}
        assert need["suggest"] is not None
        assert need["random"] is not None
        assert need["suggest"] < 0.75 * need["random"]


def test_where_a_curve_reaches_its_goal() -> None:
    assert suggest_study.needed([(50, 0.2), (100, 0.4), (150, 0.3)], 0.3) == 75
    assert suggest_study.needed([(50, 0.2)], 0.3) is None


def test_a_curve_grows(sample: Dataset) -> None:
    texts, labels = sample.texts, sample.labels
    pool = suggest_study.prepare(texts[::2], labels[::2], texts[1::2], labels[1::2])
    points = suggest_study.curve(pool, suggest_study.by_suggest, True, 0, 200)
    assert [size for size, _ in points] == [50, 100, 150, 200]
    assert points[-1][1] > points[0][1]
