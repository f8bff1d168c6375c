"""Who speaks in one sentence: headlines, "according to", closing speakers, and the subjects of verbs of saying."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from stance.lexicon import (
    ACTS,
    AUXILIARIES,
    CUE_NOUNS,
    CUES,
    PREPOSITIONS,
    SAYING,
    SOMEBODY,
    SPEAKS_FOR,
    TAKES_OBJECT,
    THINKING,
    TITLES,
    UNNAMED,
)  # fmt: skip
from stance.mentions import Mention
from stance.names import Token
from stance.sentences import CLOSING

_BEFORE_INVERSION = CLOSING + '",'
_DETERMINERS = {"the", "a", "an", "of", "their", "his", "its", "to"}
_LINKING = {
    "and", "or", "but", "itself", "also", "now", "then", "still", "not", "never", "already", "again", "who", "which",
}  # fmt: skip
_SPEAKS_OF = {"of", "at", "in", "for", "from"}
_BETWEEN = {"the", "a", "an", "his", "her", "their", "us", "turkish", "russian", "american", "two", "three", "several"}


@dataclass(frozen=True)
class Reading:
    """A sentence taken apart."""

    text: str
    tokens: list[Token]
    mentions: list[Mention]  #: those outside quotation marks
    outside: Sequence[bool]  #: for each character, and the end, whether it stands outside quotation marks

    def says(self, verbs: Container[str]) -> list[int]:
        """Return the positions of the tokens outside quotations that are one of `verbs` and no noun."""
        return [
            number
            for number, token in enumerate(self.tokens)
            if token.norm in verbs and self.outside[token.start] and self._is_verb(number)
        ]

    @cached_property
    def saying(self) -> list[int]:
        """The positions of the verbs of saying."""
        return self.says(SAYING)

    @cached_property
    def subjects(self) -> list[Mention]:
        """The mentions that can be subjects, in order."""
        return [mention for mention in self.mentions if self.can_be_subject(mention)]

    @cached_property
    def doing(self) -> list[Token]:
        """The verbs of saying, thinking or acting outside quotations."""
        return [t for t in self.tokens if (t.norm in CUES or t.norm in ACTS) and self.outside[t.start]]

    def _is_verb(self, number: int) -> bool:
        """Whether a form that can be verb or noun is no noun, "the calls", and no name, "the United States"."""
        token, before = self.tokens[number], self.tokens[number - 1].norm if number else ""
        return before not in _DETERMINERS and token.norm not in CUE_NOUNS and (token.raw[0].islower() or number == 0)

    def behind(self, mention: Mention) -> list[Token]:
        """Return the tokens behind a mention."""
        return [token for token in self.tokens if token.start >= mention.end]

    def governed(self, mention: Mention) -> bool:
        """Whether a preposition stands before a mention: "with Akar", "to the US secretary of state"."""
        before = [token for token in self.tokens if token.end <= mention.start][-5:]
        for place in range(len(before) - 1, -1, -1):
            token = before[place]
            if token.norm in PREPOSITIONS:
                titled = token.norm == "of" and place > 0 and before[place - 1].norm in TITLES  # head of NATO X
                spoken_for = place > 0 and before[place - 1].norm in SPEAKS_FOR and token.norm in _SPEAKS_OF
                return not (spoken_for if mention.kind == "body" else titled)
            if token.norm not in _BETWEEN and token.norm not in UNNAMED:
                return False
        return False

    def possessive(self, mention: Mention) -> bool:
        """Whether a mention owns what follows: "Akar's words"."""
        return self.text[mention.end : mention.end + 2] in ("'s", "’s")

    def can_be_subject(self, mention: Mention) -> bool:
        """Whether neither a preposition, an ending nor an article of a longer noun makes a mention part of another."""
        if self.governed(mention) or self.possessive(mention):
            return False
        if mention.kind != "body" or mention.text.split()[-1].lower() in SPEAKS_FOR:
            return True
        before = [token.norm for token in self.tokens if token.end <= mention.start]
        for_it = before[-4:] if self._spoken_for(mention) else []
        told_of = any(word in SPEAKS_FOR or word in SOMEBODY for word in before[: len(before) - len(for_it)])
        return before[-1:] not in (["a"], ["an"]) and not told_of and not self._modifies(mention)

    def _spoken_for(self, mention: Mention) -> bool:
        """Whether somebody without a name speaks for a body: "an official at the foreign ministry"."""
        before = [token.norm for token in self.tokens if token.end <= mention.start][-3:]
        return any(one in SPEAKS_FOR and of in _SPEAKS_OF for one, of in pairwise(before))

    def _modifies(self, mention: Mention) -> bool:
        """Whether a noun follows a body at once, which it only describes: "NATO general", "US legislation"."""
        token = next(iter(self.behind(mention)), None)
        if token is None or token.start - mention.end != 1 or not token.raw.islower():
            return False
        return not (is_verbal(token) or token.norm in ACTS | PREPOSITIONS | _LINKING or token.norm.endswith("s"))

    def has_own_verb(self, mention: Mention) -> bool:
        """Whether a verb of saying stands right behind a mention, whose subject it is."""
        behind = self.behind(mention)[:1]
        return bool(behind) and behind[0].norm in SAYING and behind[0].start - mention.end <= 2


def is_dateline(text: str, mention: Mention) -> bool:
    """Whether a capital at the start only says where the news comes from: "ANKARA, Feb 9 - ...", "ANKARA/MOSCOW"."""
    after = text[mention.end : mention.end + 2]
    return (
        mention.actor is not None
        and mention.actor.kind == "country"
        and mention.start < 14
        and mention.text.isupper()
        and (after[:1] in (",", "/", ":", "(") or after in (" -", " (", " –"))
    )


def headline(reading: Reading) -> tuple[Mention, str] | None:
    """Find "Speaker: ..." at the start and "... - Speaker" at the end."""
    text = reading.text
    for mention in reading.mentions:
        before = [token for token in reading.tokens if token.end <= mention.start]
        plain = len(before) < 6 and not any(token.norm in CUES or token.norm in PREPOSITIONS for token in before)
        speaks = mention.kind != "body" or not reading.saying
        if text[mention.end : mention.end + 1] == ":" and plain and speaks and reading.can_be_subject(mention):
            return mention, ":"
        dash = text[: mention.start].rstrip()
        if len(text.rstrip(". ")) == mention.end and dash[-1:] in ("-", "–", "—", ":") and len(dash) > 8:
            return mention, "-"
    return None


def according(reading: Reading) -> tuple[Mention, str] | None:
    """Find the source that "according to" names."""
    place = reading.text.lower().find("according to ")
    behind = [
        m for m in reading.mentions if place >= 0 and place < m.start <= place + 60 and not reading.has_own_verb(m)
    ]
    return (behind[0], reading.text[place : place + 12]) if behind else None


def closing_speaker(reading: Reading) -> tuple[Mention, str] | None:
    """Find the speaker behind a quotation or a whole clause: ``...," he shot back``, ``..., the US president said``."""
    for mention in reading.mentions:
        verb = next((token for token in reversed(reading.tokens) if token.end <= mention.start), None)
        if verb and reading.text[: verb.start].rstrip()[-1:] in ("”", '"', "»") and verb.raw.islower():
            near = (
                mention.start - verb.end <= 5
                and verb.norm not in PREPOSITIONS | TAKES_OBJECT
                and reading.outside[verb.start]
            )
            if near:
                return mention, verb.raw
    spoken = any(reading.has_own_verb(mention) for mention in reading.mentions if mention.kind != "pronoun")
    for mention in reversed(reading.mentions):
        before = reading.text[: mention.start].rstrip()
        for article in (" the", " a", " an"):
            before = before.removesuffix(article)
        before = before.rstrip()
        verb = next(iter(reading.behind(mention)), None)
        if verb is None or not before or verb.start - mention.end > 2 or not reading.outside[verb.start]:
            continue
        if mention.kind == "pronoun" and spoken:
            continue
        short = reading.text[verb.end :].strip(" .").count(" ") <= 12
        if before[-1] in CLOSING + '"' and verb.raw.islower() and verb.norm not in PREPOSITIONS:
            return mention, verb.raw.rstrip(".")
        if before[-1] == "," and verb.norm in SAYING and short:
            return mention, verb.raw.rstrip(".")
    return None


