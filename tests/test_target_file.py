"""Slips in ``target.json`` that would otherwise go unnoticed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from stance.errors import DataError
from stance.target import load_target

ACTOR = {"name": "Jane Doe", "kind": "person", "sides": [["Utopia", None, None]]}


def write(folder: Path, **fields: object) -> Path:
    (folder / "actors.jsonl").write_text(json.dumps(ACTOR) + "\n")
    about = {"name": "t", "description": "d", "actors": "actors.jsonl", **fields}
    (folder / "target.json").write_text(json.dumps(about))
    return folder


def test_a_topic_is_folded(tmp_path: Path) -> None:
    found = load_target(write(tmp_path, topic=[[["Nord", "Türk"], ["S-400"]]]))
    assert found.topic == ((("nord", "turk"), ("s400",)),)
    assert found.is_topic_of("The NORDIC states on the S-400")


@pytest.mark.parametrize(
    ("topic", "words"),
    [
        ("nord", "topic is 'nord'; expected a list"),
        (["nord"], 'topic holds "nord"; expected a list of alternatives'),
        ([["nord", "stream"]], 'topic holds "nord"; expected a list of alternatives'),
        ([[["nord stream"]]], r'"nord"\], \["stream"\]\] to ask for each'),
        ([[[]]], r"topic holds \[\]"),
        ([[]], r"topic holds \[\]"),
        ([[["nord", ""]]], 'topic holds ""'),
        ([[[["nord"]]]], r'topic holds \["nord"\]'),
    ],
)
def test_a_topic_of_another_shape(tmp_path: Path, topic: object, words: str) -> None:
    write(tmp_path, topic=topic)
    with pytest.raises(DataError, match=f"target.json: .*{words}"):
        load_target(tmp_path)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"topics": []}, "unknown field 'topics'; expected name, version"),
        ({"version": "x"}, "version is 'x'; expected a whole number"),
        ({"description": None}, "no 'description'"),
        ({"labels": [{"name": "a", "excluded": "Utopia"}]}, "label a: excluded is 'Utopia'; expected a list"),
        ({"labels": [{"name": "a", "usual": [1]}]}, "label a: usual holds 1; expected text"),
        (
            {"labels": [{"name": "a", "usual": ["Atlantis"]}]},
            "usual names 'Atlantis', no actor's side; expected Utopia",
        ),
        ({"labels": [{"name": "a", "implied": "John"}]}, "implied is 'John'; expected the name of an actor"),
        ({"labels": [{"name": "a", "color": "#000000"}]}, "label a: unknown field 'color'"),
        ({"labels": [{"name": "a", "colour": "blue"}]}, "json: colour of a is 'blue'; expected #rrggbb"),
        ({"labels": [{"definition": "d"}]}, "no 'name'"),
        ({"labels": [7]}, "a label is 7; expected a name"),
    ],
)
def test_slips_are_told(tmp_path: Path, fields: dict[str, object], words: str) -> None:
    write(tmp_path, **fields)
    with pytest.raises(DataError, match=words) as caught:
        load_target(tmp_path)
    assert "Error(" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "byte 1 is not UTF-8"),
        (b"{\n", "no JSON: Expecting property name enclosed in double quotes in line 2, column 1"),
        (b"[]", "no JSON object"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_another_kind_of_file(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "two.stance"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"two.stance: not a target \({words}\); expected a target's folder"):
        load_target(path)
