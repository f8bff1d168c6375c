"""One self-contained page that shows who holds which stance, since when, and in which words.

The page loads nothing: styles and script are inside, and its Content-Security-Policy allows only those, by their
hashes. Text from articles reaches the page escaped, or as JSON that the script puts in place as text.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from stance.article import ArticleAnalysis
from stance.attribution import UNKNOWN
from stance.colours import PALETTE, legible
from stance.errors import InputError, counted
from stance.files import write_text
from stance.manifest import package_version
from stance.target import NONE, Target, suited_target
from stance.timeline import Point, Timeline, stances_in, timeline

WHOLE = 1000
"""Most articles that are shown with their sentences without a stance, too."""

SIDES = 8
"""Most sides that are summed up and drawn."""

LIGHT, DARK = ("#ffffff", "#f3f4f6"), ("#15181c", "#1f242b")
"""The page's papers, as in its style sheet."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 62.0, 704.0, 10.0, 104.0
_COLUMNS = (
    "published", "outlet", "title", "url", "sentence", "stance", "probability", "holder", "side", "mention", "cue",
    "kind",
)  # fmt: skip


def write_report(
    analyses: Iterable[ArticleAnalysis],
    path: str | Path,
    *,
    title: str = "Stances in the news",
    target: Target | None = None,
    model: str = "",
    period: str = "week",
    text: bool = True,
) -> None:
    """Write the report on some articles: a page, or their statements as a table, by the ending of `path`.

    Parameters
    ----------
    analyses : iterable of ArticleAnalysis
    path : str or Path
        Ends in ``.html``, ``.csv`` or ``.jsonl``.
    title, model : str
        What the page says of itself.
    target : Target, optional
        Its description, and the order, colours and definitions of its labels; by default what suits the labels.
    period : "day", "week" or "month"
    text : bool
        False leaves the articles' text out and keeps the figures.

    Raises
    ------
    InputError
        If there is no article, or `path` has another ending.
    """
    known = list(analyses)
    writers = {".html": _page, ".csv": _table, ".jsonl": _lines}
    suffix = Path(path).suffix.lower()
    if suffix not in writers:
        raise InputError(f"{path}: ends in {suffix or 'nothing'!r}; expected .html, .csv or .jsonl")
    if not known:
        raise InputError("no articles to report on; give at least one")
    question = target or suited_target(label for analysis in known for label in analysis.labels)
    about = {"title": title, "target": question, "model": model, "period": period, "text": text}
    write_text(path, writers[suffix](known, about))


def _page(analyses: Sequence[ArticleAnalysis], about: dict[str, Any]) -> str:
    from jinja2 import Environment
    from markupsafe import Markup

    folder = files("stance") / "templates"
    style, script = ((folder / name).read_text("utf-8") for name in ("report.css", "report.js"))
    template = Environment(autoescape=True).from_string((folder / "report.html.j2").read_text("utf-8"))
    target, stances = about["target"], stances_in(analyses, about["target"])
    style += _colours(target, stances)
    told = timeline(analyses, period=about["period"], target=target)
    days = sorted(str(a.article.published) for a in analyses if a.article.published)
    return template.render(
        about,
        counted=counted,
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        stances=stances,
        styles={stance: f"s{place}" for place, stance in enumerate(stances)},
        labels=[label for label in target.labels if label.definition],
        articles=len(analyses),
        statements=sum(len(a.statements) for a in analyses),
        sentences=sum(len(a.sentences) for a in analyses),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        answers=_answers(analyses, told),
        undated=sum(a.article.published is None for a in analyses),
        holders=_holders(analyses, stances),
        charts=[_chart(name, points, told) for name, points in told.series.items()][:SIDES],
        shifts=told.shifts,
        notes=told.notes,
        version=package_version(),
        data=Markup(_data(analyses, stances, text=about["text"])),
    )


def _colours(target: Target, stances: Sequence[str]) -> str:
    """Return the style rules of the stances' colours, which go by place: a name may hold anything."""
    own = {label.name: label.colour for label in target.labels}
    chosen = [own.get(stance, PALETTE[place % len(PALETTE)]) for place, stance in enumerate(stances)]
    rules = {
        papers: "".join(f"--s{place}: {legible(colour, papers)}; " for place, colour in enumerate(chosen))
        for papers in (LIGHT, DARK)
    }
    parts = [f":root {{ {rules[LIGHT]}}}", f"@media (prefers-color-scheme: dark) {{ :root {{ {rules[DARK]}}} }}"]
    for place in range(len(stances)):
        name, colour = f"s{place}", f"var(--s{place})"
        parts.append(f".chip.{name} {{ color: {colour}; }} svg .{name} {{ fill: {colour}; }}")
        parts.append(f"mark.{name} {{ border-color: {colour}; }}")
    return "\n".join(parts) + "\n"


