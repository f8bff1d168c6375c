"""Public benchmarks: readers on files of the same format, official measures, honest choice, records without text."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

from experiments import runs
from experiments.benchmarks import gwsd, models, newsmtsc, protocol, published, tweeteval
from experiments.benchmarks.readers import TWEETEVAL_TARGETS, Item, read_gwsd, read_newsmtsc, read_tweeteval
from stance.errors import DataError
from stance.metrics import score
from tests.conftest import EVALUATION

BENCHMARKS = {b.name: b for b in (tweeteval.BENCHMARK, gwsd.BENCHMARK, newsmtsc.BENCHMARK)}
FOLDERS = {"tweeteval": "tweeteval_stance", "gwsd": "gwsd", "newsmtsc": "newsmtsc"}


@pytest.fixture
def tweets(tmp_path: Path) -> Path:
    for target in TWEETEVAL_TARGETS:
        (tmp_path / target).mkdir()
        for part in ("train", "val", "test"):
            (tmp_path / target / f"{part}_text.txt").write_text(f"one {part}\u2028still one \ntwo\nthree\n")
            (tmp_path / target / f"{part}_labels.txt").write_text("0\n1\n2\n")
    return tmp_path


def test_tweets_are_read(tweets: Path) -> None:
    sets = read_tweeteval(tweets)
    assert [(name, len(items)) for name, items in sets.items()] == [("train", 30), ("test", 15)]
    first = sets["train"][0]
    assert (first.id, first.text, first.target) == ("abortion/train:1", "one train\u2028still one", "abortion")
    assert [item.label for item in sets["test"][:3]] == ["none", "oppose", "support"]


@pytest.mark.parametrize(
    ("labels", "message"), [("0\n1\n", "2 labels for 3 texts"), ("0\n1\n3\n", "val_text.txt:3: label '3'")]
)
def test_damaged_tweets_are_refused(tweets: Path, labels: str, message: str) -> None:
    (tweets / "climate" / "val_labels.txt").write_text(labels)
    with pytest.raises(DataError, match=message):
        read_tweeteval(tweets)
    (tweets / "atheism" / "train_text.txt").unlink()
    with pytest.raises(DataError, match="no such file"):
        read_tweeteval(tweets)


def test_gwsd_is_read(tmp_path: Path) -> None:
    rows = [
        ["guid", "sentence", "disagree", "agree", "neutral", "in_held_out_test"],
        ["a", "It screens raters.", "", "", "", "False"],
        ["b", "It is a hoax.", "0.9", "0.05", "0.05", "False"],
        ["c", '"It is a ""hoax""."', "0.2", "0.5", "0.3", "True"],
        ["d", "It is a hoax.", "0.1", "0.3", "0.6", "False"],
    ]
    (tmp_path / "GWSD.tsv").write_text("".join("\t".join(row) + "\n" for row in rows))
    sets = read_gwsd(tmp_path)
    assert [item.label for item in sets["train"]] == ["oppose", "none"]
    assert sets["train"][0].group == sets["train"][1].group
    assert [(item.text, item.label) for item in sets["test"]] == [('It is a "hoax".', "support")]
    for cell in ("", "much"):
        (tmp_path / "GWSD.tsv").write_text("\n".join(["\t".join(rows[0]), f"e\tIt is warm.\t{cell}\t0.5\t0.5\tFalse"]))
        with pytest.raises(DataError, match=r"GWSD\.tsv:2: a probability that is no number"):
            read_gwsd(tmp_path)
    (tmp_path / "GWSD.tsv").write_text("guid\tsentence\tagree\na\tx\t1\n")
    with pytest.raises(DataError, match="no disagree, neutral, in_held_out_test"):
        read_gwsd(tmp_path)


def mention(**changes: Any) -> str:
    row = {"mention": "Ann", "polarity": 1, "from": 0, "to": 3, "sentence": "Ann won.", "id": "wire_1_2_0_Ann_0_3"}
    return json.dumps(row | changes) + "\n"


def test_newsmtsc_is_read(tmp_path: Path) -> None:
    for name in ("train", "rw_test", "mt_test"):
        (tmp_path / f"{name}.jsonl").write_text(mention() + mention(polarity=-1, id="wire_1_3_0_Ann_0_3"))
    sets = read_newsmtsc(tmp_path)
    assert sets["rw"] == [
        Item("rw_test:1", "Ann won.", "positive", "Ann", "rw_test/1", 0, 3),
        Item("rw_test:2", "Ann won.", "negative", "Ann", "rw_test/2", 0, 3),
    ]


@pytest.mark.parametrize(
    ("damaged", "message"),
    [
        (mention(polarity=7), "label '7'"),
        (mention(to=4), "no mention 'Ann' at 0 to 4"),
        (mention(to=None), "no mention 'Ann' at 0 to None"),
        (mention(sentence=1), "no mention"),
        ("[]\n", "no id"),
        ("{\n", "not JSON"),
    ],
)
def test_damaged_rows_of_newsmtsc_are_refused(tmp_path: Path, damaged: str, message: str) -> None:
    (tmp_path / "train.jsonl").write_text(mention() + damaged)
    with pytest.raises(DataError, match=rf"train\.jsonl:2: {message}"):
        read_newsmtsc(tmp_path)


def test_the_official_measure_of_semeval_by_hand() -> None:
    """Against: 2 right of 3 said and 3 gold; favor: 1 of 2 and 1; none: 1 of 1 and 2. Each has an F1 of 2/3."""
    labels = ("none", "oppose", "support")
    gold = ["oppose", "oppose", "oppose", "support", "none", "none"]
    said = ["oppose", "oppose", "support", "support", "none", "oppose"]
    found = score(gold, np.eye(3)[[labels.index(label) for label in said]], labels)
    assert found.oppose_support_f1 == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert found.macro_f1 == pytest.approx(2 / 3)
    assert found.accuracy == pytest.approx(4 / 6)


def test_views() -> None:
    text = "He said, although angry Ann Lee won the long vote, he left."
    item = Item("a", text, "positive", "Ann Lee", "a", 24, 31)
    assert [part.split() for part in models.masked([item])] == [
        ["He", "said,", "although", "angry", "targetmask", "won", "the", "long", "vote,", "he", "left."]
    ]
    assert models.mentions([item]) == ["Ann Lee"]
    assert models.left([item], 2)[0].split() == ["although", "angry", "targetmask"]
    assert models.right([item], 2)[0].split() == ["targetmask", "won", "the"]
    assert models.clause([item])[0].split() == ["angry", "targetmask", "won", "the", "long", "vote"]


def items() -> list[Item]:
    """Return items whose label turns on the target: only a model that knows the target can learn them."""
    rows = []
    for number in range(30):
        for target in ("a", "b"):
            word, label = [("good", "x"), ("bad", "y")][(number + (target == "b")) % 2]
            text = f"{('bad', 'good')[word == 'bad'] if target == 'b' else word} number {number}"
            rows.append(Item(f"{target}{number}", text, label, target, f"{target}{number}"))
    return rows


def test_a_target_gets_weights_of_its_own() -> None:
    rows = items()
    labels = [item.label for item in rows]
    for estimator in (
        models.SharedAndOwn(models.union(), models.logistic(10, None)),
        models.SharedAndOwn(models.union(), models.SoftmaxSVC(1, None)),
        models.OnePerTarget(models.stance_model()),
    ):
        fitted = estimator.fit(rows, labels)
        assert fitted.predict(rows).tolist() == labels
        np.testing.assert_allclose(fitted.predict_proba(rows).sum(axis=1), 1)
    swapped = [replace(item, target="b" if item.target == "a" else "a") for item in rows]
    assert (fitted.predict(swapped) != np.array(labels)).all()


def test_a_target_without_a_label_is_refused() -> None:
    rows = [item for item in items() if item.target == "a" or item.label == "x"]
    with pytest.raises(ValueError, match="target 'b' lacks examples"):
        models.OnePerTarget(models.majority()).fit(rows, [item.label for item in rows])


def test_the_choice_never_sees_test_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "RUNS", tmp_path)
    train = items() * 4
    good = models.SharedAndOwn(models.union(), models.logistic(10, None))
    candidates = {"majority": models.majority(), "good": good}

    def record(test: list[Item]) -> dict[str, Any]:
        benchmark = protocol.Benchmark(
            "tiny", lambda _: {"train": list(train), "test": test}, candidates, {"dummy": models.majority()}, "macro_f1"
        )
        folder = protocol.run(benchmark, tmp_path)
        runs.check_run("benchmarks/tiny")
        assert "number" not in (folder / "predictions.jsonl").read_text()
        return runs.read_record("benchmarks/tiny")

    test = items()
    turned = [replace(item, label="y" if item.label == "x" else "x") for item in test]
    right, wrong = record(test), record(turned)
    assert right["chosen"] == wrong["chosen"] == "good"
    assert right["cross_validation"] == wrong["cross_validation"]
    assert right["scores"]["test"]["macro_f1"] == 1
    assert wrong["scores"]["test"]["macro_f1"] == 0


def test_groups_stay_together_in_folds() -> None:
    """Copies share a word and a label that nothing else tells: only a fold that splits them can be right."""
    rows = [Item(str(i), f"word{i // 4}", "xy"[i // 4 % 2], "", str(i // 4)) for i in range(160)]
    model = models.see(models.texts, make_pipeline(models.words(), models.logistic(10)))
    apart = protocol.cross_validate(model, [replace(item, group=item.id) for item in rows], 0)
    together = protocol.cross_validate(model, rows, 0)
    gold = np.array(["xy".index(item.label) for item in rows])
    assert (apart.argmax(axis=1) == gold).mean() > 0.9
    assert (together.argmax(axis=1) == gold).mean() < 0.7


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_recorded_figures_follow_from_recorded_predictions(name: str) -> None:
    runs.check_run(f"benchmarks/{name}")
    record = runs.read_record(f"benchmarks/{name}")
    found = {k: sum(v) for k, v in record["cross_validation"].items()}
    assert list(found) == list(BENCHMARKS[name].candidates)
    assert record["chosen"] == max(found, key=found.__getitem__)
    assert {column[0] for column in published.COLUMNS[name].values()} <= set(record["scores"])


@pytest.mark.parametrize("name", sorted(BENCHMARKS))
def test_the_records_are_of_the_data_at_hand(name: str) -> None:
    folder = EVALUATION / "benchmarks" / FOLDERS[name]
    if not folder.exists():
        pytest.skip(f"the benchmark is not at hand: {folder}")
    record = runs.read_record(f"benchmarks/{name}")
    sets = BENCHMARKS[name].read(folder)
    assert {key: protocol.fingerprint(rows) for key, rows in sets.items()} == record["data"]
    gold = {item.id: (item.group, item.label) for rows in sets.values() for item in rows}
    predictions = runs.read_predictions(f"benchmarks/{name}")
    assert all(gold[p.id] == (p.group, p.label) for p in predictions)


def test_missing_data_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, benchmark in BENCHMARKS.items():
        assert protocol.main(benchmark, "", ["--data", str(tmp_path)]) == 1
        error = capsys.readouterr().err
        assert error.startswith(f"{name}: ")
        assert "no such file" in error
        assert error.count("\n") == 1
