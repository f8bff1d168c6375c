"""Formats read and written back without loss; what is left out is said; labels are never guessed."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.annotation_tools import write_label_studio
from stance.dataset import Example, load_dataset, majority
from stance.errors import DataError, InputError
from stance.formats import read_examples, write_examples
from stance.readings import merge_readings
from tests.conftest import EVALUATION, run_cli
from tests.test_cli import failed

EXAMPLES = (
    Example("7", 'He said: "no",\nand left.', "oppose", holder="Ankara", date="2019-07", split="train", slice="f"),
    Example("b", "Twice.", "support", readings=("support", "none", "support"), readers=("a@b.c", "5", "ben"),
            notes=("", "unsure", ""), fragment="x", more={"url": "http://x"}, slice="f"),
    Example("c", "Split.", "", readings=("none", "oppose"), readers=("5", "ben"), notes=("a remark",), slice="f"),
    Example("d", "Settled.", "none", readings=("oppose", "none"), slice="f"),
    Example("e", "Nobody yet.", "", slice="f"),
)  # fmt: skip
NAMES = ("f.jsonl", "f.csv", "f.tsv", "f.parquet", "f.json", "f.jsonl:doccano")


def write(folder: Path, name: str, content: object) -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize("name", NAMES)
def test_round_trips_lose_nothing(tmp_path: Path, name: str) -> None:
    file, _, form = name.partition(":")
    if file.endswith("parquet"):
        pytest.importorskip("pyarrow")
    write_examples(EXAMPLES, tmp_path / file, form or None)
    first = (tmp_path / file).read_bytes()
    read = read_examples(tmp_path / file)
    assert read.examples == EXAMPLES
    assert read.skipped == ()
    assert [e.id for e in read.labelled] == ["7", "b", "d"]
    write_examples(read.examples, tmp_path / file, form or None)
    assert (tmp_path / file).read_bytes() == first


LABELS = st.sampled_from(["none", "oppose", "support"])
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(str.strip)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(TEXTS, st.lists(LABELS, min_size=2, max_size=4)), min_size=1, max_size=5))
def test_any_text_and_readings_survive(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, list[str]]]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    examples = tuple(
        Example(
            f"i{n}", text, majority(told), readings=tuple(told), readers=("a", "b", "c", "d")[: len(told)], slice="f"
        )
        for n, (text, told) in enumerate(rows)
    )
    for name in ("f.jsonl", "f.csv", "f.json"):
        write_examples(examples, folder / name)
        assert read_examples(folder / name).examples == examples


def test_a_label_studio_export(tmp_path: Path) -> None:
    def annotation(label: str | None, by: object, **more: object) -> dict[str, object]:
        result = [] if label is None else [{"type": "choices", "value": {"choices": label.split("|")}}]
        return {"completed_by": by, "result": result, **more}

    note = {"type": "textarea", "value": {"text": ["not sure"]}}
    first = [annotation("favor", {"email": "a@b.c"}), annotation("favor", 2), annotation("con", 3, was_cancelled=True)]
    first[1]["result"].append(note)  # type: ignore[attr-defined]
    second = [annotation("favor|con", 2), annotation(None, 3), annotation("con", 4)]
    tasks = [
        {"id": 1, "data": {"text": "One.", "id": "own-1"}, "annotations": first},
        {"id": 2, "data": {"text": "Two."}, "annotations": second, "predictions": [annotation("favor", 1)]},
        {"id": 3, "data": {"text": " "}, "annotations": []},
    ]
    read = read_examples(write(tmp_path, "x.json", tasks), mapping={"favor": "support", "con": "oppose"})
    one, two = read.examples
    assert (one.id, one.label, one.readers, one.notes) == ("own-1", "support", ("a@b.c", "2"), ("", "not sure"))
    assert (two.id, two.label, two.readings) == ("2", "oppose", ("oppose",))
    reasons = [item.reason for item in read.skipped]
    assert reasons == ["cancelled by its annotator", "2 choices; expected one", "0 choices; expected one", "no text"]
    assert "task 2, annotation" in read.skipped[1].where
    short = [{"id": 1, "text": "One.", "label": "none", "annotator": by, "annotation_id": by} for by in (1, 2)]
    (example,) = read_examples(write(tmp_path, "min.json", short)).examples
    assert (example.readers, example.label, example.more) == (("1", "2"), "none", {})


def test_pre_annotations_are_no_labels(tmp_path: Path) -> None:
    guesses = {"a": {"label": "support", "score": 0.6, "model": "m"}}
    text = write_label_studio([Example("a", "One.", "")], guesses)
    assert json.loads(text)[0]["predictions"][0]["score"] == 0.6
    assert read_examples(write(tmp_path, "t.json", text)).labelled == ()


def test_a_doccano_export(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "One.", "label": ["support"], "Comments": ["hm"], "source": "x"},
        {"id": 2, "text": "Two.", "label": ["support", "none"]},
        {"id": 3, "text": "Three.", "label": []},
        {"id": 4, "text": "Four.", "label": [[0, 2, "support"]]},
    ]
    read = read_examples(write(tmp_path, "d.jsonl", "\n".join(map(json.dumps, rows))))
    assert read.format == "doccano"
    assert [(e.id, e.label, e.notes) for e in read.examples] == [("1", "support", ("hm",)), ("3", "", ())]
    assert read.examples[0].more == {"source": "x"}
    assert len(read.skipped) == 2


def test_labels_are_never_guessed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "text,label\nOne.,favor\nTwo.,-1\nThree.,favor\nFour.,none\n")
    with pytest.raises(DataError, match=r"unknown labels -1 \(1\), favor \(2\).*--map -1=LABEL --map favor=LABEL"):
        read_examples(path)
    read = read_examples(path, mapping={"favor": "support", "-1": None})
    assert [e.label for e in read.examples] == ["support", "support", "none"]
    assert [item.reason for item in read.skipped] == ["label '-1', which is mapped to nothing"]
    with pytest.raises(DataError, match="--map names favour, but the file has -1, favor, none"):
        read_examples(path, mapping={"favour": "support"})
    assert Counter(e.label for e in read_examples(path, labels=None).examples)["favor"] == 2


def test_what_a_mapping_does_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "text,label\nOne.,favor\nTwo.,con\n")
    done = run_cli("convert", str(path), str(tmp_path / "o.jsonl"), "--map", "favor=supprt", "--map", "con=")
    assert done.returncode == 0
    assert b"stance: mapped favor to supprt, con to nothing\n" in done.stderr
    assert b"is 'supprt' meant to be 'support'?" in done.stderr
    assert b"1 example: 1 supprt\n" in done.stderr
    arguments = ("convert", str(tmp_path / "o.jsonl"), str(tmp_path / "no" / "o.csv"), "--keep-labels")
    assert "choose another place" in failed(*arguments)


def test_a_folder_of_other_files_is_told_from_tweeteval(tmp_path: Path) -> None:
    write(tmp_path, "a.txt", "One.\n")
    with pytest.raises(DataError, match="a folder of other files; expected a file, or a folder with"):
        read_examples(tmp_path)


def test_public_corpora(tmp_path: Path) -> None:
    semeval = 'ID\tTarget\tTweet\tStance\n1\tWind power\tMore "mills, please\tFAVOR\n2\tWind power\tNo.\tAGAINST\n'
    read = read_examples(write(tmp_path, "s.txt", semeval), mapping={"FAVOR": "support", "AGAINST": "oppose"})
    assert read.format == "semeval"
    assert next((e.text, e.label, e.more) for e in read.examples) == (
        'More "mills, please', "support", {"target": "Wind power"},
    )  # fmt: skip
    folder = tmp_path / "wind"
    folder.mkdir()
    for name, texts, labels in (("train", "One.\nTwo.\n", "2\n1\n"), ("val", "Three.\n", "0\n")):
        write(folder, f"{name}_text.txt", texts)
        write(folder, f"{name}_labels.txt", labels)
    read = read_examples(folder, labels=None)
    assert [(e.id, e.label, e.split) for e in read.examples] == [
        ("train-00001", "2", "train"), ("train-00002", "1", "train"), ("val-00001", "0", "valid"),
    ]  # fmt: skip
    write(folder, "val_labels.txt", "0\n1\n")
    with pytest.raises(DataError, match="2 labels for 1 texts of val_text"):
        read_examples(folder)
    head = "guid\tsentence\tworker_0\tworker_1\tdisagree\tagree\tneutral\tin_held_out_test\n"
    body = 'g1\t"A ""hot"" year."\tagrees\tdisagrees\t0.1\t0.7\t0.2\tTrue\ng2\tScreened.\tagrees\tagrees\t\t\t\tFalse\n'
    read = read_examples(write(tmp_path, "g.tsv", head + body), labels=None)
    assert (read.format, len(read.skipped)) == ("gwsd", 1)
    assert (read.examples[0].text, read.examples[0].label) == ('A "hot" year.', "agree")
    assert read.examples[0].readings == ("agree", "disagree")
    row = {"mention": "He", "polarity": -1, "from": 0, "to": 2, "sentence": "He lied.", "id": "n"}
    read = read_examples(write(tmp_path, "n.jsonl", row), mapping={"-1": "oppose"})
    assert (read.format, read.examples[0].label, read.examples[0].more["to"]) == ("newsmtsc", "oppose", 2)


BENCHMARKS = EVALUATION / "benchmarks"


@pytest.mark.skipif(not BENCHMARKS.exists(), reason=f"public corpora are not at hand: {BENCHMARKS}")
@pytest.mark.parametrize(
    ("name", "examples", "skipped"),
    [("gwsd/GWSD.tsv", 2050, 250), ("newsmtsc/train.jsonl", 8739, 0), ("tweeteval_stance/climate", 564, 0)],
)
def test_public_corpora_as_they_are(name: str, examples: int, skipped: int) -> None:
    read = read_examples(BENCHMARKS / name, labels=None)
    assert (len(read.examples), len(read.skipped)) == (examples, skipped)


def test_several_annotators_files() -> None:
    anna = (Example("1", "One.", "none"), Example("2", "Two.", "oppose"))
    ben = (Example("2", "Two.", "oppose"), Example("1", "One.", "support"))
    first, second = merge_readings({"anna": anna, "ben": ben})
    assert (first.label, first.readings, first.readers) == ("", ("none", "support"), ("anna", "ben"))
    assert second.label == "oppose"
    with pytest.raises(DataError, match="different texts in anna and ben"):
        merge_readings({"anna": anna, "ben": (Example("1", "Other.", "none"),)})


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", "{", "not JSON"),
        ("a.json", "{}", "expected a JSON list of tasks"),
        ("a.csv", "sentence,stance\nx,none\n", r"no field 'text', only sentence, stance; .*--column NAME=text"),
        ("a.csv", "text,label\nx,none,more\n", "1 cells too many"),
        ("a.csv", "id,text,label\n1,x,none\n1,y,none\n", "id '1' stands 2 times"),
        ("a.jsonl", "[1]\n", "a list; expected an object"),
        ("a.jsonl", '{"text": "x", "readings": ["none"], "readers": ["a", "b"]}\n', "2 readers of 1 readings"),
        ("a.csv", "", "no examples"),
        ("a.docx", "x", "cannot tell its format"),
    ],
)
def test_bad_files_are_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_examples(write(tmp_path, name, content))


def test_bad_formats_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="format 'xml' is unknown"):
        read_examples(write(tmp_path, "a.csv", "text,label\nx,none\n"), "xml")
    with pytest.raises(InputError, match="cannot write txt"):
        write_examples([], tmp_path / "a.txt")
    with pytest.raises(DataError, match="no such file"):
        read_examples(tmp_path / "none.csv")


def test_the_command_line(tmp_path: Path) -> None:
    source = write(tmp_path, "a.csv", "sentence,label\nOne.,-1\nTwo.,1\nThree.,\n")
    output = tmp_path / "b.jsonl"
    names = ("--column", "sentence=text")
    maps = ("--map", "-1=oppose", "--map", "1=support")
    assert "--map -1=LABEL" in failed("convert", str(source), str(output), *names)
    assert not output.exists()
    done = run_cli("convert", str(source), str(output), *names, *maps, "--labelled")
    assert done.returncode == 0, done.stderr
    assert b"2 examples: 1 oppose, 1 support" in done.stderr
    assert load_dataset(output).labels == ["oppose", "support"]
    assert "expected THEIRS=OURS" in failed("convert", str(source), str(output), "--map", "x")
