"""The one normaliser and tokeniser, used by training and scoring alike.

A sentence becomes a list of tokens, each a ``bytes`` of lower-case UTF-8 without diacritics. Working on bytes
lets a whole batch pass through a handful of C-speed calls (``translate``, ``replace``, ``split``) at once:

>>> tokenize("Erdoğan’s U.S. visit: “no step back” on the S-400s")
[b'erdogan', b'usa', b'visit', b'no', b'step', b'back', b'on', b'the', b's400']

Any ``str`` is accepted: lone surrogates, control characters and punctuation of any script separate tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

SEPARATOR = b"\xff"
"""Token that opens each sentence of a batch; no UTF-8 text contains this byte."""

_WORD_BYTES = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + bytes(range(128, 256))
_TO_SPACE = bytes(byte if byte in _WORD_BYTES else 32 for byte in range(256))

# Letters that NFKD leaves whole although readers and wire services write them in ASCII.
_LETTERS = {
    "ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE",
    "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ð": "d", "Ð": "D", "ə": "e", "Ə": "E", "‘": "'", "’": "'",
    "ʼ": "'", "ʻ": "'", "′": "'", "´": "'",
}  # fmt: skip

# UTF-8 punctuation read as Windows-1252 and saved again: the commonest damage in scraped news.
_MOJIBAKE = (("â€™", "'"), ("â€˜", "'"), ("â€œ", '"'), ("â€\x9d", '"'), ("â€“", "-"), ("â€”", "-"), ("Â\xa0", " "))

# The signs of nearly every non-ASCII sentence of English news: replacing them alone is four times as fast.
_COMMON = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"))

# One spelling for the names that matter most. The country is found before its case is lost ("us" is a pronoun), by a
# pattern that opens with its rarest letter; the rest after everything but letters and digits became a space.
_COUNTRY = re.compile(rb"U(?:S|\.\s?S\.?(?:\s?A\.?)?)(?![0-9A-Za-z])")
_SPELLINGS = (
    (b" s 400", b" s400"), (b" s  400", b" s400"), (b" s   400", b" s400"), (b" s400s ", b" s400 "),
    (b" u s ", b" usa "),
)  # fmt: skip


def _country(match: re.Match[bytes]) -> bytes:
    inside_a_word = match.string[match.start() - 1 : match.start()].isalnum()
    return match[0] if inside_a_word else b"USA "


class _FoldTable(dict[int, str]):
    """Code point to its ASCII-most spelling, worked out the first time a character is met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    if character in _LETTERS:
        return _LETTERS[character]
    decomposed = unicodedata.normalize("NFKD", character)
    if decomposed != character:
        return "".join(_FOLDED[ord(part)] for part in decomposed)
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):  # accents, enclosing marks, soft hyphens and zero-width joiners
        return ""
    if category[0] in "LNM":
        return character.lower() if len(character.lower()) == 1 else character
    return " "


_FOLDED = _FoldTable({code: chr(code) for code in range(128)})


def fold(text: str) -> str:
    """Return `text` without diacritics and typographic signs; case is kept."""
    text = text.replace("`", "'")
    if text.isascii():
        return text
    if "â€" in text or "Â\xa0" in text:
        for damaged, meant in _MOJIBAKE:
            text = text.replace(damaged, meant)
    for sign, plain in _COMMON:
        text = text.replace(sign, plain)
    return text if text.isascii() else text.translate(_FOLDED)


def tokenize_batch(texts: Iterable[str]) -> list[bytes]:
    """Return the tokens of all `texts` in one list, each sentence opened by `SEPARATOR`.

    Sentences never influence each other: the separator keeps every rule inside its sentence.
    """
    opened = [b" \xff " + fold(text).encode() for text in texts]
    data = b"".join(opened) + b" "
    data = _COUNTRY.sub(_country, data.replace(b"'s ", b" "))
    data = data.translate(_TO_SPACE, b"'").lower()
    for spelling, token in _SPELLINGS:
        data = data.replace(spelling, token)
    return data.split()


def tokenize(text: str) -> list[bytes]:
    """Return the tokens of one sentence."""
    return tokenize_batch((text,))[1:]


def normalize(text: str) -> str:
    """Return the tokens of one sentence joined by spaces: what the model reads.

    >>> normalize("Türkiye won't give up the S 400")
    'turkiye wont give up the s400'
    """
    return b" ".join(tokenize(text)).decode()


def check_texts(texts: object, name: str = "texts") -> Sequence[str]:
    """Return `texts` as a sequence of ``str``, or raise ``TypeError`` naming the first offending position.

    A lone ``str`` is refused: iterating over its letters is never what the caller meant.
    """
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"{name} is a single {type(texts).__name__}; expected a list of sentences: wrap it as [{name}]")
    if not isinstance(texts, Iterable):
        raise TypeError(f"{name} is a {type(texts).__name__}; expected a list of sentences")
    values = texts if isinstance(texts, (list, tuple)) else list(texts)
    for position, value in enumerate(values):
        if not isinstance(value, str):
            raise TypeError(f"{name}[{position}] is a {type(value).__name__}; expected str")
    return values
