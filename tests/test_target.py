"""Targets: their labels, their folders, and articles read with labels of any kind."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from stance.article import Article, analyze_article
from stance.classifier import StanceClassifier
from stance.colours import CONTRAST, PALETTE, _channels, _contrast, _luminance, legible
from stance.dataset import load_dataset
from stance.errors import DataError, InputError
from stance.holders import Holders
from stance.model import Model
from stance.report import DARK, LIGHT, write_report
from stance.scaffold import new_target
from stance.sentences import split_sentences
from stance.target import Label, Target, bundled_target, load_target, suited_target
from stance.timeline import timeline
from tests.conftest import ROOT, run_cli

NS2 = ROOT / "datasets" / "nord-stream-2"
STORY = ROOT / "tests" / "data" / "nord-stream-2" / "article.md"
PRO, CON = "for it, a good and cheap pipeline", "against it, a bad and dear pipeline"


@pytest.fixture(scope="module")
def two_labels() -> Model:
    texts = [f"{side} in week {n}" for n in range(12) for side in (PRO, CON)]
    return StanceClassifier(calibration_folds=0).fit(texts, ["pro", "con"] * 12).model_


def target(**fields: object) -> Target:
    return Target("t", "the pipeline", Holders(()), **fields)  # type: ignore[arg-type]


def test_the_bundled_target_names_its_labels() -> None:
    bundled = bundled_target()
    assert bundled.stances == ("support", "softening", "oppose")
    assert bundled.no_stance == "none"
    assert all(label.definition for label in bundled.labels)


def test_without_a_label_for_none_a_sentence_must_be_on_the_topic(two_labels: Model) -> None:
    text = f"We are {PRO}.\n\nThe team is against it, a bad and dear game.\n\nThe cook was for it."
    every = analyze_article(text, two_labels, target=target())
    assert len(every.statements) == 3
    only = analyze_article(text, two_labels, target=target(topic=((("pipe",),),)))
    assert [s.stance for s in only.sentences] == ["pro", "none", "none"]
    assert only.sentences[1].probability == 0
    assert analyze_article("They are against it.", two_labels, target=target(topic=((("pipe",),),))).statements == ()


def test_the_sentence_before_tells_the_topic(two_labels: Model) -> None:
    text = "They spoke of the pipeline. We are against it, a bad and dear one."
    found = analyze_article(text, two_labels, target=target(topic=((("pipe",),),)))
    assert found.sentences[1].stance == "con"


def test_another_name_for_no_stance_and_least_confidence() -> None:
    labels = (Label("pro"), Label("neutral", is_stance=False))
    question = target(labels=labels)
    sentences = split_sentences("One. Two. Three.")
    table = np.array([[0.9, 0.1], [0.2, 0.8], [0.55, 0.45]])
    assert question.judge(sentences, table, ("pro", "neutral"), 0.6) == [("pro", 0.9), ("none", 0.8), ("none", 0.45)]
    assert question.judge(sentences, table, ("pro", "neutral"))[2] == ("pro", 0.55)
    with pytest.raises(InputError, match="min_confidence"):
        question.judge(sentences, table, ("pro", "neutral"), 2)


def test_foreign_labels_are_refused(two_labels: Model) -> None:
    with pytest.raises(InputError, match="con, pro are none of the target s400"):
        analyze_article("The pipeline.", two_labels, target=bundled_target())


def test_what_suits_a_model() -> None:
    assert suited_target(("none", "oppose")) is bundled_target()
    assert suited_target(("pro", "con")).topic == ()
    assert suited_target(("none", "oppose"), "wind farms").description == "wind farms"


def test_timeline_and_report_with_other_stances(two_labels: Model, tmp_path: Path) -> None:
    labels = (Label("pro", "is <for> it", "#ffff00"), Label("con", "is against it"))
    question = Target("t", "the pipeline", bundled_target().holders, labels=labels)
    texts = [f'"I am {PRO if n < 10 else CON}, week {n * 7919}," Hulusi Akar said.' for n in range(20)]
    articles = [Article(text, None if n == 0 else day(n)) for n, text in enumerate(texts)]
    analyses = [analyze_article(article, two_labels, target=question) for article in articles]
    told = timeline(analyses, target=question)
    assert told.stances == ("pro", "con")
    points = told.series["Turkish government"]
    assert (points[0].index, points[-1].index) == (1, -1)
    write_report(analyses, tmp_path / "r.html", target=question)
    page = (tmp_path / "r.html").read_text()
    assert "is &lt;for&gt; it" in page
    assert "-1 where all are con" in page
    assert legible("#ffff00", LIGHT) in page


def day(number: int) -> date:
    return date(2021, 1, 4) + timedelta(days=3 * number)


def test_colours_can_be_read() -> None:
    for colour in (*PALETTE, "#ffffff", "#000000", "#ffff00"):
        for papers in (LIGHT, DARK):
            shown = _luminance(_channels(legible(colour, papers)))
            assert min(_contrast(shown, _luminance(_channels(paper))) for paper in papers) >= CONTRAST
    assert legible("#0369a1", LIGHT) == "#0369a1"


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (["a", "a"], "stands there twice"),
        ([{"name": "a", "colour": "red"}], "expected #rrggbb"),
        (["none"], "at least one is a stance"),
        ([{"name": "a", "stance": False}, "none", "b"], "at most one is none"),
    ],
)
def test_bad_labels_are_one_line(tmp_path: Path, labels: list[object], words: str) -> None:
    (tmp_path / "target.json").write_text(json.dumps({"name": "t", "description": "d", "labels": labels}))
    with pytest.raises(DataError, match=words):
        load_target(tmp_path)


def test_a_new_target_is_a_target_and_a_dataset(tmp_path: Path) -> None:
    data = tmp_path / "mine.csv"
    data.write_text("text,label\nGood.,favor\nBad.,against\nSo.,neutral\n")
    new_target(tmp_path / "wind", no_stance="neutral", description="wind farms", data=data)
    question = load_target(tmp_path / "wind")
    assert question.stances == ("against", "favor")
    assert question.no_stance == "neutral"
    assert question.description == load_dataset(tmp_path / "wind").target == "wind farms"
    assert Counter(load_dataset(tmp_path / "wind").labels) == {"favor": 1, "against": 1, "neutral": 1}
    for name in ("README.md", "GUIDELINES.md"):
        text = (tmp_path / "wind" / name).read_text()
        assert "wind farms" in text
        assert "{{" not in text
        assert "{%" not in text


def test_new_target_refuses(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no labels"):
        new_target(tmp_path / "a")
    with pytest.raises(InputError, match="two or more"):
        new_target(tmp_path / "a", ["none"])
    data = tmp_path / "mine.csv"
    data.write_text("text,label\nGood.,favor\n")
    with pytest.raises(InputError, match="has the labels favor too"):
        new_target(tmp_path / "a", ["pro", "con"], data=data)
    with pytest.raises(InputError, match="no stance is 'neutral'; expected one of pro, con"):
        new_target(tmp_path / "a", ["pro", "con"], no_stance="neutral")
    with pytest.raises(InputError, match="already and not empty"):
        new_target(tmp_path, ["pro", "con"])
    assert not (tmp_path / "a").exists()


def test_the_second_target_is_whole() -> None:
    question, data = load_target(NS2), load_dataset(NS2)
    assert question.stances == ("support", "softening", "oppose")
    assert len(question.holders.actors) >= 60
    assert sum(bool(actor.offices) for actor in question.holders.actors) >= 40
    assert len(data) >= 600
    assert all(len(example.readings) >= 2 for example in data)
    assert all((example.holder is None) == (example.label == "none") for example in data)
    sides = {side for actor in question.holders.actors for side, _ in actor.sides}
    assert {side for label in question.labels for side in (*label.excluded, *label.usual)} <= sides


def test_the_second_target_end_to_end(tmp_path: Path) -> None:
    model = str(tmp_path / "ns2.stance")
    trained = run_cli("train", str(NS2), "-o", model, "--budget", "0")
    assert trained.returncode == 0, trained.stderr
    assert b"macro-F1" in trained.stdout
    about = ("--target", str(NS2), "--model", model)
    (line,) = run_cli("analyze", str(STORY), *about, "--json").stdout.splitlines()
    sentences = json.loads(line)["sentences"]
    said = {s["holder"]: (s["stance"], s["side"]) for s in sentences if s["stance"] != "none"}
    assert said["Mateusz Morawiecki"] == ("oppose", "Poland")
    assert said["Angela Merkel"][1] == "German government"
    done = run_cli("report", str(STORY), *about, "-o", str(tmp_path / "r.html"))
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(b"\n") == 1
    page = (tmp_path / "r.html").read_text()
    assert "Nord Stream 2 gas pipeline" in page
    assert "Mateusz Morawiecki" in page


def test_doubtful_pairs_of_model_and_target_are_told(tmp_path: Path) -> None:
    result = run_cli("analyze", str(STORY), "--target", str(NS2))
    assert b"the model was trained for" in result.stderr
    sure = run_cli("analyze", "-", "--min-confidence", "1", stdin=b"The S-400 deal is done, Akar said.")
    assert b"0 of 1 sentences" in sure.stdout
    new_target(tmp_path / "t", ["pro", "con"])
    data = tmp_path / "d.csv"
    data.write_text(
        "text,label\n" + "".join(f"{PRO} {n},pro\n{CON} {n},con\n" for n in range(9)).replace("it, a", "it a")
    )
    model = str(tmp_path / "m.stance")
    assert run_cli("train", str(data), "-o", model, "--budget", "0").returncode == 0
    warned = run_cli("analyze", "-", "--model", model, "--target", str(tmp_path / "t"), stdin=b"We are for it.")
    assert b"every sentence gets a stance" in warned.stderr
    strange = run_cli("analyze", "-", "--model", model, stdin=b"We are for it.")
    assert b"no target is given" in strange.stderr
    assert b"give the model's target with --target" in strange.stderr
