from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from stance.dataset import SPLITS, Dataset, Example, load_dataset, to_row
from stance.errors import DataError
from stance.splits import SHARES, near_duplicates, split_groups, word_runs
from tests.conftest import EVALUATION, ROOT

GOOD = {"id": "a-1", "text": "A sentence.", "label": "none", "split": "train"}


def write(folder: Path, *rows: object, name: str = "a.jsonl") -> Path:
    (folder / "sentences").mkdir(exist_ok=True)
    about = {"name": "t", "version": 1, "target": "a target", "labels": ["none", "oppose"]}
    (folder / "dataset.json").write_text(json.dumps(about))
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (folder / "sentences" / name).write_text("\n".join(lines) + "\n")
    return folder


def test_blanks_around_labels_are_no_part_of_them(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD | {"label": " none", "readings": ["none ", "oppose"]})
    (example,) = load_dataset(folder)
    assert (example.label, example.readings) == ("none", ("none", "oppose"))
    (tmp_path / "a.csv").write_text("text,label\nx,pro\ny,pro \n")
    assert load_dataset(tmp_path / "a.csv").label_names == ("pro",)


def test_long_cells_are_read_and_open_quotation_marks_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"text,label\nx,pro\n{'w ' * 300_000},con\n")
    assert len(load_dataset(path)) == 2
    path.write_text('text,label\nx,pro\n"' + ("w " * 40_000 + "\n") * 20)
    with pytest.raises(DataError, match=r"a\.csv:15: a cell of over 1,000,000 characters; .* every quotation mark"):
        load_dataset(path)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("{", r"a\.jsonl:2: not JSON"),
        ("[1]", r":2: a list; expected an object"),
        ({"label": "none"}, r":2: no field 'text', only label"),
        ({"text": "x"}, r":2: no field 'label'"),
        (GOOD | {"id": "b", "label": "neutral"}, r":2: label is 'neutral'; expected one of none, oppose"),
        (GOOD | {"id": "b", "text": "  "}, r":2: text is '  '; expected a sentence"),
        (GOOD | {"id": "b", "text": 3}, r":2: text is 3"),
        (GOOD | {"id": "b", "split": "dev"}, r":2: split is 'dev'; expected one of train, valid, test"),
        (GOOD | {"id": "b", "date": "July"}, r":2: date is 'July'; expected YYYY"),
        (GOOD | {"id": "b", "holder": 7}, r":2: holder is 7; expected text or null"),
        (GOOD | {"id": "b", "readings": ["maybe"]}, r":2: readings is \['maybe'\]"),
        (GOOD, r"id 'a-1' stands in a\.jsonl too"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load_dataset(write(tmp_path, GOOD, row))


def test_a_fragment_must_not_straddle_splits(tmp_path: Path) -> None:
    rows = [GOOD | {"id": str(i), "fragment": "f", "split": split} for i, split in enumerate(("train", "test"))]
    with pytest.raises(DataError, match="fragment 'f' stands in train and test"):
        load_dataset(write(tmp_path, *rows))


@pytest.mark.parametrize("about", ["{}", "[", '{"name": "t", "version": "x", "target": "", "labels": []}'])
def test_a_bad_description_is_named(tmp_path: Path, about: str) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "dataset.json").write_text(about)
    with pytest.raises(DataError, match=r"dataset\.json"):
        load_dataset(tmp_path)


