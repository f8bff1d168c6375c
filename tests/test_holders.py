"""Actors and how they are found: by name, office, garbled name; never two people as one."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from stance.actors import KINDS, Actor, load_actors
from stance.errors import DataError
from stance.holders import Holders
from stance.target import bundled_target, load_target

DAY = date(2021, 2, 11)


@pytest.fixture(scope="module")
def holders() -> Holders:
    return bundled_target().holders


def found(holders: Holders, sentence: str, day: date | None = DAY, seen: tuple[str, ...] = ()) -> list[str | None]:
    before = [actor for name in seen for actor in holders.actors if actor.name == name]
    mentions = holders.mentions(sentence, day, before)
    assert all(sentence[m.start : m.end].startswith(m.text) or m.text in sentence for m in mentions)
    return [m.actor.name if m.actor else m.text for m in mentions if m.kind in ("name", "body", "unknown")]


def test_the_actor_file_is_large_and_sound(holders: Holders) -> None:
    assert len(holders.actors) >= 150
    assert set(Counter(actor.kind for actor in holders.actors)) == set(KINDS)
    for actor in holders.actors:
        assert actor.name.isascii()
        periods = [office.period for office in actor.offices] + [period for _, period in actor.sides]
        assert all(p.start is None or p.end is None or p.start <= p.end for p in periods), actor.name


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Turkish Defense Minister Hulusi Akal told a newspaper.", "Hulusi Akar"),
        ("Secretary of State Anthony Blincoln spoke.", "Antony Blinken"),
        ("Turkish Foreign Minister Mevlut Chavushoru spoke.", "Mevlut Cavusoglu"),
        ("Mevlüt Çavuşoğlu spoke.", "Mevlut Cavusoglu"),
        ("U.S. State Department spokesman Ned Price spoke.", "Ned Price"),
        ("The Pentagon spoke.", "US Department of Defense"),
        ("Turkey's Foreign Ministry spoke.", "Turkish Foreign Ministry"),
        ("A senior Turkish official spoke.", "Turkey"),
        ("US officials spoke.", "United States"),
        ("General Peter Pawel spoke.", "Petr Pavel"),
    ],
)
def test_names_offices_and_garbled_names(holders: Holders, sentence: str, expected: str) -> None:
    assert found(holders, sentence) == [expected]


def test_a_garbled_surname_needs_somebody_seen_before(holders: Holders) -> None:
    assert found(holders, "Blincoln also stressed this.", seen=("Antony Blinken",)) == ["Antony Blinken"]
    assert found(holders, "Blincoln also stressed this.") == []


def test_the_office_holder_is_that_of_the_day(holders: Holders) -> None:
    assert found(holders, "The Turkish president spoke.", date(2014, 5, 1)) == ["Abdullah Gul"]
    assert found(holders, "The Turkish president spoke.", date(2019, 5, 1)) == ["Recep Tayyip Erdogan"]
    assert found(holders, "The US president spoke.", date(2019, 5, 1)) == ["Donald Trump"]
    assert found(holders, "The US president spoke.", date(2022, 5, 1)) == ["Joe Biden"]


def test_two_people_are_never_one(holders: Holders) -> None:
    assert found(holders, "Ivanka Trump met President Trump.", date(2019, 5, 1)) == ["Ivanka Trump", "Donald Trump"]
    assert found(holders, "Ahmet Akar spoke.", seen=("Hulusi Akar",)) == ["Ahmet Akar"]
    assert "Sergei Lavrov" not in found(holders, "Vice-minister of foreign affairs Sergei Ryabkow spoke.")


def test_a_pronoun_is_not_the_country(holders: Holders) -> None:
    assert found(holders, "He told us that it was over.") == []
    assert found(holders, "The US told them.") == ["United States"]


def test_sides_change_with_the_years(holders: Holders) -> None:
    rubio = next(actor for actor in holders.actors if actor.name == "Marco Rubio")
    assert (rubio.side(date(2019, 1, 1)), rubio.side(date(2025, 6, 1))) == ("US Congress", "US government")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "no JSON: Expecting property name"),
        ('{"name": "A"}', "no 'kind'"),
        ('{"name": "A", "kind": "ghost", "sides": []}', "expected one of person"),
        ('{"name": "A", "kind": "person", "sides": [["x", "soon", null]]}', "date is 'soon'; expected a day such as"),
        ('{"name": "A", "kind": "person", "sides": ["Utopia"]}', "sides holds 'Utopia'; expected a list of 3"),
        ('{"name": "A", "kind": "person", "sides": [], "offices": [["x", "y", null]]}', "expected a list of 4"),
        ('{"name": "A", "kind": "person", "sides": [], "aliases": "B"}', "aliases is 'B'; expected a list"),
        ('["A"]', "no JSON object"),
        ('{"name": " ", "kind": "person", "sides": []}', "name is empty"),
    ],
)
def test_bad_actor_files_name_the_line(tmp_path: Path, line: str, words: str) -> None:
    good = '{"name": "B", "kind": "country", "country": null, "sides": []}\n'
    (tmp_path / "actors.jsonl").write_text(good + line)
    with pytest.raises(DataError, match=f"actors.jsonl:2: .*{words}"):
        load_actors(tmp_path / "actors.jsonl")


def test_a_target_of_ones_own(tmp_path: Path) -> None:
    row = {"name": "Jane Doe", "kind": "person", "country": "Utopia", "sides": [["Utopia", None, None]], "aliases": []}
    (tmp_path / "actors.jsonl").write_text(json.dumps(row) + "\n")
    about = {"name": "pipe", "description": "the pipeline", "actors": "actors.jsonl", "topic": [[["pipeline"]]]}
    (tmp_path / "target.json").write_text(json.dumps(about))
    target = load_target(tmp_path / "target.json")
    assert [m.actor for m in target.holders.mentions("Jane Doe spoke.")] == list(target.holders.actors)
    assert target.is_topic_of("A pipelines story")
    assert not target.is_topic_of("Football")
    (tmp_path / "target.json").write_text("[]")
    with pytest.raises(DataError, match="not a target"):
        load_target(tmp_path / "target.json")


def test_no_actors_no_names() -> None:
    assert Holders([]).mentions("Turkey and Akar spoke; he left.")[-1].kind == "pronoun"
    assert isinstance(Holders([Actor("X", "country", None, (), (), ())]).mentions("X spoke.")[0].actor, Actor)
