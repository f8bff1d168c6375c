"""Who holds the stance of a sentence: the speaker of what it reports, or the actor of what it tells.

Read in the order of the article, with a memory of who spoke last. In this order:

1. a headline's "Speaker: ..." or "... - Speaker", and "according to X";
2. the speaker behind a quotation or a whole clause, then the subject of a verb of saying, or else of thinking, outside
   the quotation: before the verb ("X, the minister, said") or, where it is turned round, behind it ("..., said X");
3. within a quotation that runs over several sentences, its speaker, named before, within or only at its end;
4. the actor that the sentence opens with, if it does something;
5. otherwise nobody: ``unknown`` is better than a guess.

A pronoun or a word such as "the minister" stands for the last speaker it fits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from stance.actors import Actor
from stance.holders import Holders
from stance.lexicon import ACTS, FIRST_PERSON
from stance.mentions import Mention
from stance.names import tokenize_names
from stance.quotations import Quoted, quoted_parts
from stance.sentences import Sentence
from stance.speakers import Reading, according, closing_speaker, headline, is_dateline, is_verbal, subject_of_saying

UNKNOWN = "unknown"
_ROLE_WORDS = {"general": "command", "lawmaker": "represent", "politician": "member", "expert": "analyst"}
_BODY_WORDS = {
    "ministry": "ministry", "department": "department", "alliance": "nato", "committee": "committee", "bloc": "union",
    "party": "party",
}  # fmt: skip


@dataclass(frozen=True)
class Attribution:
    """Who holds a sentence's stance, and how the sentence tells so."""

    holder: str  #: canonical name, the name of somebody not in the list as it stands there, or ``unknown``
    actor: Actor | None = None
    mention: str = ""  #: the words that name the holder in the sentence; empty where it has none
    cue: str = ""  #: the verb or sign of saying or acting
    kind: str = "narration"  #: ``direct``, ``indirect``, ``act`` or ``narration``

    @property
    def is_known(self) -> bool:
        """Whether it names anybody."""
        return self.holder != UNKNOWN


NOBODY = Attribution(UNKNOWN)
REACH = 2
"""Sentences after which a pronoun no longer means somebody."""


@dataclass
class _Memory:
    """What a reader keeps in mind from sentence to sentence."""

    seen: list[Actor] = field(default_factory=list)  #: people, the latest last
    bodies: list[Actor] = field(default_factory=list)
    names: list[str] = field(default_factory=list)  #: of people not in the list who have spoken
    speaker: Attribution | None = None  #: of the last sentence that had one
    topic: Attribution | None = None  #: the person whom "he" or "she" would mean
    age: int = 0  #: sentences since the topic was last spoken of

    def keep(
        self, mentions: Sequence[Mention], found: Attribution, opener: Attribution | None, *, spoken: bool
    ) -> None:
        """Take in a sentence: whom it mentions, who spoke, or that somebody did whose name is not known."""
        for actor in (mention.actor for mention in mentions if mention.actor is not None):
            kept = self.seen if actor.kind == "person" else self.bodies
            if actor in kept:
                kept.remove(actor)
            kept.append(actor)
        self.age += 1
        if found.is_known and found.cue and found.kind != "act":
            self.speaker = found
            if found.actor is None or found.actor.kind == "person":
                self.topic, self.age = found, 0
        elif spoken and not found.is_known:
            self.speaker = None
        if opener is not None:
            self.topic, self.age = opener, 0
        if self.age >= REACH:
            self.topic = None


def attribute(
    sentences: Sequence[Sentence],
    holders: Holders,
    published: date | None = None,
    excluded: Sequence[Collection[str]] | None = None,
) -> list[Attribution]:
    """Return for each sentence of an article who holds the stance that it may carry.

    Parameters
    ----------
    sentences : sequence of Sentence
        The whole article, in order.
    holders : Holders
    published : date, optional
        Tells who held an office.
    excluded : sequence of collections of str, optional
        For each sentence the sides that cannot hold its stance: a government does not oppose its own purchase.
    """
    memory, found = _Memory(), []
    quoted = quoted_parts(sentences)
    barred = excluded or [()] * len(sentences)
    turn: tuple[int, Attribution] | None = None  # a transcript's paragraph and who has the word
    for sentence, part, sides in zip(sentences, quoted, barred, strict=True):
        tokens = tokenize_names(part.text)
        mentions = holders.mentions(part.text, published, memory.seen, tokens)
        free = [mention for mention in mentions if part.outside[mention.start]]
        free = [m for m in free if m.actor is None or m.actor.side(published) not in sides]
        free = [m for m in free if not is_dateline(part.text, m)]
        reading = Reading(part.text, tokens, free, part.outside)
        opener = _opener(reading)
        found.append(_one(reading, memory, opener, inside=part.begins))
        if found[-1].cue == ":" and not sentence.text.strip().endswith(('"', "”")):
            turn = (sentence.paragraph, found[-1])
        elif turn and turn[0] == sentence.paragraph and not reading.saying:
            found[-1] = replace(turn[1], mention="", cue="", kind="direct")
        memory.keep(mentions, found[-1], opener, spoken=bool(reading.saying))
    return _spread(sentences, quoted, found)


