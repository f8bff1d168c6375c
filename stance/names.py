"""Words of a sentence as names: how they are cut, spelled and compared, and which of them belong together."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from stance.lexicon import COMMON, COUNTRIES, CUES, POINTING
from stance.text import fold

_TOKEN = re.compile(r"(?:[A-Z]\.\s?){2,}(?![a-z])|[^\W_]+(?:['’][^\W_]+)*\.?")
PARTICLES = {"van", "von", "der", "de", "le", "la", "al", "bin", "el", "del", "di"}
_TRANSLITERATED = (
    ("tch", "c"), ("ch", "c"), ("sh", "s"), ("gh", "g"), ("kh", "h"), ("zh", "j"), ("ph", "f"), ("ou", "u"),
    ("oo", "u"),
    ("dj", "j"), ("ck", "k"), ("c", "k"), ("y", "i"), ("w", "v"), ("q", "k"),
)  # fmt: skip
#: Least similarity, in percent, of a garbled surname: by what else speaks for the person.
OFFICE, SEEN, TITLED, ALONE, IMPOSSIBLE = 50.0, 72.0, 78.0, 86.0, 101.0


@dataclass(frozen=True)
class Token:
    """A word of a sentence."""

    start: int
    end: int
    raw: str
    norm: str
    possessive: bool

    @property
    def is_name(self) -> bool:
        """Whether it is written as names are."""
        return self.raw[:1].isupper()


def tokenize_names(text: str) -> list[Token]:
    """Return the words of a text with their places, a possessive ending marked and left out of the norm."""
    tokens = []
    for match in _TOKEN.finditer(text):
        raw = match[0].rstrip()
        norm = fold(raw).lower()
        possessive = norm.endswith("'s")
        norm = norm.removesuffix("'s").replace(".", "").replace(" ", "").replace("'", "")
        norm = {"us": "us" if raw[:2].isupper() or "." in raw else "_us", "usa": "us"}.get(norm, norm)
        norm = norm.replace("defense", "defence").replace("program", "programme") if len(norm) < 9 else norm
        if norm:
            end = match.start() + len(raw) - (raw.endswith(".") and not _is_initials(raw))
            tokens.append(Token(match.start(), end, raw, norm, possessive))
    return tokens


def _is_initials(raw: str) -> bool:
    return raw.count(".") > 1


def same_country(word: str) -> list[str]:
    """Return the other names of the country that a word names."""
    country = COUNTRIES.get(word)
    return [other for other, named in COUNTRIES.items() if country and named == country and other != word]


def surname(name: str) -> str:
    """Return the last word of a name as names are compared."""
    tokens = tokenize_names(name)
    return tokens[-1].norm if tokens else ""


def surname_of(words: tuple[str, ...]) -> str:
    """Return the surname of a full name, particles included."""
    start = len(words) - 1
    while start > 1 and words[start - 1] in PARTICLES:
        start -= 1
    return " ".join(words[start:])


def continues_name(tokens: list[Token], place: int) -> bool:
    """Whether a token can belong to a person's name that stands right before it."""
    token, before = tokens[place], tokens[place - 1] if place else None
    if before is not None and (before.possessive or token.start - before.start - len(before.raw) > 1):
        return False
    if token.norm in COUNTRIES or token.norm in COMMON:
        return False
    return token.is_name or token.norm in PARTICLES


def likeness(words: Sequence[str], name: str, given: Collection[str]) -> float:
    """Return how much a garbled name resembles a person's, in percent; 0 where a given name belongs to another."""
    from rapidfuzz.fuzz import ratio

    surname = name.split()[-1].lower()
    likeness = ratio(sound(words[-1]), sound(surname))
    if len(words) > 1:
        first = max((ratio(sound(words[0]), sound(first_name)) for first_name in given), default=0.0)
        if first < 60:
            return 0.0
        likeness = max(likeness, (likeness + first) / 2) if likeness >= OFFICE else 0.0
    elif words[-1][:1] != surname[:1] and sound(words[-1])[:1] != sound(surname)[:1]:
        likeness -= 12  # the first letter is what garbling changes least
    return likeness


def sound(word: str) -> str:
    """Return one spelling for the usual transliterations of a name, doubled letters written once."""
    for letters, plain in _TRANSLITERATED:
        word = word.replace(letters, plain)
    return re.sub(r"(.)\1", r"\1", word)


def given_fits(words: Sequence[str], given: set[str]) -> bool:
    """Whether one of some words is, or abbreviates, or garbles one of a person's given names."""
    from rapidfuzz.fuzz import ratio

    return any(ratio(sound(word), sound(name)) >= 70 or word == name[:1] for word in words for name in given)


def is_definite(tokens: list[Token], place: int) -> bool:
    """Whether "the" or its like stands before a token, or, as in translations that drop articles, nothing or a verb."""
    return place == 0 or tokens[place - 1].norm in POINTING or tokens[place - 1].norm in CUES
