"""Who wrote an article, where a byline or a line about the author says so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stance.sentences import Sentence

_NAME = r"[A-Z][\w.'’-]+"
_BY = re.compile(rf"(?:(?:Opinion|Column|Analysis|Comment|Letter) )?(?:[Bb]y|BY|from)\s+((?:{_NAME} ?){{2,4}})")
_ABOUT = re.compile(
    rf"((?:(?:{_NAME}|van|de|von|el) ){{1,3}}{_NAME}),? "
    r"(?:is an?|is the|was|teaches|writes|works|served|heads|leads)\b"
)


def author_of(sentences: Sequence[Sentence]) -> str:
    """Return the author's name from "By ..." at the beginning or "... is a columnist" at the end, or nothing.

    >>> author_of([Sentence("By Ada Lovelace", 0, 15, 0)])
    'Ada Lovelace'
    """
    for pattern, part in ((_BY, sentences[:4]), (_ABOUT, sentences[-3:])):
        for sentence in part:
            match = pattern.match(sentence.text.strip())
            if match:
                return match[1].strip().rstrip(",.")
    return ""
