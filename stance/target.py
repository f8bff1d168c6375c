"""What stances are toward: the question, its labels, who may hold a stance on it, and which words speak of it.

A target is a folder with ``target.json`` and what that names; ``stance new-target`` makes one::

    target.json     name, version, description, labels, actors (a file beside it), topic, home
    actors.jsonl    who may hold a stance, one a line (see `stance.actors.Actor`)
    GUIDELINES.md   how sentences are labelled
    sentences/      labelled sentences; the folder is a dataset, too (see `stance.dataset`)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from importlib.resources import as_file, files
from pathlib import Path

from stance.actors import Actor
from stance.colours import PALETTE
from stance.errors import InputError
from stance.holders import Holders
from stance.labels import Stance
from stance.model import check_confidence
from stance.sentences import Sentence
from stance.tables import Float64
from stance.target_file import Topic, read_target_file
from stance.text import normalize

NONE = Stance.NONE.value
FILE = "target.json"


@dataclass(frozen=True)
class Label:
    """One of the labels of a target."""

    name: str
    definition: str = ""  #: when a sentence gets it, in a line
    colour: str = PALETTE[0]  #: ``#rrggbb``
    is_stance: bool = True  #: False for the one label of sentences that take no stance
    excluded: tuple[str, ...] = ()  #: sides that cannot hold it: a government does not oppose its own purchase
    usual: tuple[str, ...] = ()  #: sides that mostly do
    implied: str = ""  #: the actor meant where an act is told without its actor: "was removed from the programme"


@dataclass(frozen=True)
class Target:
    """A question that actors take stances on.

    Parameters
    ----------
    name, description : str
    holders : Holders
        The actors, ready to be found in text.
    topic : tuple of tuples of tuples of str
        Beginnings of words, as `stance.text.normalize` writes them. A text is on the topic if for one of the
        outer tuples it holds a word with a beginning from each of the inner ones; without any, every text is.
    labels : tuple of Label
        The stances from one end to the other, and at most one label of no stance. Empty: any label goes, and
        ``none`` is no stance.
    home : str
        The country meant by "the foreign ministry" where nothing else tells.
    """

    name: str
    description: str
    holders: Holders
    topic: Topic = ()
    labels: tuple[Label, ...] = ()
    home: str = ""

    @property
    def stances(self) -> tuple[str, ...]:
        """Names of the labels that carry a stance, from one end to the other."""
        return tuple(label.name for label in self.labels if label.is_stance)

    @property
    def no_stance(self) -> str:
        """Name of the label of sentences without a stance."""
        return next((label.name for label in self.labels if not label.is_stance), NONE)

    def label(self, name: str) -> Label:
        """Return what is known of a label; of any that the target does not name, nothing but its name."""
        return next((label for label in self.labels if label.name == name), Label(name))

    def in_office(self, role: str, day: date | None) -> list[Actor]:
        """Return who held an office at a day in a country or body of the sides that mostly take a stance."""
        return [
            actor
            for actor in self._of_role.get(role, ())
            if any(office.role == role and office.period.holds(day) for office in actor.offices)
        ]

    @cached_property
    def _of_role(self) -> dict[str, list[Actor]]:
        sides = {side for label in self.labels for side in label.usual}
        bodies = {actor.name for actor in self.holders.actors if actor.kind != "person" and actor.side() in sides}
        found: dict[str, list[Actor]] = {}
        for actor in self.holders.actors:
            for role in {office.role for office in actor.offices if office.of in bodies}:
                found.setdefault(role, []).append(actor)
        return found

    def is_topic_of(self, text: str) -> bool:
        """Whether a text may be about the target at all."""
        words = set(normalize(text).split())
        return not self.topic or any(
            all(any(word.startswith(beginnings) for word in words) for beginnings in needed) for needed in self.topic
        )

    def scale(self, found: Iterable[str]) -> tuple[str, ...]:
        """Return the target's stances in its order, then any others of the labels `found`, by name."""
        known = {NONE, *(label.name for label in self.labels)}
        return (*self.stances, *sorted(set(found) - known))

    def judge(
        self, sentences: Sequence[Sentence], probabilities: Float64, labels: Sequence[str], min_confidence: float = 0.0
    ) -> list[tuple[str, float]]:
        """Return for each sentence of an article its stance, ``none`` where it takes none, with the probability of it.

        A sentence takes none if the model says so, if its best label is less probable than `min_confidence`, or if the
        article is not on the topic. Where the model has no label for that, a sentence must itself be on the topic,
        together with the one before it in its paragraph; and the probability of ``none`` is zero, for want of a better.

        Parameters
        ----------
        sentences : n sentences in order
        probabilities : (n, K) array
        labels : K labels of the model
        min_confidence : float

        Raises
        ------
        InputError
            If the model knows a label that the target does not, or `min_confidence` is no probability.
        """
        self._check_labels(labels)
        check_confidence(min_confidence)
        told = self.no_stance in labels
        of_none = list(labels).index(self.no_stance) if told else None
        on_topic = self.is_topic_of("\n".join(sentence.text for sentence in sentences))
        verdicts = []
        for place, row in enumerate(probabilities.tolist()):
            best = max(row)
            label = labels[row.index(best)]
            speaks = on_topic and (told or self.is_topic_of(_with_the_one_before(sentences, place)))
            if speaks and label != self.no_stance and best >= min_confidence:
                verdicts.append((label, best))
            else:
                verdicts.append((NONE, 0.0 if of_none is None else row[of_none]))
        return verdicts

    def _check_labels(self, labels: Sequence[str]) -> None:
        known = [label.name for label in self.labels]
        foreign = sorted(set(labels) - set(known))
        if known and foreign:
            raise InputError(
                f"the model's labels {', '.join(foreign)} are none of the target {self.name}: {', '.join(known)}; "
                "give the model that was trained for it with --model, or the model's target with --target"
            )


def _with_the_one_before(sentences: Sequence[Sentence], place: int) -> str:
    joined = place and sentences[place - 1].paragraph == sentences[place].paragraph
    return " ".join(sentence.text for sentence in sentences[place - bool(joined) : place + 1])


@cache
def bundled_target() -> Target:
    """Return the target of the bundled model: Turkey's purchase of the Russian S-400."""
    with as_file(files("stance") / "data") as folder:
        return load_target(folder / "s400.target.json")


def suited_target(labels: Iterable[str], description: str = "") -> Target:
    """Return the target for a model that none was given for.

    The S-400 where that is what it was trained for or, if it does not say, where the labels are the same; otherwise
    a target without a topic, whose actors are those of the S-400.
    """
    bundled = bundled_target()
    alike = set(labels) <= {label.name for label in bundled.labels}
    if description == bundled.description or (alike and not description):
        return bundled
    return Target("", description or "the target", bundled.holders)


def load_target(path: str | Path) -> Target:
    """Return the target in a folder or JSON file, its actor file read from beside it.

    Raises
    ------
    DataError
        If the file or its actors cannot be read, or say what cannot be meant.
    """
    row = read_target_file(Path(path) / FILE if Path(path).is_dir() else Path(path))
    return Target(
        name=row["name"],
        description=row["description"],
        holders=Holders(row["actors"]),
        topic=row["topic"],
        labels=tuple(Label(**label) for label in row["labels"]),
        home=row.get("home", ""),
    )
