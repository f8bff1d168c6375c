"""Read articles from files: plain text, Markdown, HTML, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stance.article import Article, parse_date
from stance.errors import DataError, InputError, StanceError
from stance.files import OnError, decode_lines, decode_text, raising, read_bytes

MARKDOWN = (".md", ".markdown")
TEXT = (".txt", *MARKDOWN)
HTML = (".html", ".htm", ".xhtml")
JSON_LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".parquet")
MAX_ARTICLE = 10_000_000
"""Longest article, in bytes."""


def read_articles(path: str | Path, on_error: OnError = raising) -> Iterator[Article]:
    """Yield the articles in a file, or in the files of a folder in order of their names.

    A text or Markdown file is one article; an HTML page is its main text (needs the extra ``article``); a JSONL file
    has one object a line with ``text`` and, if known, ``published``, ``outlet``, ``url`` and ``title``.

    Parameters
    ----------
    path : str or Path
    on_error : callable
        Is given the error of each article that cannot be read, and the rest follows; by default it is raised.

    Raises
    ------
    DataError
        If a file cannot be read as what its name says, naming file and line.
    StanceError
        If a library that reads HTML is missing.
    """
    try:
        yield from _read(Path(path), on_error)
    except DataError as error:
        on_error(error)


def _read(path: Path, on_error: OnError) -> Iterator[Article]:
    if path.is_dir():
        found = [file for file in sorted(path.iterdir()) if file.suffix.lower() in TEXT + HTML + JSON_LINES]
        if not found:
            raise DataError(f"{path}: no articles in this folder; expected {', '.join(TEXT + HTML + JSON_LINES)} files")
        for file in found:
            yield from read_articles(file, on_error)
        return
    if path.suffix.lower() in JSON_LINES:
        yield from _from_lines(read_bytes(path), str(path), on_error)
        return
    data = read_bytes(path)
    if path.suffix.lower() in TABLES:
        advice = f"stance convert {path} articles.jsonl --keep-labels, with --column NAME=text if need be"
        raise DataError(f"{path}: a table; expected articles: make it JSON lines first with {advice}")
    yield from parse_articles(data, str(path), path.suffix.lower())


def parse_articles(data: bytes, name: str, suffix: str = ".txt") -> Iterator[Article]:
    """Yield the articles in the content of a file; `suffix` tells what it is."""
    if suffix in JSON_LINES:
        yield from _from_lines(data, name, raising)
        return
    if len(data) > MAX_ARTICLE:
        raise DataError(f"{name}: {len(data):,} bytes; expected one article of at most {MAX_ARTICLE:,}: split it")
    text = decode_text(data, name)
    if suffix in HTML:
        yield _from_html(text, name)
    elif text.strip():
        yield _from_markdown(text, name) if suffix in MARKDOWN else Article(text, title=Path(name).name)
    else:
        raise DataError(f"{name}: empty; expected the text of an article")


def _from_markdown(text: str, name: str) -> Article:
    """Return the words of a Markdown text without its marks, and what its front matter says of it."""
    from markdown_it import MarkdownIt

    about: dict[str, str] = {}
    if text.startswith("---\n") and "\n---\n" in text[4:]:
        head, _, text = text[4:].partition("\n---\n")
        pairs = (line.partition(":") for line in head.splitlines())
        about = {key.strip().lower(): value.strip().strip("\"'") for key, _, value in pairs}
    blocks = [token for token in MarkdownIt("commonmark").parse(text) if token.type == "inline"]
    paragraphs = [
        "".join(part.content or " " * (part.type == "softbreak") for part in b.children or ()) for b in blocks
    ]
    facts = {field: about.get(field, "") for field in ("outlet", "url")}
    try:
        day = parse_date(about.get("published") or about.get("date", ""))
    except InputError as error:
        raise DataError(f"{name}: {error}") from None
    return Article("\n\n".join(paragraphs), day, **facts, title=about.get("title") or Path(name).name)


def _from_lines(data: bytes, name: str, on_error: OnError) -> Iterator[Article]:
    for number, line in decode_lines(data, name, on_error):
        try:
            article = _from_row(line, f"{name}:{number}")
        except DataError as error:
            on_error(error)
        else:
            yield article


def _from_row(line: str, where: str) -> Article:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError):
        raise DataError(f"{where}: not JSON; expected one object a line with the field text") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or not row["text"].strip():
        raise DataError(f"{where}: no text; expected an object with the field text, an article")
    about = {name: str(row.get(name) or "") for name in ("outlet", "url", "title")}
    try:
        return Article(row["text"], parse_date(str(row.get("published") or "")), **about)
    except InputError as error:
        raise DataError(f"{where}: {error}") from None


def _from_html(page: str, name: str) -> Article:
    try:
        import trafilatura
    except ImportError:
        raise StanceError(
            f"{name}: reading HTML needs trafilatura; install it with: pip install 'stance-analysis[article]'"
        ) from None
    found: Any = trafilatura.bare_extraction(page, favor_precision=True, include_comments=False, with_metadata=True)
    text = found.text if found is not None else None
    if not text:
        raise DataError(f"{name}: no article found in this page; save its text as a .txt file")
    about = {"outlet": found.sitename or "", "url": found.url or "", "title": found.title or ""}
    try:
        return Article(text, parse_date(found.date or ""), **about)
    except InputError:
        return Article(text, None, **about)
