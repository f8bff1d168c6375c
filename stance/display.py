"""Tables for people: coloured on a terminal, plain text elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from stance.article import ArticleAnalysis
from stance.errors import counted
from stance.index import Published
from stance.labels import COLOURS
from stance.metrics import Scores
from stance.model import Explanation

if TYPE_CHECKING:
    from stance.agreement import Agreement
    from stance.audit import Doubt
    from stance.evaluation import Comparison, Mistake


def print_predictions(texts: Sequence[str], labels: Sequence[str], confidences: Sequence[float]) -> None:
    """Print one line a sentence: label, probability, text."""
    table = _table("label", "prob.", "sentence")
    for text, label, confidence in zip(texts, labels, confidences, strict=True):
        table.add_row(_label(label), f"{confidence:.2f}", Text(_printable(text)))
    _print(table)


def print_explanation(explanation: Explanation, words: int) -> None:
    """Print a sentence's label and the words that pull toward and away from each label."""
    table = _table("label", "prob.", "toward", "away")
    ranked = sorted(range(len(explanation.labels)), key=lambda i: -explanation.probabilities[i])
    for i in ranked:
        label = explanation.labels[i]
        pulls = [_pulls(explanation.top(label, words, against=against)) for against in (False, True)]
        table.add_row(_label(label), f"{explanation.probabilities[i]:.2f}", *pulls)
    _print(Text(_printable(explanation.text)))
    _print(table)


def print_scores(name: str, scores: Scores) -> None:
    """Print the scores of one set of examples, 95 % intervals beside them."""
    table = _table(f"{name} ({counted(scores.count, 'sentence')})", "score", "95 % interval")
    rows = {"macro-F1": ("macro_f1", scores.macro_f1), "accuracy": ("accuracy", scores.accuracy)}
    if scores.stance_f1 is not None:
        rows["F1 over stances"] = ("stance_f1", scores.stance_f1)
    rows |= {f"F1 {label}": (f"f1_{label}", value) for label, value in scores.f1.items()}
    for title, (key, value) in rows.items():
        low, high = scores.intervals[key]
        table.add_row(title, f"{value:.3f}", f"{low:.3f} - {high:.3f}")
    table.add_row("Brier score", f"{scores.brier:.3f}", "")
    table.add_row("calibration error", f"{scores.calibration_error:.3f}", "")
    _print(table)


def print_confusion(labels: Sequence[str], confusion: Sequence[Sequence[int]]) -> None:
    """Print how often each gold label got each label."""
    table = _table("gold", *(f"said {label}" for label in labels))
    for label, row in zip(labels, confusion, strict=True):
        table.add_row(_label(label), *map(str, row))
    _print(table)


def print_mistakes(mistakes: Sequence[Mistake]) -> None:
    """Print one line a mistake, the surest first."""
    table = _table("said", "prob.", "gold", "sentence")
    for wrong in mistakes:
        shown = Text(_printable(wrong.text))
        table.add_row(_label(wrong.predicted), f"{wrong.probability:.2f}", _label(wrong.label), shown)
    if mistakes:
        _print(table)


def print_comparison(first: str, second: str, found: Comparison) -> None:
    """Print which of two models is better, and whether that stands out from chance."""
    low, high = found.interval
    table = _table("compared", "")
    table.add_row(f"only {first} right", str(found.only_first))
    table.add_row(f"only {second} right", str(found.only_second))
    table.add_row("McNemar's exact test", f"p = {found.p_value:.3g}")
    table.add_row(f"macro-F1, {first} - {second}", f"{found.macro_f1_difference:+.3f} ({low:+.3f} to {high:+.3f})")
    _print(table)


def print_manifest(manifest: Mapping[str, Any], top_words: Mapping[str, Sequence[str]]) -> None:
    """Print a model's manifest and its strongest words."""
    table = _table("field", "value")
    for name, value in _flat(manifest):
        kept = not name.startswith("scores.") or name.endswith((".macro_f1", ".accuracy", ".count"))
        if name != "thresholds" and kept and ".intervals." not in name:  # hundreds of numbers help nobody here
            table.add_row(Text(_printable(name)), Text(_printable(value)))
    for label, words in top_words.items():
        table.add_row(Text(f"words toward {label}"), Text(", ".join(words)))
    _print(table)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted name, value) of nested mappings."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def print_analysis(analysis: ArticleAnalysis) -> None:
    """Print the holders of an article, then its statements."""
    article = analysis.article
    facts = [article.title, str(article.published or ""), article.outlet]
    heading = " · ".join(filter(None, facts)) or "article"
    found, size = len(analysis.statements), len(analysis.sentences)
    _print(Text(_printable(f"{heading}: {found} of {size} sentences with a stance")))
    holders = _table("holder", "side", "stances")
    for total in analysis.holders:
        counts = ", ".join(f"{count} {stance}" for stance, count in total.counts.items())
        holders.add_row(*(Text(_printable(cell)) for cell in (total.holder, total.side, counts)))
    statements = _table("stance", "prob.", "holder", "sentence")
    for told in analysis.statements:
        cells = (Text(_printable(cell)) for cell in (f"{told.probability:.2f}", told.holder, told.sentence))
        statements.add_row(_label(told.stance), *cells)
    if analysis.statements:
        _print(holders)
        _print(statements)


