"""What stances are toward: the question, who may hold a stance on it, and which words an article on it must hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from stance.actors import Actor, load_actors
from stance.errors import DataError
from stance.files import read_text
from stance.holders import Holders
from stance.text import normalize


@dataclass(frozen=True)
class Expectation:
    """What a stance tells of who holds it."""

    excluded: tuple[str, ...] = ()  #: sides that cannot hold it: a government does not oppose its own purchase
    usual: tuple[str, ...] = ()  #: sides that mostly do
    implied: str = ""  #: the actor meant where an act is told without its actor: "was removed from the programme"


@dataclass(frozen=True)
class Target:
    """A question that actors take stances on.

    Parameters
    ----------
    name, description : str
    holders : Holders
        The actors, ready to be found in text.
    topic : tuple of tuples of tuples of str
        Beginnings of words, as `stance.text.normalize` writes them. An article is on the topic if for one of the
        outer tuples it holds a word with a beginning from each of the inner ones; without any, every article is.
    expectations : mapping of str to Expectation
        For a label who can, who mostly does, and who implicitly does hold it.
    home : str
        The country meant by "the foreign ministry" where nothing else tells.
    """

    name: str
    description: str
    holders: Holders
    topic: tuple[tuple[tuple[str, ...], ...], ...] = ()
    expectations: Mapping[str, Expectation] = field(default_factory=dict)
    home: str = ""

    def expectation(self, label: str) -> Expectation:
        """Return what a label tells of its holder."""
        return self.expectations.get(label, _ANYBODY)

    def in_office(self, role: str, day: date | None) -> list[Actor]:
        """Return who held an office at a day in a country of the sides that mostly take a stance."""
        return [
            actor
            for actor in self._of_role.get(role, ())
            if any(office.role == role and office.period.holds(day) for office in actor.offices)
        ]

    @cached_property
    def _of_role(self) -> dict[str, list[Actor]]:
        sides = {side for expected in self.expectations.values() for side in expected.usual}
        countries = {actor.name for actor in self.holders.actors if actor.kind == "country" and actor.side() in sides}
        found: dict[str, list[Actor]] = {}
        for actor in self.holders.actors:
            for role in {office.role for office in actor.offices if office.of in countries}:
                found.setdefault(role, []).append(actor)
        return found

    def is_topic_of(self, text: str) -> bool:
        """Whether an article may be about the target at all."""
        words = set(normalize(text).split())
        return not self.topic or any(
            all(any(word.startswith(beginnings) for word in words) for beginnings in needed) for needed in self.topic
        )


_ANYBODY = Expectation()


@cache
def bundled_target() -> Target:
    """Return the target of the bundled model: Turkey's purchase of the Russian S-400."""
    with as_file(files("stance") / "data") as folder:
        return load_target(folder / "s400.target.json")


def load_target(path: str | Path) -> Target:
    """Return the target that a JSON file describes, its actor file read from beside it.

    Raises
    ------
    DataError
        If the file or its actors cannot be read.
    """
    try:
        row: dict[str, Any] = json.loads(read_text(path))
        return Target(
            name=str(row["name"]),
            description=str(row["description"]),
            holders=Holders(load_actors(Path(path).parent / row["actors"]) if row.get("actors") else ()),
            topic=tuple(tuple(tuple(map(str, any_of)) for any_of in needed) for needed in row.get("topic", ())),
            expectations={str(label): _expectation(told) for label, told in row.get("holders", {}).items()},
            home=str(row.get("home", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: not a target ({error!r}); expected JSON with name, description and actors") from None


def _expectation(told: Mapping[str, Any]) -> Expectation:
    return Expectation(
        excluded=tuple(map(str, told.get("excluded", ()))),
        usual=tuple(map(str, told.get("usual", ()))),
        implied=str(told.get("implied", "")),
    )