def _hash(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _answers(analyses: Sequence[ArticleAnalysis], told: Timeline) -> list[dict[str, Any]]:
    """Return for each side what it mostly holds, and since when if that changed."""
    sides: dict[str, Counter[str]] = {}
    for statement in (statement for analysis in analyses for statement in analysis.statements if statement.side):
        sides.setdefault(statement.side, Counter())[statement.stance] += 1
    answers = []
    for name, counts in sorted(sides.items(), key=lambda item: (-item[1].total(), item[0]))[:SIDES]:
        shifts = [shift for shift in told.shifts if shift.name == name]
        thin = name not in told.series or any(note.startswith(f"{name}: ") for note in told.notes)
        trend = f"since {shifts[-1].day}, before that {shifts[-1].before}" if shifts else ""
        main = _mainly(counts)
        stance = shifts[-1].after if shifts else main
        said = f"{counts[main]} of {counted(counts.total(), 'sentence')} {main}"
        share = said if main else ", ".join(f"{count} {name}" for name, count in counts.most_common())
        unchanged = "(too few dated sentences to tell a change)" if thin else "(no change stands out)"
        answers.append({"name": name, "stance": stance, "share": share, "trend": trend or unchanged})
    return answers


def _mainly(counts: Counter[str]) -> str:
    """Return the most frequent stance, nothing where two are equally frequent."""
    (main, most), *others = counts.most_common(2)
    return "" if others and others[0][1] == most else main


def _holders(analyses: Sequence[ArticleAnalysis], stances: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of the table of holders, most statements first."""
    counts: dict[tuple[str, str], Counter[str]] = {}
    last: dict[tuple[str, str], str] = {}
    for analysis in analyses:
        for statement in analysis.statements:
            key = statement.holder, statement.side
            counts.setdefault(key, Counter())[statement.stance] += 1
            last[key] = max(last.get(key, ""), str(analysis.article.published or ""))
    rows = []
    ranked = sorted(counts.items(), key=lambda item: (item[0][0] == UNKNOWN, -item[1].total(), item[0]))
    for (holder, side), count in ranked:
        parts, x = [], 0.0
        for stance in stances:
            width = 100 * count[stance] / count.total()
            parts.append({"stance": stance, "x": round(x, 1), "width": round(width, 1)})
            x += width
        mix = ", ".join(f"{count[stance]} {stance}" for stance in stances if count[stance])
        row = {"holder": holder, "side": side, "counts": count, "main": _mainly(count)}
        rows.append(row | {"parts": parts, "mix": mix, "last": last[holder, side]})
    return rows


def _chart(name: str, points: Sequence[Point], told: Timeline) -> dict[str, Any]:
    """Return the places of one side's chart."""
    first, span = points[0].start, max((points[-1].start - points[0].start).days, 1)

    def x(day: Any) -> float:
        share = (day - first).days / span if len(points) > 1 else 0.5
        return round(_LEFT + (_RIGHT - _LEFT) * min(max(share, 0.0), 1.0), 1)

    def y(index: float) -> float:
        return round(_TOP + (_BOTTOM - _TOP) * (1 - index) / 2, 1)

    bars = []
    for point in points:
        counts = {stance: point.counts.get(stance, 0) for stance in told.stances}
        middle = max(told.stances[1:-1], key=lambda stance: counts[stance], default="")
        soft = round(min(2 + counts[middle] ** 0.5, 7), 1) if counts.get(middle) else 0
        said = ", ".join(f"{count} {stance}" for stance, count in counts.items() if count)
        bar = {"x": x(point.start), "y": y(point.index), "low": y(point.low), "high": y(point.high), "soft": soft}
        bar["middle"] = middle
        ends = dict.fromkeys((told.stances[0], told.stances[-1]))
        main = max(ends, key=lambda stance: counts[stance])
        radius = round(min(1.5 + sum(counts[stance] for stance in ends) ** 0.5, 6), 1)
        bars.append(bar | {"stance": main, "r": radius, "title": f"{point.start}: {said}"})
    anchors = ("start", "end") if len(points) > 1 else ("middle",)
    labels = [
        {"x": x(point.start), "anchor": anchor, "text": str(point.start)}
        for point, anchor in zip((points[0], points[-1]), anchors, strict=False)
    ]
    shifts = [x(shift.day) for shift in told.shifts if shift.name == name]
    summary = f"{name}: index from {points[0].index:+.2f} ({first}) to {points[-1].index:+.2f} ({points[-1].start})"
    line = " ".join(f"{bar['x']},{bar['y']}" for bar in bars)
    chart = {"name": name, "total": sum(point.total for point in points), "summary": summary, "shifts": shifts}
    return chart | {"bars": bars, "labels": labels, "line": line, "zero": y(0)}


def _data(analyses: Sequence[ArticleAnalysis], stances: Sequence[str], *, text: bool) -> str:
    """Return the articles as JSON that cannot end the script element it stands in."""
    whole = text and len(analyses) <= WHOLE
    content = {
        "stances": stances,
        "articles": [_article(analysis, number, text, whole) for number, analysis in enumerate(analyses, 1)],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _article(analysis: ArticleAnalysis, number: int, text: bool, whole: bool) -> dict[str, Any]:
    article = analysis.article
    sentences = [
        {
            "number": place,
            "sentence": told.sentence if text else "",
            "paragraph": told.paragraph,
            "stance": told.stance,
            "probability": round(told.probability, 3),
            "holder": told.holder,
            "cue": told.cue if text else "",
            "kind": told.kind,
            "words": ", ".join(told.words) if text else "",
        }
        for place, told in enumerate(analysis.sentences, 1)
        if told.stance != NONE or whole
    ]
    title = article.title if text and article.title else f"Article {number}"
    about = {"title": title, "published": str(article.published or ""), "outlet": article.outlet, "url": article.url}
    return about | {"sentences": sentences}


def _rows(analyses: Sequence[ArticleAnalysis], about: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Yield one row a statement."""
    for analysis in analyses:
        article = {name: str(getattr(analysis.article, name) or "") for name in ("published", "outlet", "title", "url")}
        for told in analysis.statements:
            row = article | {name: getattr(told, name) for name in _COLUMNS if name not in article}
            hidden = () if about["text"] else ("sentence", "mention", "cue", "title")
            yield row | {"probability": round(told.probability, 4)} | dict.fromkeys(hidden, "")


def _table(analyses: Sequence[ArticleAnalysis], about: dict[str, Any]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(analyses, about))
    return file.getvalue()


def _lines(analyses: Sequence[ArticleAnalysis], about: dict[str, Any]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _rows(analyses, about))