def print_agreement(found: Agreement) -> None:
    """Print agreement overall, by label, by annotator and by pair."""
    table = _table(f"{counted(found.count, 'sentence')} read twice or more", "score", "95 % interval")
    rows = [("Krippendorff's alpha", found.alpha, found.alpha_interval)]
    rows.append(("Fleiss' kappa", found.fleiss_kappa, found.fleiss_interval))
    labels = ((f"alpha {row.label} ({counted(row.readings, 'reading')})", row) for row in found.by_label)
    rows += [(title, row.alpha, row.interval) for title, row in labels]
    pairs = ((f"Cohen's kappa {pair.first} / {pair.second} ({pair.count})", pair) for pair in found.pairs)
    rows += [(title, pair.kappa, pair.interval) for title, pair in pairs]
    for title, value, (low, high) in rows:
        table.add_row(Text(_printable(title)), f"{value:.3f}", f"{low:.3f} - {high:.3f}")
    _print(table)
    people = _table("annotator", "sentences", "agrees with others", "alpha without")
    for row in found.by_annotator:
        without = "" if row.alpha_without is None else f"{row.alpha_without:.3f}"
        people.add_row(Text(_printable(row.name)), str(row.count), f"{row.agreement:.1%}", without)
    _print(people)
    for pair in found.pairs if len(found.by_annotator) <= 3 else ():  # more are for --json
        confusion = _table(f"{pair.first} \\ {pair.second}", *found.labels)
        for label, counts in zip(found.labels, pair.confusion, strict=True):
            confusion.add_row(_label(label), *map(str, counts))
        _print(confusion)
    _print(Text(counted(len(found.disagreements), "disagreement")))


def print_doubts(doubts: Sequence[Doubt]) -> None:
    """Print doubtful labels, the worst first."""
    table = _table("id", "label", "prob.", "model says", "because of", "sentence")
    for doubt in doubts:
        near = "".join(f"; near {name} ({label})" for name, label in doubt.near.items())
        cells = (Text(_printable(cell)) for cell in (", ".join(doubt.words) + near, doubt.text))
        said = _label(doubt.said)
        table.add_row(Text(_printable(doubt.id)), _label(doubt.label), f"{doubt.probability:.2f}", said, *cells)
    _print(table)


def print_models(entries: Sequence[Published]) -> None:
    """Print one line a published model."""
    table = _table("model", "target", "labels", "size", "macro-F1", "date", "SHA-256")
    for entry in entries:
        name, size = f"{entry.name}=={entry.version}", f"{entry.size / 1e6:.1f} MB"
        values = entry.scores.get("test")
        score = values.get("macro_f1") if isinstance(values, Mapping) else None
        macro_f1 = f"{score:.3f}" if isinstance(score, float) else ""
        cells = name, entry.target, ", ".join(entry.labels), size, macro_f1, entry.date, f"{entry.sha256[:12]}..."
        table.add_row(*(Text(_printable(cell)) for cell in cells))
    _print(table)


def _table(*columns: str) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", justify="right" if column in ("prob.", "score") else "left")
    return table


def _label(label: str) -> Text:
    return Text(label, style=f"bold {COLOURS[label]}" if label in COLOURS else "bold")


def _pulls(pulls: Sequence[tuple[str, float]]) -> Text:
    return Text(", ".join(f"{word} {value:+.2f}" for word, value in pulls))


def _printable(text: str) -> str:
    """Return `text` without what a terminal would obey or an encoder refuse."""
    return "".join(c if c.isprintable() else " " for c in text)


def _print(what: Table | Text) -> None:
    Console(highlight=False, soft_wrap=isinstance(what, Text)).print(what)