def subject_of_saying(reading: Reading) -> tuple[Mention, str] | None:
    """Find the subject of the first verb of saying that has one, or else of a verb of thinking."""
    thinking = reading.says(THINKING)
    first = next((m for m in reading.mentions if m.start < 3 and m.kind == "name" and not reading.possessive(m)), None)
    for number in reading.saying + thinking:
        if first and number in thinking:
            return first, reading.tokens[number].raw.rstrip(".")
        verb = reading.tokens[number]
        before = reading.text[: verb.start].rstrip()[-1:]
        turned = not verb.norm.endswith("ing") and (before == "" or before in _BEFORE_INVERSION)
        led_up_to = _before(reading, number)
        apposed = led_up_to is not None and reading.text[led_up_to.end : led_up_to.end + 2].strip().startswith(",")
        right_behind = next(
            (m for m in reading.mentions if m.start - verb.end == 1 and m.kind in ("name", "unknown")), None
        )
        if turned and right_behind and verb.norm not in TAKES_OBJECT:
            return right_behind, verb.raw.rstrip(".")
        subject = led_up_to if apposed or not turned else _behind(reading, number) or led_up_to
        if subject:
            return subject, verb.raw.rstrip(".")
    return None


def _before(reading: Reading, number: int) -> Mention | None:
    """Return the subject before a verb: the one that an apposition or "and" leads back to, or the nearest."""
    text, verb = reading.text, reading.tokens[number]
    clause = max(text.rfind(mark, 0, verb.start) for mark in (";", "? ", "! "))
    before = [m for m in reading.mentions if clause < m.start and m.end <= verb.start and reading.can_be_subject(m)]
    before = [m for m in before if not reading.has_own_verb(m) or m.end + 2 >= verb.start]
    if not before:
        return None
    if text[: verb.start].rstrip().endswith(","):
        apposed = [m for m in before if text[m.end : m.end + 2].strip().startswith(",")]
        return apposed[-1] if apposed else before[-1]
    joined = number > 0 and reading.tokens[number - 1].norm in ("and", "but")
    if joined or (verb.norm.endswith("ing") and reading.tokens[number - 1].norm != "as"):
        return before[0]
    between = text[before[-1].end : verb.start].strip()
    if "," in between and not (between.startswith(",") and between.count(",") > 1):
        return None  # somebody stands behind the comma who is not in the list
    return before[-1] if len(between.split()) <= 16 else None


def _named_right_behind(reading: Reading, verb: Token) -> Mention | None:
    """Return the person whose name follows a verb at once: "..., argues X"."""
    if verb.norm in TAKES_OBJECT:
        return None
    return next((m for m in reading.mentions if m.start - verb.end == 1 and m.kind in ("name", "unknown")), None)


def _behind(reading: Reading, number: int) -> Mention | None:
    """Return the subject right behind a verb, "..., said X"; not the one that is told, as in "told X"."""
    verb = reading.tokens[number]
    if verb.norm in TAKES_OBJECT:
        return None
    mention = next((m for m in reading.mentions if verb.end <= m.start), None)
    if mention is None or reading.possessive(mention):
        return None
    between = [token.norm for token in reading.tokens if verb.end <= token.start < mention.start]
    fine = len(between) <= 4 and not any(word in PREPOSITIONS or word in ("that", "it") for word in between)
    return mention if fine else None


def is_verbal(token: Token) -> bool:
    """Whether a word looks like a verb with a subject before it."""
    return token.raw.islower() and (token.norm in AUXILIARIES or token.norm.endswith("ed") or token.norm in CUES)
