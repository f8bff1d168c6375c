"""The verbs of the command line that read whole articles: analyze, report."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from stance.cli_models import JsonOption, print_json
from stance.errors import InputError
from stance.registry import BUNDLED, load_model

if TYPE_CHECKING:
    from stance.article import Article, ArticleAnalysis

Sources = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|FOLDER|-...",
        help="Articles: .txt, .md, .html or .jsonl files (fields text, published, ...), folders of these, or -.",
    ),
]
ModelOption = Annotated[
    str, typer.Option("--model", "-m", help="Bundled model name, path of a .stance file, or published name.")
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
    for analysis in _analyses(sources, model, published, target):
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
    from stance.target import bundled_target, load_target
    from stance.timeline import PERIODS

    if period not in PERIODS:
        raise InputError(f"--period is {period!r}; expected one of {', '.join(PERIODS)}")
    analyses = list(_analyses(sources, model, published, target))
    about = (load_target(target) if target else bundled_target()).description
    write_report(analyses, output, title=title, target=about, model=model, period=period, text=not no_text)
    undated = sum(analysis.article.published is None for analysis in analyses)
    print(f"stance: wrote {output}: {len(analyses)} articles", file=sys.stderr)
    if undated:
        print(f"stance: {undated} without a date stay out of the timeline; see --published", file=sys.stderr)


VERBS = (analyze, report)


def _analyses(sources: list[str], model: str, published: str, target: Path | None) -> Iterator[ArticleAnalysis]:
    """Yield the analyses of all articles that the arguments stand for."""
    from stance.article import analyze_article, parse_date
    from stance.target import load_target

    day = parse_date(published)
    loaded, question = load_model(model), load_target(target) if target else None
    for source in sources:
        for article in _articles(source):
            dated = article if article.published else replace(article, published=day)
            yield analyze_article(dated, loaded, target=question)


def _articles(source: str) -> Iterator[Article]:
    from stance.articles import parse_articles, read_articles

    if source == "-":
        return parse_articles(sys.stdin.buffer.read(), "<stdin>")
    return read_articles(source)
