"""The verbs of the command line that read whole articles: analyze, report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli_models import JsonOption, ModelOption, print_json
from stance.errors import InputError
from stance.registry import BUNDLED, load_model

if TYPE_CHECKING:
    from stance.article import Article, ArticleAnalysis
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
TargetOption = Annotated[Path | None, typer.Option(metavar="FILE", help="A target's JSON file (default: the S-400).")]


def analyze(
    sources: Sources,
    model: ModelOption = BUNDLED,
    published: PublishedOption = "",
    target: TargetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the stances in articles and who holds them.

    Example: stance analyze article.txt --published 2021-02-11
    """
    for analysis in _analyses(sources, model, published, _target(target)):
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
    question = _target(target)
    analyses = list(_analyses(sources, model, published, question))
    write_report(
        analyses, output, title=title, target=question.description, model=model, period=period, text=not no_text
    )
    undated = sum(analysis.article.published is None for analysis in analyses)
    print(f"stance: wrote {output}: {len(analyses)} articles", file=sys.stderr)
    if undated:
        print(f"stance: {undated} without a date stay out of the timeline; see --published", file=sys.stderr)


VERBS = (analyze, report)


def _target(path: Path | None) -> Target:
    """Return the target in a file, or the S-400."""
    from stance.target import bundled_target, load_target

    return load_target(path) if path else bundled_target()


def _analyses(sources: list[str], model: str, published: str, target: Target) -> Iterator[ArticleAnalysis]:
    """Yield the analyses of all articles that the arguments stand for."""
    from stance.article import analyze_article, parse_date

    day = parse_date(published)
    loaded = load_model(model)
    for source in sources:
        for article in _articles(source):
            dated = article if article.published else replace(article, published=day)
            yield analyze_article(dated, loaded, target=target)


def _articles(source: str) -> Iterator[Article]:
    from stance.articles import parse_articles, read_articles

    if source == "-":
        return parse_articles(sys.stdin.buffer.read(), "<stdin>")
    return read_articles(source)
