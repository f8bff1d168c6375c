"""Planted label errors are found, with reasons."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from stance.audit import find_doubts
from stance.dataset import Dataset, to_row
from stance.errors import DataError
from tests.test_cli import failed, json_lines

pytest.importorskip("cleanlab")


@pytest.fixture(scope="module")
def planted(data: Dataset) -> tuple[Dataset, set[str]]:
    """Return a sample of the data with every fortieth label turned around."""
    examples = list(data.examples[::20])
    wrong = {"none": "support", "support": "oppose", "oppose": "none", "softening": "none"}
    for place in range(0, len(examples), 40):
        examples[place] = replace(examples[place], label=wrong[examples[place].label])
    return replace(data, examples=tuple(examples)), {examples[place].id for place in range(0, len(examples), 40)}


def test_planted_errors_come_early(planted: tuple[Dataset, set[str]]) -> None:
    data, wrong = planted
    doubts = find_doubts(data, 5 * len(wrong))
    found = {doubt.id for doubt in doubts} & wrong
    assert len(found) >= 0.6 * len(wrong)  # by chance: an eighth
    assert [d.probability for d in doubts] == sorted(d.probability for d in doubts)
    first = doubts[0]
    assert first.error
    assert first.said != first.label
    assert first.words
    assert first.said_probability > first.probability


def test_a_near_duplicate_with_another_label_is_named(planted: tuple[Dataset, set[str]]) -> None:
    data, _ = planted
    one = data.examples[5]
    other = "oppose" if one.label != "oppose" else "none"
    twin = replace(one, id="twin", text=one.text + " ", label=other, fragment="twin")
    doubts = find_doubts(replace(data, examples=(*data.examples, twin)), len(data) + 1)
    assert next(doubt.near for doubt in doubts if doubt.id == "twin") == {one.id: one.label}


def test_too_little_data_is_one_line(tmp_path: Path, planted: tuple[Dataset, set[str]]) -> None:
    with pytest.raises(DataError, match="too few fragments of"):
        find_doubts(replace(planted[0], examples=planted[0].examples[:6]))
    path = tmp_path / "few.csv"
    path.write_text("text,label\nOne.,none\nTwo.,oppose\n")
    assert "too few fragments of none (1), oppose (1)" in failed("audit", str(path))


def test_the_command_line(tmp_path: Path, planted: tuple[Dataset, set[str]]) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("".join(json.dumps(to_row(example)) + "\n" for example in planted[0]))
    rows = json_lines("audit", str(path), "-n", "3")
    assert len(rows) == 3
    assert {"label", "said", "words", "near"} <= rows[0].keys()
