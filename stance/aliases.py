"""All ways to write the names of actors, by their first word; and of bodies called without their country."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stance.actors import Actor
from stance.lexicon import COUNTRIES
from stance.names import same_country, tokenize_names


@dataclass(frozen=True)
class Alias:
    """A way to write an actor's name."""

    words: tuple[str, ...]
    case: str  #: ``upper`` for an acronym, ``lower`` for a common noun, otherwise ``name``
    actor: Actor

    def is_written_as(self, raw: Sequence[str]) -> bool:
        """Whether words are capitalised as the alias is: "CHP" is no "chp"."""
        if self.case == "upper":
            return raw[0].replace(".", "").isupper()
        return self.case == "lower" or any(word[:1].isupper() for word in raw)


class Aliases:
    """The aliases of actors.

    Parameters
    ----------
    actors : iterable of Actor
    """

    def __init__(self, actors: Iterable[Actor]) -> None:
        self._opening: dict[str, list[Alias]] = {}
        self.shortened: dict[tuple[str, ...], list[Actor]] = {}  #: names without their country: "foreign ministry"
        for actor in actors:
            self._index(actor)
        self.shortened_openings = {words[0] for words in self.shortened}
        self.openings = {
            word for word, found in self._opening.items() if any(a.actor.kind != "person" for a in found)
        }  #: first words of the names of bodies

    def opening_with(self, word: str) -> Sequence[Alias]:
        """Return the aliases that open with a word, the longest first."""
        return self._opening.get(word, ())

    def _index(self, actor: Actor) -> None:
        for written in (actor.name, *actor.aliases):
            words = tuple(token.norm for token in tokenize_names(written))
            if not words:
                continue
            case = "lower" if written.islower() else "upper" if len(words) == 1 and written.isupper() else "name"
            self._add(Alias(words, case, actor))
            if actor.kind != "person" and len(words) > 1 and words[0] in COUNTRIES:
                self.shortened.setdefault(words[1:], []).append(actor)
                for word in same_country(words[0]):  # Turkish foreign ministry, Turkey's foreign ministry
                    self._add(Alias((word, *words[1:]), "name", actor))

    def _add(self, alias: Alias) -> None:
        known = self._opening.setdefault(alias.words[0], [])
        if all(other.words != alias.words for other in known):
            known.append(alias)
            known.sort(key=lambda other: -len(other.words))
