"""A place in a sentence that names somebody, and which of these belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from stance.actors import Actor
from stance.lexicon import ANAPHORS, LINKS, TITLES, UNNAMED
from stance.names import Token, tokenize_names


@dataclass(frozen=True)
class Mention:
    """A place in a sentence that names somebody."""

    start: int
    end: int
    text: str
    kind: str  #: ``name``, ``body``, ``unknown`` (a name of nobody in the list), ``office`` or ``pronoun``
    actor: Actor | None = None
    role: str = ""  #: of an office or a word that stands for one


def mention_of(sentence: str, part: Sequence[Token], kind: str, actor: Actor | None, role: str = "") -> Mention:
    """Return the mention that some tokens make, a possessive ending left out."""
    start, end = part[0].start, part[-1].end
    text = sentence[start:end]
    for ending in ("'s", "’s"):
        text = text.removesuffix(ending)
    return Mention(start, start + len(text), text, kind, actor, role)


def joined(sentence: str, mentions: list[Mention]) -> list[Mention]:
    """Return mentions with what belongs to a name joined to it: "Pentagon deputy Ellen Lord"."""
    kept_apart: list[Mention] = []
    for mention in mentions:
        last = kept_apart[-1] if kept_apart else None
        if last is not None and _belongs(sentence[last.end : mention.start], last, mention):
            kept = mention if mention.kind in ("name", "unknown") else last
            kept_apart[-1] = replace(kept, start=last.start, end=mention.end, text=sentence[last.start : mention.end])
            if kept.kind == "unknown":
                kept_apart[-1] = replace(kept_apart[-1], text=mention.text)
        else:
            kept_apart.append(mention)
    return kept_apart


def _belongs(between: str, last: Mention, mention: Mention) -> bool:
    """Whether two mentions are parts of one."""
    words = [token.norm for token in tokenize_names(between)]
    if last.role and last.actor is mention.actor and mention.kind == "name" and between.strip() in ("", ","):
        return True
    modified = last.kind == "body" and not re.search(r"[,;:.(]|['’]s", between) and len(words) <= 4
    if modified and mention.kind in ("name", "unknown", "office"):
        return all(word in TITLES or word in UNNAMED or word in ANAPHORS or word in LINKS for word in words) and (
            mention.kind != "office" or not words
        )
    return False
