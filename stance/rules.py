"""What rules say on who holds the stance of a sentence: the speaker of what it reports, or the actor of what it tells.

Read in the order of the article, with a memory of who spoke last. In this order:

1. a headline's "Speaker: ..." or "... - Speaker", and "according to X";
2. the speaker behind a quotation or a whole clause, then the subject of a verb of saying, or else of thinking, outside
   the quotation: before the verb ("X, the minister, said") or, where it is turned round, behind it ("..., said X");
3. within a quotation that runs over several sentences, its speaker, named before, within or only at its end;
4. the actor that the sentence opens with, if it does something.

A pronoun or a word such as "the minister" stands for the last speaker it fits. What the rules say is a proposal:
`stance.attribution` weighs it against everybody else who is named.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from stance.actors import Actor
from stance.holders import Holders
from stance.lexicon import ACTS, FIRST_PERSON
from stance.mentions import Mention
from stance.names import surname, tokenize_names
from stance.quotations import Quoted, quoted_parts
from stance.sentences import Sentence
from stance.speakers import Reading, according, closing_speaker, headline, is_dateline, is_verbal, subject_of_saying

UNKNOWN = "unknown"
ROLE_WORDS = {"general": "command", "lawmaker": "represent", "politician": "member", "expert": "analyst"}
BODY_WORDS = {
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
class Memory:
    """What a reader keeps in mind from sentence to sentence."""

    people: list[Actor] = field(default_factory=list)  #: mentioned, the latest last
    bodies: list[Actor] = field(default_factory=list)
    strangers: dict[str, str] = field(default_factory=dict)  #: full names of people not in the list, by surname
    speaker: Attribution | None = None  #: of the last sentence that had one
    topic: Attribution | None = None  #: the person whom "he" or "she" would mean
    age: int = 0  #: sentences since the topic was last spoken of

    def copy(self) -> Memory:
        """Return what is kept in mind now."""
        return replace(self, people=[*self.people], bodies=[*self.bodies], strangers={**self.strangers})

    def meet(self, mentions: Sequence[Mention]) -> None:
        """Take in the names of people not in the list."""
        for mention in mentions:
            if mention.kind == "unknown" and " " in mention.text:
                self.strangers[surname(mention.text)] = mention.text

    def keep(
        self, mentions: Sequence[Mention], found: Attribution, opener: Attribution | None, *, spoken: bool
    ) -> None:
        """Take in a sentence: whom it mentions, who spoke, or that somebody did whose name is not known."""
        for actor in (mention.actor for mention in mentions if mention.actor is not None):
            kept = self.people if actor.kind == "person" else self.bodies
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


@dataclass(frozen=True)
class Scene:
    """A sentence as a reader comes to it, and what the rules say."""

    sentence: Sentence
    reading: Reading
    mentions: tuple[Mention, ...]  #: of those who may hold its stance, within quotation marks too
    memory: Memory  #: before the sentence
    opener: Attribution | None  #: the person that it opens with
    named: Mention | None  #: that a rule singles out, whoever it means
    rule: str  #: the rule that decided
    proposal: Attribution


def propose(
    sentences: Sequence[Sentence],
    holders: Holders,
    published: date | None = None,
    excluded: Sequence[Collection[str]] | None = None,
) -> list[Scene]:
    """Return for each sentence of an article who holds its stance by the rules, with all that they saw.

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
    memory, scenes = Memory(), list[Scene]()
    quoted = quoted_parts(sentences)
    barred = excluded or [()] * len(sentences)
    turn: tuple[int, Attribution] | None = None  # a transcript's paragraph and who has the word
    for sentence, part, sides in zip(sentences, quoted, barred, strict=True):
        tokens = tokenize_names(part.text)
        mentions = holders.mentions(part.text, published, memory.people, tokens, memory.strangers)
        memory.meet(mentions)
        able = [m for m in mentions if m.actor is None or m.actor.side(published) not in sides]
        able = [m for m in able if not is_dateline(part.text, m)]
        free = [mention for mention in able if part.outside[mention.start]]
        reading = Reading(part.text, tokens, free, part.outside)
        opener = _opener(reading)
        named, rule, found = _one(reading, memory, opener, inside=part.begins)
        if turn and turn[0] == sentence.paragraph and found.cue != ":" and not reading.saying:
            rule, found = "turn", replace(turn[1], mention="", cue="", kind="direct")
        elif found.cue == ":" and not sentence.text.strip().endswith(('"', "”")):
            turn = (sentence.paragraph, found)
        scenes.append(Scene(sentence, reading, tuple(able), memory.copy(), opener, named, rule, found))
        memory.keep(mentions, found, opener, spoken=bool(reading.saying))
    return _spread(scenes, quoted)


