"""An article's sentences with their stances and who holds them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from html import escape
from typing import Any

import numpy as np

from stance.attribution import Attribution, attribute
from stance.errors import InputError
from stance.model import Model, softmax
from stance.sentences import Sentence, split_sentences
from stance.target import NONE, Target, suited_target

WORDS = 4
"""Words that an analysis gives as the reason of a stance."""

CONTEXT = 0.25
"""Weight of the decision values of a sentence read together with the one before it in its paragraph."""


@dataclass(frozen=True)
class Article:
    """A text with what is known of it."""

    text: str
    published: date | None = None
    outlet: str = ""
    url: str = ""
    title: str = ""  #: of a file without one its name


@dataclass(frozen=True)
class Statement:
    """A sentence of an article, its stance, and who holds it."""

    sentence: str
    start: int  #: ``article.text[start:end] == sentence``
    end: int
    paragraph: int
    stance: str
    probability: float  #: the model's, of that stance; 0 for ``none`` where the model has no such label
    probabilities: tuple[float, ...]  #: in the order of the model's labels
    holder: str = ""  #: empty without a stance; ``unknown`` where nobody can be told
    side: str = ""  #: of the holder when the article was published; empty if unknown
    mention: str = ""  #: the words of the sentence that name the holder
    cue: str = ""  #: the word that reports or does it
    kind: str = ""  #: ``direct``, ``indirect``, ``act`` or ``narration``
    words: tuple[str, ...] = ()  #: that pull hardest toward the stance


@dataclass(frozen=True)
class HolderTotal:
    """How often a holder took which stance."""

    holder: str
    side: str
    counts: Mapping[str, int]  #: by stance, most frequent first

    @property
    def total(self) -> int:
        """Number of statements."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class ArticleAnalysis:
    """What an article says: every sentence in order, and the totals of its holders."""

    article: Article
    labels: tuple[str, ...]
    sentences: tuple[Statement, ...] = field(repr=False)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The sentences that carry a stance."""
        return tuple(sentence for sentence in self.sentences if sentence.stance != NONE)

    @property
    def holders(self) -> tuple[HolderTotal, ...]:
        """Totals of each holder, most statements first."""
        counts: dict[tuple[str, str], Counter[str]] = {}
        for statement in self.statements:
            counts.setdefault((statement.holder, statement.side), Counter())[statement.stance] += 1
        totals = [HolderTotal(holder, side, dict(count.most_common())) for (holder, side), count in counts.items()]
        return tuple(sorted(totals, key=lambda total: (-total.total, total.holder)))

    def _repr_html_(self) -> str:
        """Return the holders and statements as tables, for notebooks."""
        told = [(t.holder, t.side, ", ".join(f"{n} {stance}" for stance, n in t.counts.items())) for t in self.holders]
        said = [(s.stance, f"{s.probability:.2f}", s.holder, s.sentence) for s in self.statements]
        return html_table(("holder", "side", "stances"), told) + html_table(
            ("stance", "probability", "holder", "sentence"), said
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what can be written as JSON."""
        about = {name: str(value or "") for name, value in vars(self.article).items() if name != "text"}
        return about | {
            "sentences": [
                {name: value for name, value in vars(sentence).items() if name != "probabilities"}
                | {"probabilities": dict(zip(self.labels, sentence.probabilities, strict=True))}
                for sentence in self.sentences
            ],
            "holders": [
                {"holder": total.holder, "side": total.side, "counts": dict(total.counts)} for total in self.holders
            ],
        }


def html_table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a table whose cells are shown as they stand, whatever they hold."""
    cells = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    return f"<table><tr>{cells}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def analyze_article(
    text: str | Article,
    model: Model,
    *,
    published: date | str | None = None,
    target: Target | None = None,
    min_confidence: float = 0.0,
) -> ArticleAnalysis:
    """Return the stances in an article and who holds them.

    A sentence is read with the one before it in mind; an article without the target's topic has no stance.

    Parameters
    ----------
    text : str or Article
    model : Model
    published : date or ISO text, optional
        Tells who held an office. An `Article` brings its own.
    target : Target, optional
        By default what suits the model, see `stance.target.suited_target`.
    min_confidence : float
        A sentence whose best label is less probable takes no stance, see `Target.judge`.

    Raises
    ------
    InputError
        If `published` is no date, `min_confidence` no probability, or the model knows labels that the target does not.
    """
    article = text if isinstance(text, Article) else Article(text, parse_date(published))
    target = target or suited_target(model.labels, str(model.manifest.get("target") or ""))
    sentences = split_sentences(article.text)
    probabilities = _probabilities(sentences, model)
    verdicts = target.judge(sentences, probabilities, model.labels, min_confidence)
    holders = attribute(sentences, target, article.published, [stance for stance, _ in verdicts])
    statements = []
    for sentence, verdict, row, found in zip(sentences, verdicts, probabilities.tolist(), holders, strict=True):
        place = sentence.text, sentence.start, sentence.end, sentence.paragraph
        judged = Statement(*place, *verdict, tuple(row))
        statements.append(judged if judged.stance == NONE else _told(judged, found, article, model))
    return ArticleAnalysis(article, model.labels, tuple(statements))


def _told(judged: Statement, found: Attribution, article: Article, model: Model) -> Statement:
    """Return a statement of a stance with its holder and its strongest words."""
    words = tuple(word for word, _ in model.deciding_words(judged.sentence, judged.stance, WORDS))
    side = found.actor.side(article.published) if found.actor else ""
    told = replace(judged, holder=found.holder, side=side, words=words)
    return replace(told, mention=found.mention, cue=found.cue, kind=found.kind) if found.is_known else told


def parse_date(value: date | str | None) -> date | None:
    """Return a date from an ISO text, of which a time of day is left out.

    Raises
    ------
    InputError
        If it is none.
    """
    if isinstance(value, date):
        return value
    if not value:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise InputError(f"published is {value!r:.40}; expected a date such as 2021-02-11") from None


def _probabilities(sentences: list[Sentence], model: Model) -> Any:
    """Return the (n, K) probabilities of sentences, each mixed with what it says read behind the one before."""
    own = model.scorer.decision_values([sentence.text for sentence in sentences])
    follows = [i for i in range(1, len(sentences)) if sentences[i].paragraph == sentences[i - 1].paragraph]
    pairs = model.scorer.decision_values([f"{sentences[i - 1].text} {sentences[i].text}" for i in follows])
    mixed = own.copy()
    mixed[follows] = (1 - CONTEXT) * own[follows] + CONTEXT * pairs
    return np.asarray(softmax(mixed / model.temperature)) if len(sentences) else own
