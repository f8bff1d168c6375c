"""Sentences of a text with their exact places: ``text[start:end]`` is the sentence.

The boundaries are those of sentencex, which knows abbreviations. It takes a quotation for one sentence however long,
and so is shown the text without quotation marks; then a part that opens in lower case is merged with the one before (a
quotation's question mark, an abbreviation it did not know).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

OPENING = "“„«‹"
CLOSING = "”»›"
QUOTES = f'"{OPENING}{CLOSING}'
"""Double quotation marks; the single ones are mostly apostrophes."""

_MASK = str.maketrans(dict.fromkeys(QUOTES, " "))
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n\s*")
_INITIALS = re.compile(r"(\b[A-Z]-[A-Z]\.|^(MR|MRS|MS|DR|GEN|SEN|REP|LT|COL)\.)\s*$")
"""R-S. (C.), as American politicians are labelled, and titles that transcripts shout."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and its place in a text."""

    text: str
    start: int  #: offset of its first character
    end: int  #: offset after its last
    paragraph: int  #: index of its paragraph


def split_sentences(text: str) -> list[Sentence]:
    """Return the sentences of `text` in order.

    Paragraphs end at blank lines, or at every line break where the text has no blank line.

    >>> [s.text for s in split_sentences('"It is done. No way back," he said.')]
    ['"It is done.', 'No way back," he said.']
    """
    found = []
    for number, (start, end) in enumerate(_paragraphs(text)):
        for low, high in _merged(text[start:end], _boundaries(text[start:end])):
            found.append(Sentence(text[start + low : start + high], start + low, start + high, number))
    return found


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each paragraph that holds more than spaces."""
    separator = _BLANK_LINE if _BLANK_LINE.search(text) else _LINE
    start = 0
    for match in separator.finditer(text):
        if text[start : match.start()].strip():
            yield start, match.start()
        start = match.end()
    if text[start:].strip():
        yield start, len(text)


def _boundaries(paragraph: str) -> list[tuple[int, int]]:
    """Return start and end of each sentence as sentencex sees it, spaces around it left out."""
    from sentencex import get_sentence_boundaries

    masked = paragraph.replace("\n", " ").translate(_MASK)
    cuts = [0]
    for boundary in get_sentence_boundaries("en", masked):
        cut = boundary["start_index"] + len(boundary["text"].rstrip())
        while cut < len(paragraph) and paragraph[cut] in QUOTES and _closes(paragraph, cut):
            cut += 1
        cuts.append(max(cut, cuts[-1]))
    cuts[-1] = len(paragraph)
    pieces = [_stripped(paragraph, low, high) for low, high in pairwise(cuts)]
    return [(low, high) for low, high in pieces if low < high]


def _closes(paragraph: str, place: int) -> bool:
    """Whether the mark at `place`, right behind a full stop, ends a quotation rather than opens the next."""
    if paragraph[place] in CLOSING:
        return True
    return paragraph[place] == '"' and not paragraph[place + 1 : place + 2].isalnum()


def _stripped(paragraph: str, low: int, high: int) -> tuple[int, int]:
    part = paragraph[low:high]
    return low + len(part) - len(part.lstrip()), high - len(part) + len(part.rstrip())


def _merged(paragraph: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans with those that cannot open a sentence merged into the one before."""
    merged: list[tuple[int, int]] = []
    for low, high in spans:
        first = paragraph[low:high].lstrip(QUOTES + " '‘’([")[:1]
        before = paragraph[merged[-1][0] : low] if merged else ""
        if merged and (first == "" or first.islower() or first in ",;:)]" or _INITIALS.search(before)):
            merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return merged
