"""Which parts of an article stand inside quotation marks, over sentences and paragraphs, damaged marks included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stance.sentences import CLOSING, OPENING, Sentence

MARKS = OPENING + '"'


@dataclass(frozen=True)
class Quoted:
    """A sentence's text with damaged marks mended, and what of it stands inside quotation marks."""

    text: str
    outside: list[bool]  #: for each character, and for the end, whether it stands outside quotation marks
    begins: bool  #: whether the sentence begins inside a quotation
    ends: bool  #: whether it ends inside one that goes on


def quoted_parts(sentences: Sequence[Sentence]) -> list[Quoted]:
    """Return what stands inside quotation marks, sentence by sentence.

    A paragraph that opens with a mark continues a quotation left open; one that does not ends it, closed or not.
    """
    parts: list[Quoted] = []
    inside, paragraph = False, -1
    for sentence in sentences:
        text = mended(sentence.text)
        opens = text[:1] in MARKS
        inside = inside and sentence.paragraph == paragraph
        paragraph, begins = sentence.paragraph, inside or opens
        outside = outside_quotes(text, inside=inside)
        inside = not outside[-1] and _goes_on(sentences, len(parts))
        parts.append(Quoted(text, outside, begins, inside))
    return parts


def _goes_on(sentences: Sequence[Sentence], number: int) -> bool:
    """Whether a quotation left open is closed later in its paragraph, or taken up by the next one."""
    here = sentences[number].paragraph
    for later in sentences[number + 1 :]:
        if later.paragraph != here:
            return later.text[:1] in MARKS
        if any(mark in mended(later.text) for mark in CLOSING + '"'):
            return True
    return False


def mended(text: str) -> str:
    """Return a text with the commonest damage to quotation marks undone, every character in its place."""
    if "â€" not in text:
        return text
    for damaged, meant in (("â€œ", "“  "), ("â€\x9d", "”  "), ("â€™", "’  "), ("â€“", "–  "), ("â€", "” ")):
        text = text.replace(damaged, meant)
    return text


def outside_quotes(text: str, *, inside: bool) -> list[bool]:
    """Return for each character, and for the end, whether it stands outside quotation marks."""
    if inside and text[:1] in MARKS:
        inside = False  # the mark at the start opens it again
    outside = []
    for character in text:
        if character in OPENING:
            inside = True
        elif character in CLOSING:
            inside = False
        elif character == '"':
            inside = not inside
        outside.append(not inside)
    return [*outside, not inside]