def test_missing_and_empty(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        load_dataset(tmp_path / "nothing.jsonl")
    with pytest.raises(DataError, match="no such file"):
        load_dataset(tmp_path)
    (tmp_path / "empty.jsonl").write_text("\n\n")
    with pytest.raises(DataError, match="no examples"):
        load_dataset(tmp_path / "empty.jsonl")


def test_single_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,label\n"One, two.",yes\nThree.,no\n')
    data = load_dataset(tmp_path / "a.csv")
    assert (data.texts, data.labels, data.label_names) == (["One, two.", "Three."], ["yes", "no"], ("no", "yes"))
    (tmp_path / "b.jsonl").write_text('\ufeff{"text": "x", "label": "pro", "article": "7", "more": [1]}\n')
    assert load_dataset(tmp_path / "b.jsonl").examples[0].group == "7"
    (tmp_path / "c.csv").write_text("sentence,label\nx,no\n")
    with pytest.raises(DataError, match=r"c\.csv:2: no field 'text', only sentence, label"):
        load_dataset(tmp_path / "c.csv")


def test_the_fingerprint_changes_with_every_field(sample: Dataset) -> None:
    first = sample.examples[0]
    seen = {sample.fingerprint}
    for name in ("id", "text", "label", "holder", "style", "date", "fragment", "split"):
        altered = replace(first, **{name: "changed"})  # type: ignore[arg-type]
        changed = replace(sample, examples=(altered, *sample.examples[1:]))
        seen.add(changed.fingerprint)
    seen.add(replace(sample, examples=(replace(first, readings=("none",)), *sample.examples[1:])).fingerprint)
    seen.add(replace(sample, examples=sample.examples[1:]).fingerprint)
    assert len(seen) == 11
    assert replace(sample, examples=sample.examples[::-1]).fingerprint == sample.fingerprint


def test_rows_round_trip(tmp_path: Path) -> None:
    example = Example(
        "a-1", "Text.", "none", date="2019-07", split="train", readings=("none", "oppose", "none"), slice="a"
    )
    assert load_dataset(write(tmp_path, to_row(example))).examples == (example,)


def test_splits_keep_groups_whole_and_labels_balanced() -> None:
    labels = ["none", "none", "oppose", "support", "none", "oppose"]
    examples = [Example(str(i), "t", labels[i % 6], fragment=f"f{i // 5}") for i in range(3000)]
    splits = split_groups(examples)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        counts[splits[example.group]][example.label] += 1
    for split in SPLITS:
        for label in set(labels):
            total = sum(c[label] for c in counts.values())
            assert counts[split][label] / total == pytest.approx(SHARES[split], abs=0.02)


def test_near_duplicates_finds_edits_and_nothing_else() -> None:
    texts = [
        "Turkey will not step back from its purchase of Russian S-400 missiles, Erdogan told reporters on Friday.",
        "Turkey will not step back from its purchase of Russian S-400 missiles, Erdogan told journalists on Friday.",
        "The Pentagon said on Monday that deliveries of F-35 parts to Turkey had been suspended.",
    ]
    assert [(a, b) for a, b, _ in near_duplicates(texts)] == [(0, 1)]


class TestS400:
    """The bundled data set itself."""

    def test_shares(self, data: Dataset) -> None:
        for split, share in SHARES.items():
            part = data.subset(split)
            assert len(part) / len(data) == pytest.approx(share, abs=0.02)
            for label in data.label_names:
                mine, all_of_it = part.labels.count(label) / len(part), data.labels.count(label) / len(data)
                assert mine == pytest.approx(all_of_it, abs=0.02)

    def test_fragments_stay_within_a_slice(self, data: Dataset) -> None:
        places = defaultdict(set)
        for example in data:
            places[example.group].add(example.slice)
        assert all(len(slices) == 1 for slices in places.values())

    def test_every_example_was_read_twice_and_settled(self, data: Dataset) -> None:
        for example in data:
            first, second, *later = example.readings
            assert example.label == (later[-1] if later else first)
            assert later or first == second

    def test_the_audit_is_in_the_labels(self, data: Dataset) -> None:
        labels = {example.id: example.label for example in data}
        rows = [json.loads(line) for line in (ROOT / "datasets" / "s400" / "audit.jsonl").read_text().splitlines()]
        assert len(rows) >= 500
        assert all(labels[row["id"]] == row["after"] for row in rows)

    def test_holders_go_with_stances(self, data: Dataset) -> None:
        assert all((example.holder is None) == (example.label == "none") for example in data)

    def test_no_near_duplicates(self, data: Dataset) -> None:
        assert near_duplicates(data.texts) == []

    def test_no_word_12_gram_stands_in_more_than_three_sentences(self, data: Dataset) -> None:
        assert max(Counter(gram for text in data.texts for gram in word_runs(text, 12)).values()) <= 3

    @pytest.mark.skipif(not EVALUATION.exists(), reason=f"real news is not at hand: {EVALUATION}")
    def test_no_sentence_of_real_news(self, data: Dataset) -> None:
        real = set()
        for name in ("news-dev.jsonl", "articles-dev.jsonl", "seed-article.json"):
            for text in every_text(EVALUATION / name):
                real |= word_runs(text, 10)
        shared = {gram: example.id for example in data for gram in word_runs(example.text, 10) & real}
        assert not shared


def every_text(path: Path) -> list[str]:
    """Return every string of a JSON or JSONL file, however deep."""

    def strings(value: object) -> list[str]:
        if isinstance(value, str):
            return [value]
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return [text for part in parts for text in strings(part)]

    content = path.read_text()
    return strings(
        [json.loads(line) for line in content.splitlines()] if path.suffix == ".jsonl" else json.loads(content)
    )
