"""Whom a name means: by surname and given names, by office, or by likeness where it is garbled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from stance.actors import Actor
from stance.lexicon import COUNTRIES
from stance.names import OFFICE, PARTICLES, SEEN, given_fits, likeness, sound, surname_of, tokenize_names

LEADING = ("president", "prime minister", "foreign minister", "defence minister", "secretary of state")
"""Offices whose holder a bare surname means, if several people share it."""

REMEMBERED = 50_000
"""Strange names whose nearest person is kept in memory."""


class People:
    """The people among some actors.

    Parameters
    ----------
    actors : iterable of Actor
    """

    def __init__(self, actors: Iterable[Actor]) -> None:
        self.actors = tuple(actor for actor in actors if actor.kind == "person")
        self.surnames: dict[str, list[Actor]] = {}
        self._given: dict[str, set[str]] = {}
        for actor in self.actors:
            for alias in (actor.name, *actor.aliases):
                self._index(actor, tuple(token.norm for token in tokenize_names(alias)))
        self._sounds = [sound(actor.name.split()[-1].lower()) for actor in self.actors]
        self._remembered: dict[tuple[str, ...], tuple[float, Actor | None]] = {}

    def _index(self, actor: Actor, words: tuple[str, ...]) -> None:
        if len(words) < 2:
            return
        surname = surname_of(words)
        if actor not in self.surnames.setdefault(surname, []):
            self.surnames[surname].append(actor)
        self._given.setdefault(actor.name, set()).update(words[: len(words) - len(surname.split())])

    def of_surname(self, words: Sequence[str]) -> Actor | None:
        """Return the only person of a surname."""
        found = self.surnames.get(" ".join(words), [])
        return found[0] if len(found) == 1 else None

    def holding(self, role: str, country: str | None, day: date | None, seen: Sequence[Actor]) -> list[Actor]:
        """Return who held an office; if the day or the country is unknown, those among them already mentioned."""
        holders = [
            actor
            for actor in self.actors
            if any(o.role == role and o.period.holds(day) and country in (None, o.of) for o in actor.offices)
        ]
        before = [actor for actor in holders if actor in seen]
        return before[-1:] if len(holders) > 1 and before else holders

    def by_surname(self, words: list[str], day: date | None, seen: Sequence[Actor]) -> Actor | None:
        """Return the person of a surname whom given names, earlier mentions or a leading office single out."""
        people = self.surnames.get(words[-1], []) or self.surnames.get(" ".join(words[-2:]), [])
        given = [word for word in words[:-1] if word not in PARTICLES]
        if given:
            people = [actor for actor in people if given_fits(given, self._given[actor.name])]
        if len(people) == 1:
            return people[0]
        before = [actor for actor in seen if actor in people]
        if before:
            return before[-1]
        leading = [a for a in people if any(o.period.holds(day) and o.role in LEADING for o in a.offices)]
        return leading[0] if len(leading) == 1 else None

    def garbled(self, words: list[str], seen: Sequence[Actor], least: float) -> Actor | None:
        """Return the person whose name a strange word most resembles, if the likeness is great enough."""
        if len(words[-1]) < 4 or words[-1] in COUNTRIES or words[-1] in self.surnames:
            return None
        best = self.most_alike(words, seen)
        if best[0] >= SEEN:
            return best[1]
        best = self.resembled(tuple(words))
        return best[1] if best[0] >= least else None

    def most_alike(self, words: Sequence[str], people: Iterable[Actor]) -> tuple[float, Actor | None]:
        """Return the highest likeness among people, and whose it is."""
        alike = [(likeness(words, actor.name, self._given.get(actor.name, ())), actor) for actor in people]
        return max(alike, key=lambda pair: pair[0], default=(0.0, None))

    def resembled(self, words: tuple[str, ...]) -> tuple[float, Actor | None]:
        """Return the most alike of all people; looked for once for each strange name."""
        from rapidfuzz import process
        from rapidfuzz.fuzz import ratio

        if words not in self._remembered:
            near = process.extract(sound(words[-1]), self._sounds, scorer=ratio, score_cutoff=OFFICE, limit=10)
            if len(self._remembered) >= REMEMBERED:
                self._remembered.clear()
            self._remembered[words] = self.most_alike(words, (self.actors[place] for _, _, place in near))
        return self._remembered[words]
