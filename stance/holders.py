"""Find the actors that a sentence mentions: by name, by office, by a garbled name, or by a word that stands for one.

A name is compared without diacritics and, where it looks garbled, by similarity (rapidfuzz) after one spelling for the
usual transliterations. How similar it must be depends on what else speaks for the person: an office or a given name in
front of it, an earlier mention in the article, or nothing. Two people are never merged: a given name or an office that
belongs to somebody else rules a surname out.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date

from stance.actors import Actor
from stance.aliases import Aliases
from stance.lexicon import (
    ANAPHORS,
    COMMON,
    COUNTRIES,
    CUES,
    GROUPS,
    PRONOUNS,
    SAYING,
    SHORTENED,
    SPEAKS_FOR,
    TAKES_OBJECT,
    TITLES,
    UNNAMED,
    role_phrases,
)  # fmt: skip
from stance.mentions import Mention, joined, mention_of
from stance.names import ALONE, IMPOSSIBLE, OFFICE, TITLED, Token, continues_name, is_definite, tokenize_names
from stance.people import People


class Holders:
    """The actors of a target, ready to be found.

    Parameters
    ----------
    actors : iterable of Actor
    """

    def __init__(self, actors: Iterable[Actor]) -> None:
        self.actors = tuple(actors)
        self._aliases = Aliases(self.actors)
        self._roles = role_phrases({office.role for actor in self.actors for office in actor.offices})
        self._role_openings = {phrase.split()[0] for phrase in self._roles}
        self._by_name = {actor.name: actor for actor in self.actors}
        self._bodies = {actor.name: actor for actor in self.actors if actor.kind != "person"}
        self._people = People(self.actors)

    def mentions(
        self,
        sentence: str,
        day: date | None = None,
        seen: Sequence[Actor] = (),
        tokens: list[Token] | None = None,
        strangers: Container[str] = (),
    ) -> list[Mention]:
        """Return the mentions in a sentence, in order.

        Parameters
        ----------
        sentence : str
        day : date, optional
            When it was published; tells who held an office.
        seen : sequence of Actor
            People mentioned before in the same article, the latest last.
        tokens : list of Token, optional
            The sentence's words, where the caller has cut it already.
        strangers : container of str, optional
            Surnames, in lower case, of people not in the list whom the article has named in full.
        """
        tokens = tokenize_names(sentence) if tokens is None else tokens
        found: list[Mention] = []
        place = 0
        while place < len(tokens):
            mention, used = self._at(sentence, tokens, place, day, seen)
            mention = mention or _stranger(sentence, tokens, place, strangers)
            if mention:
                found.append(mention)
            place += max(used, 1)
        return joined(sentence, found)

    def _at(
        self, sentence: str, tokens: list[Token], place: int, day: date | None, seen: Sequence[Actor]
    ) -> tuple[Mention | None, int]:
        """Return the mention that opens at a token, and how many tokens it takes."""
        for find in (self._office, self._phrase, self._shortened):
            mention, used = find(sentence, tokens, place, day, seen)
            if mention:
                return mention, used
        token = tokens[place]
        if token.is_name and token.norm not in COMMON:
            return self._person(sentence, tokens, place, day, seen)
        if token.norm in PRONOUNS:
            return Mention(token.start, token.end, token.raw, "pronoun", role=token.norm), 1
        return self._anaphor(sentence, tokens, place)

    def _phrase(
        self, sentence: str, tokens: list[Token], place: int, _: date | None, __: Sequence[Actor]
    ) -> tuple[Mention | None, int]:
        """Find a full name or alias."""
        for alias in self._aliases.opening_with(tokens[place].norm):
            part = tokens[place : place + len(alias.words)]
            if tuple(token.norm for token in part) != alias.words or any(token.possessive for token in part[1:-1]):
                continue
            if len(part) > 1 and part[0].possessive and alias.words[0] not in COUNTRIES:
                continue
            if not alias.is_written_as([token.raw for token in part]):
                continue
            if alias.actor.kind == "person":
                return mention_of(sentence, part, "name", alias.actor), len(part)
            longer = tokens[place : place + len(part) + 1]
            if longer[-1].norm in SPEAKS_FOR and longer[-1].start - part[-1].start - len(part[-1].raw) == 1:
                part = longer
            return mention_of(sentence, part, "body", alias.actor), len(part)
        return self._group(sentence, tokens, place)

    def _shortened(
        self, sentence: str, tokens: list[Token], place: int, _: date | None, __: Sequence[Actor]
    ) -> tuple[Mention | None, int]:
        """Find a body called without its country: "the foreign ministry", "the administration"."""
        opens = tokens[place].norm in self._aliases.shortened_openings
        for length in range(min(5, len(tokens) - place), 0, -1) if opens else ():
            part = tokens[place : place + length]
            words = tuple(token.norm for token in part)
            alone = length > 1 or words[0] in SHORTENED
            if alone and words in self._aliases.shortened and not (place and tokens[place - 1].norm in COUNTRIES):
                return mention_of(sentence, part, "office", None, " ".join(words)), length
        return None, 0

    def by_name(self, name: str) -> Actor | None:
        """Return the actor of a canonical name."""
        return self._by_name.get(name)

    def named(self, name: str) -> Actor | None:
        """Return the person of a full name or alias."""
        words = [token.norm for token in tokenize_names(name)]
        return self._exact(words) if words else None

    def called(self, name: str) -> Sequence[Actor]:
        """Return the bodies that a name without its country may mean."""
        return self._aliases.shortened.get(tuple(name.split()), ())

    def resembling(self, words: tuple[str, ...], seen: Sequence[Actor] = ()) -> tuple[float, Actor | None]:
        """Return how much, in percent, a strange name resembles the most alike person, one seen before preferred."""
        before = self._people.most_alike(words, seen)
        return max(before, self._people.resembled(words), key=lambda pair: pair[0])

    def _group(self, sentence: str, tokens: list[Token], place: int) -> tuple[Mention | None, int]:
        """Find people known by their country or body alone: "a senior Turkish official", "Greek diplomats"."""
        country = COUNTRIES.get(tokens[place].norm)
        if country is None or not tokens[place].is_name:
            return None, 0
        for after in range(place + 1, min(place + 4, len(tokens))):
            if tokens[after].norm in GROUPS and country in self._bodies:
                return mention_of(sentence, tokens[place : after + 1], "body", self._bodies[country]), after + 1 - place
            if tokens[after].norm not in UNNAMED:
                break
        return None, 0

    def _office(
        self, sentence: str, tokens: list[Token], place: int, day: date | None, seen: Sequence[Actor]
    ) -> tuple[Mention | None, int]:
        """Find an office with its country, and the name behind it: "Turkish Defense Minister Hulusi Akal"."""
        country, start = COUNTRIES.get(tokens[place].norm), place + 1
        if country is None or not tokens[place].is_name:
            country, start = None, place
        role, length = self._role(tokens, start)
        while country and not role and start < len(tokens) and tokens[start].norm in UNNAMED:
            start += 1
            role, length = self._role(tokens, start)
        if not role or (country and "," in sentence[tokens[place].end : tokens[start].start]):
            return None, 0
        end = start + length
        if country is None and end + 1 < len(tokens) and tokens[end].norm == "of":
            named = end + 2 if tokens[end + 1].norm == "the" and end + 2 < len(tokens) else end + 1
            country = COUNTRIES.get(tokens[named].norm)
            end = named + 1 if country else end
        holders = self._people.holding(role, country, day, seen)
        name, used = self._name_behind(tokens, end, holders)
        part = tokens[place : end + used]
        if name is not None or used:
            kind = "name" if name else "unknown"
            text = tokens[end : end + used] if not name else part
            return mention_of(sentence, text, kind, name, role), end + used - place
        if country is None:
            return (
                (mention_of(sentence, part, "office", None, role), end - place)
                if is_definite(tokens, place)
                else (None, 0)
            )
        actor = holders[0] if len(holders) == 1 else self._bodies.get(country)
        return mention_of(
            sentence, part, "name" if actor and actor.kind == "person" else "body", actor, role
        ), end - place

    def _role(self, tokens: list[Token], place: int) -> tuple[str, int]:
        if place >= len(tokens) or tokens[place].norm not in self._role_openings:
            return "", 0
        for length in range(min(6, len(tokens) - place), 0, -1):
            role = self._roles.get(" ".join(token.norm for token in tokens[place : place + length]))
            if role:
                return role, length
        return "", 0

    def _name_behind(self, tokens: list[Token], place: int, holders: list[Actor]) -> tuple[Actor | None, int]:
        """Return the person named right behind an office and the number of tokens of the name."""
        used = 0
        while place + used < len(tokens) and used < 4 and continues_name(tokens, place + used):
            used += 1
        if not used:
            return None, 0
        words = [token.norm for token in tokens[place : place + used]]
        for length in range(used, 0, -1):
            exact = self._exact(words[:length])
            if exact:
                return exact, length
        everyone = self._people.resembled(tuple(words)) if used > 1 else (0.0, None)
        for (alike, best), least in ((everyone, ALONE), (self._people.most_alike(words, holders), OFFICE)):
            if alike >= least:
                return best, used
        return None, used

    def _exact(self, words: list[str]) -> Actor | None:
        for alias in self._aliases.opening_with(words[0]):
            if list(alias.words) == words and alias.actor.kind == "person":
                return alias.actor
        return self._people.of_surname(words)

    def _person(
        self, sentence: str, tokens: list[Token], place: int, day: date | None, seen: Sequence[Actor]
    ) -> tuple[Mention | None, int]:
        """Find a person by surname, by a garbled name, or a name of nobody in the list."""
        used = 1
        while place + used < len(tokens) and used < 4 and continues_name(tokens, place + used):
            used += 1
        part = tokens[place : place + used]
        words = [token.norm for token in part if token.norm not in TITLES]
        if not words:
            return None, 1
        if len(part[0].raw) == 1 and sentence[part[0].end : part[0].end + 1] == "-":
            return None, used  # R-Ohio
        titled = len(words) < len(part)
        prefixes = range(1, len(part)) if not titled and words[-1] not in self._people.surnames else ()
        for length in prefixes:  # Trump Leans on GOP
            actor = self._people.by_surname(words[:length], day, seen)
            if actor:
                return mention_of(sentence, part[:length], "name", actor), length
        speaks = place + used < len(tokens) and (tokens[place + used].norm in CUES or sentence[part[-1].end] == ":")
        least = TITLED if len(words) > 1 or titled else ALONE if place or speaks else IMPOSSIBLE
        actor = self._people.by_surname(words, day, seen)
        if actor is None and not self._aliases.opening_with(words[-1]):
            actor = self._people.garbled(words, seen, least)
        if actor:
            return mention_of(sentence, part, "name", actor), used
        if (len(words) > 1 or titled) and not any(
            word in COUNTRIES or word in self._aliases.openings for word in words
        ):
            last_title = max((i for i, token in enumerate(part) if token.norm in TITLES), default=-1)
            named = part[last_title + 1 :] or part
            return mention_of(sentence, named, "unknown", None), used
        return None, 1

    def _anaphor(self, sentence: str, tokens: list[Token], place: int) -> tuple[Mention | None, int]:
        """Find a word that stands for somebody named before: "the minister", "the ministry"."""
        role = ANAPHORS.get(tokens[place].norm)
        if role is None or not is_definite(tokens, place):
            return None, 1
        return mention_of(sentence, tokens[place : place + 1], "office", None, role), 1


def _stranger(sentence: str, tokens: list[Token], place: int, strangers: Container[str]) -> Mention | None:
    """Find the surname of somebody not in the list, known from before or from a verb of saying before it."""
    token = tokens[place]
    if not token.is_name or token.norm in COMMON or token.norm in COUNTRIES:
        return None
    told = place > 0 and tokens[place - 1].norm in SAYING and tokens[place - 1].norm not in TAKES_OBJECT
    return mention_of(sentence, [token], "unknown", None) if token.norm in strangers or told else None
