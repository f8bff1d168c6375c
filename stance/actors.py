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
_FIELDS = "expected name, kind, country, sides [side, from, to], aliases, offices [role, of, from, to]"


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
            actor = _actor(_object(line))
        except ValueError as error:
            raise DataError(f"{where}: not an actor ({error}); {_FIELDS}") from None
        if actor.name in actors:
            raise DataError(f"{where}: {actor.name} stands in the file twice; give each actor one line")
        actors[actor.name] = actor
    return list(actors.values())


def _object(line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at column {error.colno}") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(row, dict):
        raise ValueError("no JSON object")
    missing = [name for name in ("name", "kind", "sides") if name not in row]
    if missing:
        raise ValueError(f"no {missing[0]!r}")
    return row


def _actor(row: dict[str, Any]) -> Actor:
    if row["kind"] not in KINDS:
        raise ValueError(f"kind is {row['kind']!r}; expected one of {', '.join(KINDS)}")
    if not isinstance(row["name"], str) or not row["name"].strip():
        raise ValueError("name is empty")
    if not isinstance(row.get("country"), str | None):
        raise ValueError(f"country is {row['country']!r:.60}; expected text or null")
    aliases = row.get("aliases") or []
    if not isinstance(aliases, list) or not all(isinstance(alias, str) for alias in aliases):
        raise ValueError(f"aliases is {aliases!r:.60}; expected a list of texts")
    return Actor(
        name=row["name"],
        kind=row["kind"],
        country=row.get("country"),
        sides=tuple((side, _period(start, end)) for side, start, end in _lists(row, "sides", 3)),
        aliases=tuple(aliases),
        offices=tuple(Office(role, of, _period(start, end)) for role, of, start, end in _lists(row, "offices", 4)),
    )


def _lists(row: dict[str, Any], field: str, size: int) -> list[list[Any]]:
    """Return the lists of a field, each with `size` entries: texts, then two dates."""
    rows = row.get(field) or []
    for part in rows if isinstance(rows, list) else [rows]:
        if not isinstance(part, list) or len(part) != size or not all(isinstance(text, str) for text in part[:-2]):
            raise ValueError(f"{field} holds {part!r:.60}; expected a list of {size} entries")
    return list(rows)


def _period(start: Any, end: Any) -> Period:
    return Period(_day(start), _day(end))


def _day(value: Any) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"date is {value!r:.40}; expected a day such as 2021-02-11, or null") from None
