"""Sentences and their exact places."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.sentences import split_sentences


def texts(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


@given(st.text(alphabet=st.characters(), max_size=300))
def test_every_sentence_is_where_it_says(text: str) -> None:
    sentences = split_sentences(text)
    assert all(text[s.start : s.end] == s.text == s.text.strip() != "" for s in sentences)
    assert all(a.end <= b.start and a.paragraph <= b.paragraph for a, b in pairwise(sentences))
    kept = "".join(s.text for s in sentences)
    assert sorted(c for c in kept if not c.isspace()) == sorted(c for c in text if not c.isspace())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He met Mr. Esper at 3 p.m. Then he left.", ["He met Mr. Esper at 3 p.m.", "Then he left."]),
        ("The U.S. Dept. of State spoke.", ["The U.S. Dept. of State spoke."]),
        ('"It is done. No way back," he said.', ['"It is done.', 'No way back," he said.']),
        ("He said: “We will not.” “We will,” she said.", ["He said: “We will not.”", "“We will,” she said."]),
        ('"Will we?" he asked. No.', ['"Will we?" he asked.', "No."]),
        ("It ended.Then he left.", ["It ended.", "Then he left."]),
        ("Sens. Van Hollen, D-Md., and Graham, R-S.C., ask.", ["Sens. Van Hollen, D-Md., and Graham, R-S.C., ask."]),
        ("MS. LORD: We stop. It ends.", ["MS. LORD: We stop.", "It ends."]),
        ("", []),
        (" \n ", []),
    ],
)
def test_boundaries(text: str, expected: list[str]) -> None:
    assert texts(text) == expected


def test_paragraphs_end_at_blank_lines_or_else_at_every_line() -> None:
    assert [s.paragraph for s in split_sentences("One.\nTwo. Three.\nFour.")] == [0, 1, 1, 2]
    wrapped = split_sentences("A line that\ngoes on.\n\nAnother one.")
    assert [(s.text, s.paragraph) for s in wrapped] == [("A line that\ngoes on.", 0), ("Another one.", 1)]