def _opener(reading: Reading) -> Attribution | None:
    """Return the person that a sentence opens with, whom a pronoun in it or after it would mean."""
    for mention in reading.mentions:
        if mention.kind in ("name", "unknown") and reading.can_be_subject(mention):
            name = mention.actor.name if mention.actor else mention.text
            return Attribution(name, mention.actor) if mention.start < 3 or mention.kind == "unknown" else None
    return None


def _one(reading: Reading, memory: _Memory, opener: Attribution | None, *, inside: bool) -> Attribution:
    """Return the attribution that a sentence gives by itself and by what came before."""
    for find in (headline, according, closing_speaker, subject_of_saying):
        named = find(reading)
        resolved = _resolve(named[0], memory, opener) if named else None
        if named and resolved:
            quoted = reading.outside.count(False) > 0.33 * len(reading.outside)
            return replace(resolved, cue=named[1], kind="direct" if quoted else "indirect")
        if named and named[0].kind != "pronoun":
            return NOBODY
    goes_on = inside and not all(reading.outside)
    first_person = any(t.norm in FIRST_PERSON and reading.outside[t.start] for t in reading.tokens)
    if (goes_on or first_person) and not reading.saying:
        speaker = memory.speaker if memory.speaker and not _is_body(memory.speaker) else None
        return replace(speaker, mention="", cue="", kind="direct") if speaker else NOBODY
    if reading.saying and not (opener and opener.actor):
        return NOBODY  # somebody says it whose name is not known
    return _acted(reading, memory)


def _acted(reading: Reading, memory: _Memory) -> Attribution:
    """Return the actor that a sentence without a verb of saying opens with, if it does something."""
    mention = next((m for m in reading.mentions if reading.can_be_subject(m)), None)
    if mention is None or mention.kind == "pronoun":
        return NOBODY
    behind = reading.behind(mention)[:6]
    if any(token.norm in ("was", "were", "been", "being") for token in behind[:2]):
        return NOBODY
    opens = mention.start < 3
    act = next((token for token in behind if token.norm in ACTS or is_verbal(token)), None)
    if act is None and opens and behind and (mention.kind != "body" or behind[0].raw.islower()):
        act = behind[0]
    resolved = _resolve(mention, memory, None) if act else None
    if act is None or resolved is None:
        return NOBODY
    return replace(resolved, cue=act.raw.rstrip("."), kind="act" if act.norm in ACTS else "narration")


def _resolve(mention: Mention, memory: _Memory, opener: Attribution | None) -> Attribution | None:
    """Return whom a mention means, None if nobody before fits it."""
    if mention.actor is not None:
        return Attribution(mention.actor.name, mention.actor, mention.text)
    if mention.kind == "unknown":
        longer = next((name for name in memory.names if name.split()[-1].lower() == mention.text.lower()), mention.text)
        memory.names.append(longer)
        return Attribution(longer, None, mention.text)
    found = _pronoun(mention, memory, opener) if mention.kind == "pronoun" else _stand_in(mention, memory)
    return replace(found, mention=mention.text) if found else None


def _is_body(attribution: Attribution) -> bool:
    return attribution.actor is not None and attribution.actor.kind != "person"


def _pronoun(mention: Mention, memory: _Memory, opener: Attribution | None) -> Attribution | None:
    if mention.role in ("he", "she"):
        alone = memory.seen[0] if len(memory.seen) == 1 else None
        return opener or memory.topic or (Attribution(alone.name, alone) if alone else None)
    speaker = memory.speaker if memory.speaker and _is_body(memory.speaker) else None
    return speaker if mention.role in ("it", "they") and mention.start < 3 else None


def _stand_in(mention: Mention, memory: _Memory) -> Attribution | None:
    """Return whom "the minister" or "the ministry" means: the speaker, or the only one who fits."""
    wanted = _ROLE_WORDS.get(mention.role, mention.role)
    fitting = [actor for actor in memory.seen if any(wanted in office.role for office in actor.offices)]
    unlisted = memory.speaker is not None and memory.speaker.actor is None and mention.role not in _BODY_WORDS
    if memory.speaker and (memory.speaker.actor in fitting or (unlisted and not fitting)):
        return memory.speaker
    if len(fitting) == 1:
        return Attribution(fitting[0].name, fitting[0])
    word = _BODY_WORDS.get(mention.role)
    bodies = [actor for actor in memory.bodies if word and word in actor.name.lower()]
    return Attribution(bodies[-1].name, bodies[-1]) if bodies else None


def _spread(sentences: Sequence[Sentence], quoted: Sequence[Quoted], found: list[Attribution]) -> list[Attribution]:
    """Give the sentences of a quotation the speaker who is named only at its end."""
    for number in range(len(found) - 2, -1, -1):
        later, same = found[number + 1], sentences[number].paragraph == sentences[number + 1].paragraph
        if quoted[number].ends and same and later.is_known and not (found[number].cue and found[number].mention):
            found[number] = replace(later, mention="", cue="", kind="direct")
    return found
