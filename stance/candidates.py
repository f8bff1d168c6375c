"""Everybody who may hold a sentence's stance, and what speaks for each: the features that `stance.attribution` weighs.

A candidate is whom the rules propose, whom a mention in the sentence may mean, who spoke last, spoke in the sentence
before, wrote the article, or is implied by an act without an actor. Features are names that hold or do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from stance.lexicon import ACTS, CUES, FIRST_PERSON, SAYING, TITLES
from stance.mentions import Mention
from stance.names import Token
from stance.resolution import View, options
from stance.rules import NOBODY, Attribution, Scene
from stance.speakers import is_verbal
from stance.target import Label

_PASSIVE = {"was", "were", "been", "be", "being"}
_PUT_OUT = {"thrown", "expelled", "struck", "kicked", "barred", "put", "cut"}


@dataclass
class Candidate:
    """Somebody who may hold the stance of a sentence."""

    attribution: Attribution
    features: set[str] = field(default_factory=set)


class Candidates:
    """The candidates of the sentences of one article.

    Parameters
    ----------
    scenes : sequence of Scene
    view : View
    """

    def __init__(self, scenes: Sequence[Scene], view: View) -> None:
        self.scenes = scenes
        self.view = view
        self._proposed = Counter(scene.proposal.holder for scene in scenes if scene.proposal.is_known)

    def of(self, number: int, label: Label) -> list[Candidate]:
        """Return the candidates for a stance of the sentence at `number`, those excluded left out."""
        scene, found = self.scenes[number], dict[str, Candidate]()
        sources = (
            self._rule(scene),
            self._mentioned(scene, label),
            self._around(number),
            self._implied(scene, label),
        )
        for source in sources:
            for attribution, features in source:
                excluded = attribution.actor and attribution.actor.side(self.view.day) in label.excluded
                if attribution.is_known and not excluded:
                    candidate = found.setdefault(attribution.holder, Candidate(attribution))
                    candidate.features |= features
        for candidate in found.values():
            self._as_a_whole(candidate, scene, label)
        return list(found.values())

    def _rule(self, scene: Scene) -> Iterator[tuple[Attribution, set[str]]]:
        """Yield whom the rules propose."""
        yield scene.proposal, {"rule", f"rule {scene.rule}", f"rule {_kind(scene.proposal)}"}

    def _mentioned(self, scene: Scene, label: Label) -> Iterator[tuple[Attribution, set[str]]]:
        """Yield whom the mentions in the sentence may mean."""
        resolved = [(mention, options(mention, scene, label, self.view)) for mention in scene.mentions]
        meant = [mention for mention, found in resolved if found]
        for mention, found in resolved:
            shared = {"mentioned", f"mentioned {mention.kind}"} | _place(mention, scene)
            if meant and mention is meant[0]:
                shared.add("mentioned first")
            if meant and mention is meant[-1]:
                shared.add("mentioned last")
            for option in found:
                features = shared | {f"means {option.clue}"}
                if mention is scene.named:
                    features |= {"named", f"named {scene.rule}", f"named {option.clue}"}
                yield _with_cue(option.attribution, mention, scene), features

    def _around(self, number: int) -> Iterator[tuple[Attribution, set[str]]]:
        """Yield who spoke last, in the sentence before, and the author."""
        scene = self.scenes[number]
        before = self.scenes[number - 1] if number else None
        together = before is not None and before.sentence.paragraph == scene.sentence.paragraph
        spoken = scene.memory.speaker
        if spoken:
            features = {"speaker", f"speaker {_kind(spoken)}", "speaker nearby" if together else "speaker before"}
            yield _carried(spoken), features | ({"speaker in the first person"} if _first_person(scene) else set())
        if before:
            some = "some" if scene.mentions else "none"
            features = {
                "previous",
                "previous nearby" if together else "previous paragraph",
                f"previous, mentions {some}",
            }
            yield _carried(before.proposal), features
        if self.view.author:
            voice = "first" if _first_person(scene) else "third"
            yield _carried(self.view.author), {"author", f"author in the {voice} person"}
        memory = scene.memory
        for kind, actors in (("body", memory.bodies[-2:]), ("person", memory.people[-3:])):
            for back, actor in enumerate(reversed(actors)):
                yield Attribution(actor.name, actor), {f"{kind} before", f"{kind} before {back}"}
        for back, name in enumerate(reversed(list(memory.strangers.values())[-2:])):
            yield Attribution(name), {"stranger before", f"stranger before {back}"}
        for behind in self.scenes[number + 1 : number + 2]:
            yield _carried(behind.proposal), {"next"}

    def _implied(self, scene: Scene, label: Label) -> Iterator[tuple[Attribution, set[str]]]:
        """Yield who is meant where an act is told without its actor."""
        actor = self.view.target.holders.by_name(label.implied)
        if actor:
            told = any(token.norm in CUES for token in scene.reading.tokens)
            passive = {"implied, passive", "implied, passive, told" if told else "implied, passive, plain"}
            yield Attribution(actor.name, actor), {"implied"} | (passive if _is_passive(scene) else set())

    def _as_a_whole(self, candidate: Candidate, scene: Scene, label: Label) -> None:
        """Add what a candidate's features and the rules' proposal say together."""
        features, holder, actor = candidate.features, candidate.attribution.holder, candidate.attribution.actor
        proposal = scene.proposal
        features.add(_kind(candidate.attribution))
        if actor and label.usual:
            features.add("usual" if self.view.expects(actor, label) else "unusual")
        if not proposal.is_known:
            features.add(f"no proposal by {scene.rule}")
        elif holder != proposal.holder:
            features.add("other proposed")
            if "mentioned" in features:
                features.add(f"other proposed, {'own' if proposal.mention else 'carried'} {_kind(proposal)}")
        if self._proposed[holder] >= 2:
            features.add("often proposed")
        if self._proposed and self._proposed.most_common(1)[0][0] == holder:
            features.add("mostly proposed")


def _place(mention: Mention, scene: Scene) -> set[str]:
    """Return what the place of a mention in its sentence says."""
    reading = scene.reading
    if not reading.outside[mention.start]:
        return {"inside"}
    subjects = reading.subjects
    before = [token for token in reading.tokens if token.end <= mention.start]
    behind = reading.behind(mention)
    after = reading.text[mention.end : mention.end + 1]
    holds = {
        "outside": True,
        "first subject": mention in subjects[:1],
        f"first subject {mention.kind}": mention in subjects[:1],
        "later subject": mention in subjects[1:],
        "governed": reading.governed(mention),
        "possessive": reading.possessive(mention),
        "opens": mention.start < 3,
        "ends": not behind,
        "colon": after == ":",
        "comma": after == ",",
        "from": bool(before) and before[-1].norm in ("from", "for"),
        "behind that": any(token.norm == "that" for token in before),
        f"then {_next(behind)}": True,
    }
    found = {name for name, holding in holds.items() if holding}
    return found | (_strangeness(mention, scene, before) if mention.kind == "unknown" else set())


def _strangeness(mention: Mention, scene: Scene, before: Sequence[Token]) -> set[str]:
    """Return what makes a name of nobody in the list look like a person's."""
    found = {f"stranger of {min(len(mention.text.split()), 3)} words"}
    if scene.reading.text[mention.end : mention.end + 5].startswith((", a", ", th", ", wh", " of ")):
        found.add("stranger apposed")
    if before and before[-1].norm in TITLES:
        found.add("stranger titled")
    return found


