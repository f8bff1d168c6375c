"""The verbs of the command line that read whole articles: analyze, report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli_models import JsonOption, ModelOption, print_json
from stance.errors import InputError, counted
from stance.registry import BUNDLED, load_model

if TYPE_CHECKING:
    from stance.article import Article, ArticleAnalysis
    from stance.model import Model
    from stance.target import Target

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|FOLDER|-...",
        help="Articles: .txt, .md, .html or .jsonl files (fields text, published, ...), folders of these, or -.",
    ),
]
PublishedOption = Annotated[
    str,
    typer.Option(
        metavar="DATE", help="When the articles without a date of their own were published, such as 2021-02-11."
    ),
]
TargetOption = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER|FILE", help="A target's folder or JSON file (default: the S-400's, if it suits)."),
]
ConfidenceOption = Annotated[
    float, typer.Option(min=0.0, max=1.0, metavar="P", help="No stance where the label's probability is below P.")
]


def analyze(
    sources: Sources,
    model: ModelOption = BUNDLED,
    published: PublishedOption = "",
    target: TargetOption = None,
    min_confidence: ConfidenceOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Show the stances in articles and who holds them.

    Example: stance analyze article.txt --published 2021-02-11
    """
    loaded = load_model(model)
    for analysis in _analyses(sources, loaded, published, _target(target, loaded), min_confidence):
        if as_json:
            print_json(analysis.as_dict())
        else:
            from stance.display import print_analysis

            print_analysis(analysis)


def report(
    sources: Sources,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="FILE", help="A .html page, or a .csv or .jsonl table.")
    ],
    model: ModelOption = BUNDLED,
    published: PublishedOption = "",
    target: TargetOption = None,
    min_confidence: ConfidenceOption = 0.0,
    title: Annotated[str, typer.Option(help="Title of the page.")] = "Stances in the news",
    period: Annotated[str, typer.Option(help="day, week or month.")] = "week",
    no_text: Annotated[bool, typer.Option("--no-text", help="Leave the articles' text out.")] = False,
) -> None:
    """Write a page on who holds which stance, since when, and in which words.

    Example: stance report articles/ -o report.html
    """
    from stance.report import write_report
    from stance.timeline import PERIODS

    if period not in PERIODS:
        raise InputError(f"--period is {period!r}; expected one of {', '.join(PERIODS)}")
    loaded = load_model(model)
    question = _target(target, loaded)
    analyses = list(_analyses(sources, loaded, published, question, min_confidence))
    write_report(analyses, output, title=title, target=question, model=model, period=period, text=not no_text)
    undated = sum(analysis.article.published is None for analysis in analyses)
    print(f"stance: wrote {output}: {counted(len(analyses), 'article')}", file=sys.stderr)
    if undated:
        print(f"stance: {undated} without a date stay out of the timeline; see --published", file=sys.stderr)


VERBS = (analyze, report)


def _target(path: Path | None, model: Model) -> Target:
    """Return the target in a file, or what suits the model; a doubtful pair comes with a warning."""
    from stance.target import load_target, suited_target

    trained_for = str(model.manifest.get("target") or "")
    target = load_target(path) if path else suited_target(model.labels, trained_for)
    if trained_for and target.name and trained_for != target.description:
        print(f"stance: the model was trained for {trained_for!r}, not {target.description!r}", file=sys.stderr)
    if not target.topic and target.no_stance not in model.labels:
        advice = "every sentence gets a stance: give a target with a topic, or use --min-confidence"
        print(f"stance: the model has no label for no stance and the target no topic, so {advice}", file=sys.stderr)
    return target


def _analyses(
    sources: list[str], model: Model, published: str, target: Target, min_confidence: float
) -> Iterator[ArticleAnalysis]:
    """Yield the analyses of all articles that the arguments stand for."""
    from stance.article import analyze_article, parse_date

    day = parse_date(published)
    for source in sources:
        for article in _articles(source):
            dated = article if article.published else replace(article, published=day)
            yield analyze_article(dated, model, target=target, min_confidence=min_confidence)


def _articles(source: str) -> Iterator[Article]:
    from stance.articles import parse_articles, read_articles

    if source == "-":
        return parse_articles(sys.stdin.buffer.read(), "<stdin>")
    return read_articles(source)