def _opener(reading: Reading) -> Attribution | None:
    """Return the person that a sentence opens with, whom a pronoun in it or after it would mean."""
    for mention in reading.subjects:
        if mention.kind in ("name", "unknown"):
            name = mention.actor.name if mention.actor else mention.text
            return Attribution(name, mention.actor) if mention.start < 3 or mention.kind == "unknown" else None
    return None


def _one(
    reading: Reading, memory: Memory, opener: Attribution | None, *, inside: bool
) -> tuple[Mention | None, str, Attribution]:
    """Return the mention that a rule singles out, the rule, and the attribution that it gives."""
    first: Mention | None = None
    for find in (headline, according, closing_speaker, subject_of_saying):
        named = find(reading)
        if named is None:
            continue
        first = first or named[0]
        resolved = _resolve(named[0], memory, opener)
        if resolved:
            quoted = reading.outside.count(False) > 0.33 * len(reading.outside)
            return first, find.__name__, replace(resolved, cue=named[1], kind="direct" if quoted else "indirect")
        if named[0].kind != "pronoun":
            return first, find.__name__, NOBODY
    goes_on = inside and not all(reading.outside)
    first_person = any(t.norm in FIRST_PERSON and reading.outside[t.start] for t in reading.tokens)
    if (goes_on or first_person) and not reading.saying:
        speaker = memory.speaker if memory.speaker and not is_body(memory.speaker) else None
        found = replace(speaker, mention="", cue="", kind="direct") if speaker else NOBODY
        return first, "goes_on" if goes_on else "first_person", found
    if reading.saying and not (opener and opener.actor):
        return first, "somebody", NOBODY  # somebody says it whose name is not known
    return first, "acted", _acted(reading, memory)


def _acted(reading: Reading, memory: Memory) -> Attribution:
    """Return the actor that a sentence without a verb of saying opens with, if it does something."""
    mention = next(iter(reading.subjects), None)
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


def _resolve(mention: Mention, memory: Memory, opener: Attribution | None) -> Attribution | None:
    """Return whom a mention means, None if nobody before fits it."""
    if mention.actor is not None:
        return Attribution(mention.actor.name, mention.actor, mention.text)
    if mention.kind == "unknown":
        return Attribution(memory.strangers.get(surname(mention.text), mention.text), None, mention.text)
    found = _pronoun(mention, memory, opener) if mention.kind == "pronoun" else _stand_in(mention, memory)
    return replace(found, mention=mention.text) if found else None


def is_body(attribution: Attribution) -> bool:
    """Whether it names a body."""
    return attribution.actor is not None and attribution.actor.kind != "person"


def _pronoun(mention: Mention, memory: Memory, opener: Attribution | None) -> Attribution | None:
    if mention.role in ("he", "she"):
        alone = memory.people[0] if len(memory.people) == 1 else None
        return opener or memory.topic or (Attribution(alone.name, alone) if alone else None)
    speaker = memory.speaker if memory.speaker and is_body(memory.speaker) else None
    return speaker if mention.role in ("it", "they") and mention.start < 3 else None


def _stand_in(mention: Mention, memory: Memory) -> Attribution | None:
    """Return whom "the minister" or "the ministry" means: the speaker, or the only one who fits."""
    wanted = ROLE_WORDS.get(mention.role, mention.role)
    fitting = [actor for actor in memory.people if any(wanted in office.role for office in actor.offices)]
    unlisted = memory.speaker is not None and memory.speaker.actor is None and mention.role not in BODY_WORDS
    if memory.speaker and (memory.speaker.actor in fitting or (unlisted and not fitting)):
        return memory.speaker
    if len(fitting) == 1:
        return Attribution(fitting[0].name, fitting[0])
    word = BODY_WORDS.get(mention.role)
    bodies = [actor for actor in memory.bodies if word and word in actor.name.lower()]
    return Attribution(bodies[-1].name, bodies[-1]) if bodies else None


def _spread(scenes: list[Scene], quoted: Sequence[Quoted]) -> list[Scene]:
    """Give the sentences of a quotation the speaker who is named only at its end."""
    for number in range(len(scenes) - 2, -1, -1):
        scene, later = scenes[number], scenes[number + 1]
        same = scene.sentence.paragraph == later.sentence.paragraph
        named = scene.proposal.cue and scene.proposal.mention
        if quoted[number].ends and same and later.proposal.is_known and not named:
            spread = replace(later.proposal, mention="", cue="", kind="direct")
            scenes[number] = replace(scene, rule="spread", proposal=spread)
    return scenes
