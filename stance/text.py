"""The one normaliser and tokeniser, used by training and scoring alike.

A sentence becomes a list of tokens, each a ``bytes`` of lower-case UTF-8 without diacritics. Working on bytes
lets a whole batch pass through a handful of C-speed calls (``translate``, ``replace``, ``split``) at once:

>>> tokenize("Erdoğan’s U.S. visit: “no step back” on the S-400s")
[b'erdogan', b'usa', b'visit', b'no', b'step', b'back', b'on', b'the', b's400']

Any ``str`` is accepted: lone surrogates, control characters and punctuation of any script separate tokens.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterable, Sequence

SEPARATOR = b"\xff"
"""Token that opens each sentence of a batch; no UTF-8 text contains this byte."""

_OPENER = " \x1e "  # stands for the separator while a batch is still a string: a control character, read like any other

_LETTERS_AND_DIGITS = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" + bytes(range(128, 256))
_TO_LOWER = bytes(byte if byte in _LETTERS_AND_DIGITS else 32 for byte in range(256)).lower()
_TO_TOKENS = _TO_LOWER[:0x1E] + SEPARATOR + _TO_LOWER[0x1F:]

# Letters that NFKD leaves whole although readers and wire services write them in ASCII, and typographic signs.
_LETTERS = {
    "ı": "i", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae", "Æ": "AE",
    "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "TH", "ð": "d", "Ð": "D", "ə": "e", "Ə": "E", "‘": "'", "’": "'",
    "ʼ": "'", "ʻ": "'", "′": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-",
}  # fmt: skip

# UTF-8 punctuation read as Windows-1252 and saved again: the commonest damage in scraped news.
_MOJIBAKE = (("â€™", "'"), ("â€˜", "'"), ("â€œ", '"'), ("â€\x9d", '"'), ("â€“", "-"), ("â€”", "-"), ("Â\xa0", " "))

# One spelling for the names that matter most. The country is found before its case is lost ("us" is a pronoun), by a
# pattern that opens with its rarest letter; the rest after everything but letters and digits became a space.
_POSSESSIVE = re.compile(rb"'s(?= )")
_COUNTRY = re.compile(rb"U(?:S|\.\s?S\.?(?:\s?A\.?)?)(?![0-9A-Za-z])")
_SPELLED_APART = (b" s ", b" s  ", b" s   ")


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


def _fold_run(error: UnicodeError) -> tuple[bytes, int]:
    """Fold the characters that the ASCII codec stopped at: the rest of a batch passes at the codec's speed."""
    assert isinstance(error, UnicodeEncodeError)
    run = error.object[error.start : error.end]
    if len(run) > 1:
        for damaged, meant in _MOJIBAKE:
            run = run.replace(damaged, meant)
    return run.translate(_FOLDED).encode(), error.end


codecs.register_error("stance.fold", _fold_run)


def _encode(text: str) -> bytes:
    """Return `text` as UTF-8 without diacritics and typographic signs; case is kept."""
    return text.encode("ascii", "stance.fold").replace(b"`", b"'")


def fold(text: str) -> str:
    """Return `text` without diacritics and typographic signs; case is kept."""
    return _encode(text).decode()


def join_batch(texts: Sequence[str]) -> bytes:
    """Return the tokens of all `texts` with spaces between, each sentence opened by `SEPARATOR`.

    Sentences never influence each other: the separator keeps every rule inside its sentence. Every step is one call
    on the whole batch.
    """
    if not texts:
        return b""
    joined = _OPENER + _OPENER.join(texts) + " "
    if joined.count("\x1e") > len(texts):
        joined = _OPENER + _OPENER.join(text.replace("\x1e", "\x1f") for text in texts) + " "
    data = _POSSESSIVE.sub(b"", _encode(joined))
    data = _COUNTRY.sub(_country, data).replace(b"'", b"").translate(_TO_TOKENS)
    return _join_system(data).replace(b" u s ", b" usa ")


def _join_system(data: bytes) -> bytes:
    """Return `data` with every spelling of S-400 and S-400s as ``s400``; one search for the rare part finds them."""
    parts = data.split(b"400")
    for i in range(len(parts) - 1):
        if parts[i].endswith(_SPELLED_APART):
            parts[i] = parts[i].rstrip(b" ")
        if parts[i + 1].startswith(b"s ") and parts[i].endswith(b" s"):
            parts[i + 1] = parts[i + 1][1:]
    return b"400".join(parts)


def tokenize_batch(texts: Sequence[str]) -> list[bytes]:
    """Return the tokens of all `texts` in one list, each sentence opened by `SEPARATOR`."""
    return join_batch(texts).split()


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
    if set(map(type, values)) <= {str}:  # nearly always, and much faster than to ask for each
        return values
    for position, value in enumerate(values):
        if not isinstance(value, str):
            raise TypeError(f"{name}[{position}] is a {type(value).__name__}; expected str")
    return values
