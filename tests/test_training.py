"""Training: groups that stay together, a search in bounded time, the record and card, and comparing two models."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from stance.dataset import Dataset, load_dataset, to_row
from stance.errors import InputError
from stance.evaluation import compare_models, worst_mistakes
from stance.model import Model
from stance.registry import load_model
from stance.search import MOST, _sample, search_parameters
from stance.splits import linked_groups, repeated_wording, split_groups
from stance.target import load_target
from stance.training import train_model
from tests.conftest import ROOT
from tests.test_cli import failed, json_lines


@pytest.fixture(scope="module")
def small(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of 400 sentences without splits."""
    path = tmp_path_factory.mktemp("training") / "small.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, ("text", "label", "fragment"))
        writer.writeheader()
        for example in data.examples[::80]:
            row = to_row(example)
            writer.writerow({name: row[name] for name in ("text", "label", "fragment")})
    return path


def test_near_duplicates_share_a_group() -> None:
    long = "The minister said on Monday that the contract would be honoured in full whatever anybody thought of it"
    texts = [f"{long}.", "Nothing of the kind was heard elsewhere.", f"{long}!", "A third and quite other sentence."]
    groups, repeats = linked_groups(texts, ["a", "b", "c", "c"])
    assert groups == ["a", "b", "a", "a"]
    assert repeats == 1


def test_templates_are_noticed(data: Dataset) -> None:
    texts = [f"The minister number {i} said that deal number {i * 7} was a done deal for everybody." for i in range(60)]
    assert repeated_wording(texts) == 1
    assert repeated_wording(data.texts[:3000]) < 0.02


def test_splits_with_other_shares(data: Dataset) -> None:
    splits = split_groups(data.examples[:2000], 1, {"train": 0.8, "test": 0.2})
    sizes = Counter(splits[example.group] for example in data.examples[:2000])
    assert abs(sizes["test"] / 2000 - 0.2) < 0.02
    assert set(sizes) == {"train", "test"}


def test_the_search_is_bounded_and_repeats(sample: Dataset) -> None:
    arguments = sample.texts[:200], sample.labels[:200], sample.groups[:200]
    found = search_parameters(*arguments, penalties=(0.4, 1.6))
    assert found.finished
    assert len(found.trials) == 8
    assert found.parameters == max(found.trials, key=lambda trial: trial.macro_f1).parameters
    again = search_parameters(*arguments, penalties=(0.4, 1.6))
    assert again.trials == found.trials
    cut = search_parameters(*arguments, budget=1e-9)
    assert (cut.finished, cut.trials, dict(cut.parameters)) == (False, (), {})
    assert search_parameters(*arguments, budget=0).folds == 0


def test_the_sample_keeps_groups_whole() -> None:
    groups = [str(i // 7) for i in range(3 * MOST)]
    chosen = _sample(groups, 0)
    counts = Counter(groups[i] for i in chosen)
    assert MOST - 7 < len(chosen) <= MOST
    assert set(counts.values()) <= {7, 3 * MOST % 7 or 7}


def test_training_is_recorded_and_repeats(small: Path) -> None:
    first = train_model(small, small.with_name("a.stance"), budget=0, seed=3)
    second = train_model(small, small.with_name("b.stance"), budget=0, seed=3, name="a")
    assert first.record["digest"] == second.record["digest"]
    record = json.loads(small.with_name("a.record.json").read_text())
    assert record["splits"]["source"] == "made"
    assert record["splits"]["trained to ship"] == record["data"]["examples"]
    assert record["splits"]["measured on"]["test"] + record["splits"]["trained to measure"] == len(load_dataset(small))
    assert record["scores"]["test"]["macro_f1"] == round(first.scores["test"].macro_f1, 4)
    card = small.with_name("a.card.md").read_text()
    assert f"macro-F1 {record['scores']['test']['macro_f1']:.3f}" in card
    assert load_model(small.with_name("a.stance")).manifest["scores"] == record["scores"]


def test_doubtful_data_come_with_warnings(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    rows = [f"The envoy said the pipeline number {i} was a very good idea.,pro\n" for i in range(30)]
    rows += [f"{word} is against it.,con\n" for word in ("Riga", "Kyiv", "Warsaw", "Vilnius", "Tallinn", "Prague")]
    path.write_text("text,label\n" + "".join(rows))
    warnings = " ".join(train_model(path, tmp_path / "m.stance", budget=0).warnings)
    for words in ("few examples of con (6), pro (30)", "nearly repeat", "look templated", "not calibrated"):
        assert words in warnings


def test_duplicates_across_given_splits_are_told(tmp_path: Path, sample: Dataset) -> None:
    path = tmp_path / "d.jsonl"
    rows = [to_row(example) for example in sample.examples[:300]]
    train = next(row for row in rows if row["split"] == "train")
    rows.append(train | {"id": "copy", "split": "test", "fragment": None})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    warnings = " ".join(train_model(path, tmp_path / "m.stance", budget=0).warnings)
    assert "1 groups of near-duplicates stand in several of the data's splits" in warnings


def test_the_target_and_the_data_must_agree(small: Path) -> None:
    question = load_target(ROOT / "datasets" / "nord-stream-2")
    trained = train_model(small, small.with_name("c.stance"), target=question, budget=0)
    assert trained.record["target"] == question.description
    assert "stands against the pipeline" in small.with_name("c.card.md").read_text()
    path = small.with_name("other.csv")
    path.write_text("text,label\n" + "a b,pro\n" * 9 + "c d,con\n" * 9)
    with pytest.raises(InputError, match="labels con, pro are none of the target nord-stream-2"):
        train_model(path, small.with_name("d.stance"), target=question)


def test_two_models_are_compared(model: Model, fitted: Model, sample: Dataset) -> None:
    found = compare_models(model, fitted, sample)
    gold = np.array(sample.labels)
    right = [np.asarray(m.predict(sample.texts)) == gold for m in (model, fitted)]
    assert found.only_first == int((right[0] & ~right[1]).sum())
    assert found.interval[0] <= found.macro_f1_difference <= found.interval[1]
    same = compare_models(model, model, sample)
    assert (same.macro_f1_difference, same.p_value, same.interval) == (0, 1, (0, 0))
    wrong = worst_mistakes(model, sample, 3)
    assert all(mistake.label != mistake.predicted for mistake in wrong)
    assert [m.probability for m in wrong] == sorted((m.probability for m in wrong), reverse=True)


def test_evaluate_compares_from_the_command_line(small: Path) -> None:
    train_model(small, small.with_name("e.stance"), budget=0)
    first, second, both = json_lines("evaluate", str(small), "-m", "s400", "-m", str(small.with_name("e.stance")))
    assert first["model"] == "s400"
    assert len(second["confusion"]) == 4  # type: ignore[arg-type]
    assert both["compared"] == ["s400", str(small.with_name("e.stance"))]
    assert 0 <= both["p_value"] <= 1  # type: ignore[operator]
    assert "expected one model" in failed("evaluate", str(small), "-m", "s400", "-m", "s400", "-m", "s400")