def _next(behind: Sequence[Token]) -> str:
    """Return what kind of word stands behind a mention."""
    token = behind[0] if behind else None
    if token is None:
        return "nothing"
    kinds = (
        ("saying", token.norm in SAYING),
        ("cue", token.norm in CUES),
        ("passive", token.norm in _PASSIVE),
        ("verb", is_verbal(token)),
        ("act", token.norm in ACTS),
        ("s", token.raw.islower() and token.norm.endswith("s")),
    )
    return next((name for name, holds in kinds if holds), "other")


def _with_cue(attribution: Attribution, mention: Mention, scene: Scene) -> Attribution:
    """Return an attribution with the nearest verb of saying or acting as its cue."""
    if attribution.holder == scene.proposal.holder:
        return replace(scene.proposal, mention=scene.proposal.mention or attribution.mention)
    cue = min(
        scene.reading.doing,
        key=lambda token: min(abs(token.start - mention.end), abs(mention.start - token.end)),
        default=None,
    )
    quoted = scene.reading.outside.count(False) > 0.33 * len(scene.reading.outside)
    said = "direct" if quoted else "indirect"
    kind = "narration" if cue is None else said if cue.norm in CUES else "act"
    return replace(attribution, cue=cue.raw.rstrip(".") if cue else "", kind=kind)


def _carried(attribution: Attribution) -> Attribution:
    return replace(attribution, mention="", cue="", kind="direct") if attribution.is_known else NOBODY


def _kind(attribution: Attribution) -> str:
    if attribution.actor is None:
        return "stranger"
    return "person" if attribution.actor.kind == "person" else "body"


def _first_person(scene: Scene) -> bool:
    return any(token.norm in FIRST_PERSON for token in scene.reading.tokens)


def _is_passive(scene: Scene) -> bool:
    """Whether something is done in a sentence without a doer as its subject: "was removed", "thrown out"."""
    words = [token.norm for token in scene.reading.tokens]
    done = any(a in _PASSIVE and b.endswith("ed") for a, b in pairwise(words))
    return done or any(word in _PUT_OUT for word in words)
