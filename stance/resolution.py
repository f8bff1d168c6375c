"""Whom a mention may mean: everybody it fits, each with the clue that speaks for it.

A name in the list means one actor. A pronoun, "the minister", "the foreign ministry" or a strange name may mean
several; `stance.attribution` weighs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from stance.actors import Actor
from stance.mentions import Mention
from stance.names import surname, tokenize_names
from stance.rules import BODY_WORDS, ROLE_WORDS, Attribution, Scene, is_body
from stance.target import Label, Target

RECENT = 3
"""People and bodies, the latest ones, that a pronoun may mean."""

RESEMBLES = 60.0
"""Least likeness, in percent, at which a strange name may be a listed one."""


@dataclass(frozen=True)
class Option:
    """Somebody whom a mention may mean."""

    attribution: Attribution
    clue: str  #: how it fits


@dataclass(frozen=True)
class View:
    """What is known of an article as a whole when its mentions are resolved."""

    target: Target
    day: date | None
    countries: tuple[str, ...]  #: mentioned, the most frequent first
    author: Attribution | None

    def expects(self, actor: Actor, label: Label) -> bool:
        """Whether an actor is on a side that usually holds the stance."""
        return actor.side(self.day) in label.usual


def options(mention: Mention, scene: Scene, label: Label, view: View) -> list[Option]:
    """Return everybody whom a mention may mean."""
    if mention.actor is not None:
        return [Option(Attribution(mention.actor.name, mention.actor, mention.text), "named")]
    find = {"unknown": _stranger, "pronoun": _pronoun}.get(mention.kind, _stand_in)
    found = find(mention, scene, label, view)
    return [replace(option, attribution=replace(option.attribution, mention=mention.text)) for option in found]


def _stranger(mention: Mention, scene: Scene, label: Label, view: View) -> Iterator[Option]:
    """Yield somebody not in the list, and the listed person whom the name resembles most."""
    memory = scene.memory
    full = memory.strangers.get(surname(mention.text))
    yield Option(Attribution(full or mention.text), "known stranger" if full and full != mention.text else "stranger")
    words = tuple(token.norm for token in tokenize_names(mention.text))
    likeness, person = view.target.holders.resembling(words, memory.people)
    if person and likeness >= RESEMBLES:
        usual = "usual" if view.expects(person, label) else "unusual"
        yield Option(_of(person), f"resembles {int(likeness // 10)}0 {usual}")


def _pronoun(mention: Mention, scene: Scene, _: Label, view: View) -> Iterator[Option]:
    memory = scene.memory
    if mention.role in ("he", "she"):
        for attribution, clue in ((scene.opener, "opener"), (memory.topic, "topic")):
            if attribution:
                yield Option(attribution, f"he {clue}")
        yield from _latest(memory.people, "he")
        for name in list(memory.strangers.values())[-2:]:
            yield Option(Attribution(name), "he stranger")
    elif mention.role in ("it", "they"):
        yield from _latest(memory.bodies, "it")
        if memory.speaker and is_body(memory.speaker):
            yield Option(memory.speaker, "it speaker")
    else:
        for attribution, clue in ((memory.speaker, "speaker"), (view.author, "author")):
            if attribution:
                yield Option(attribution, f"I {clue}")


def _stand_in(mention: Mention, scene: Scene, label: Label, view: View) -> Iterator[Option]:
    """Yield whom "the minister", "the ministry" or "the foreign ministry" may mean."""
    yield from _bodies_called(mention, scene, label, view)
    memory = scene.memory
    wanted = ROLE_WORDS.get(mention.role, mention.role)
    fitting = [actor for actor in memory.people if any(wanted in office.role for office in actor.offices)]
    yield from _latest(fitting, "role")
    if len(fitting) == 1:
        yield Option(_of(fitting[0]), "role alone")
    if memory.speaker and (memory.speaker.actor in fitting or memory.speaker.actor is None):
        yield Option(memory.speaker, "role speaker")
    word = BODY_WORDS.get(mention.role)
    yield from _latest([body for body in memory.bodies if word and word in body.name.lower()], "body word")
    for actor in view.target.in_office(mention.role, view.day):
        yield Option(_of(actor), "office usual" if view.expects(actor, label) else "office")


def _bodies_called(mention: Mention, scene: Scene, label: Label, view: View) -> Iterator[Option]:
    here = {m.actor.country for m in scene.mentions if m.actor}
    bodies = view.target.holders.called(mention.role)
    for body in bodies:
        clues = {
            "seen": body in scene.memory.bodies,
            "usual": view.expects(body, label),
            "here": body.country in here,
            "main": body.country in view.countries[:1],
            "home": body.country == view.target.home,
            "alone": len(bodies) == 1,
        }
        yield Option(_of(body), "called")
        yield from (Option(_of(body), f"called {clue}") for clue, holds in clues.items() if holds)


def _latest(actors: Sequence[Actor], clue: str) -> Iterator[Option]:
    for back, actor in enumerate(reversed(actors[-RECENT:])):
        yield Option(_of(actor), f"{clue} {back}")


def _of(actor: Actor) -> Attribution:
    return Attribution(actor.name, actor)
