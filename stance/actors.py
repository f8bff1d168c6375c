"""Who may hold a stance: people with their offices, institutions, countries, parties, companies, and their sides."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from stance.errors import DataError
from stance.files import decode_lines, read_bytes

KINDS = ("person", "institution", "country", "party", "company")


@dataclass(frozen=True)
class Period:
    """A stretch of time; None leaves an end open."""

    start: date | None
    end: date | None

    def holds(self, day: date | None) -> bool:
        """Whether a day lies within; an unknown day does."""
        if day is None:
            return True
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True)
class Office:
    """An office that a person held."""

    role: str  #: such as ``defence minister``, in lower case
    of: str  #: the country or body
    period: Period


@dataclass(frozen=True)
class Actor:
    """A person or body that can hold a stance."""

    name: str  #: canonical, in ASCII
    kind: str  #: one of `KINDS`
    country: str | None
    sides: tuple[tuple[str, Period], ...]
    aliases: tuple[str, ...]
    offices: tuple[Office, ...]

    def side(self, day: date | None = None) -> str:
        """Return the side the actor is on: at a day, or the latest one; empty where it was on none."""
        fitting = [side for side, period in self.sides if period.holds(day)]
        return fitting[-1] if fitting else ""


def load_actors(path: str | Path) -> tuple[Actor, ...]:
    """Return the actors in a JSONL file, one object a line with the fields of `Actor`.

    ``sides`` is a list of ``[side, from, to]``, ``offices`` of ``[role, of, from, to]``; dates are ISO or null.

    Raises
    ------
    DataError
        At the first line that is no actor, or repeats a name.
    """
    return tuple(_parse(read_bytes(path), str(path)))


def _parse(data: bytes, name: str) -> list[Actor]:
    actors: dict[str, Actor] = {}
    for number, line in decode_lines(data, name):
        where = f"{name}:{number}"
        try:
            actor = _actor(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            raise DataError(f"{where}: not an actor ({reason}); see stance.actors.Actor for its fields") from None
        if actor.name in actors:
            raise DataError(f"{where}: {actor.name} stands in the file twice; give each actor one line")
        actors[actor.name] = actor
    return list(actors.values())


def _actor(row: dict[str, Any]) -> Actor:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind is {row['kind']!r}; expected one of {', '.join(KINDS)}")
    if not isinstance(row["name"], str) or not row["name"].strip():
        raise ValueError("name is empty")
    return Actor(
        name=row["name"],
        kind=row["kind"],
        country=row.get("country"),
        sides=tuple((str(side), _period(start, end)) for side, start, end in row["sides"]),
        aliases=tuple(map(str, row.get("aliases", ()))),
        offices=tuple(Office(role, of, _period(start, end)) for role, of, start, end in row.get("offices", ())),
    )


def _period(start: str | None, end: str | None) -> Period:
    return Period(date.fromisoformat(start) if start else None, date.fromisoformat(end) if end else None)
