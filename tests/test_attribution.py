"""Who holds a sentence's stance: one rule, one example; and the gold articles as a whole."""

from __future__ import annotations

from datetime import date

import pytest

from stance.attribution import UNKNOWN, Attribution, attribute
from stance.sentences import split_sentences
from stance.target import bundled_target

DAY = date(2019, 8, 1)


def told(text: str) -> list[Attribution]:
    return attribute(split_sentences(text), bundled_target(), DAY)


@pytest.mark.parametrize(
    ("sentence", "holder", "cue", "kind"),
    [
        ("Akar said the deal was done.", "Hulusi Akar", "said", "indirect"),
        ('"The deal is done and paid for," Akar said.', "Hulusi Akar", "said", "direct"),
        ('"The deal is done," said Pentagon deputy Ellen Lord.', "Ellen Lord", "said", "direct"),
        ("The deal is done, the Turkish defence minister said.", "Hulusi Akar", "said", "indirect"),
        ("According to Akar, the deal is done.", "Hulusi Akar", "According to", "indirect"),
        ("Pompeo: Turkey cannot have both", "Mike Pompeo", ":", "indirect"),
        ("Turkey cannot have both systems - Pompeo", "Mike Pompeo", "-", "indirect"),
        ("Washington sanctioned Ankara over the missiles.", "United States", "sanctioned", "act"),
        ("Noa Shenhav, a researcher in Tel Aviv, called it a gift.", "Noa Shenhav", "called", "indirect"),
        ("In Ankara, Foreign Minister Cavusoglu told reporters so.", "Mevlut Cavusoglu", "told", "indirect"),
        ("Akar, speaking after a call with Esper, said no.", "Hulusi Akar", "said", "indirect"),
        ("President Donald Trump, however, said Turkey had a point.", "Donald Trump", "said", "indirect"),
        ("ANKARA, Feb 9 - The deal is done, Akar said.", "Hulusi Akar", "said", "indirect"),
        ("The Pentagon again urged Turkey to return them.", "US Department of Defense", "urged", "indirect"),
    ],
)
def test_one_sentence(sentence: str, holder: str, cue: str, kind: str) -> None:
    (found,) = told(sentence)
    assert (found.holder, found.cue, found.kind) == (holder, cue, kind)
    assert found.mention in sentence


@pytest.mark.parametrize(
    "sentence", ["A diplomat said the deal was dead.", "Turkey was removed from the programme.", "It is a fine weapon."]
)
def test_unknown_is_better_than_a_guess(sentence: str) -> None:
    assert told(sentence)[0].holder == UNKNOWN


@pytest.mark.parametrize(
    "text",
    [
        "Akar spoke in Ankara. He added that the deal was done.",
        "Defence Minister Hulusi Akar said so. The minister added that the deal was done.",
        '"The deal is done," Akar said. "Nobody will change that."',
        '"The deal is done. Nobody will change that," Akar said.',
        'Akar said: "The deal is done. Nobody will change that."',
    ],
)
def test_speakers_are_carried_over(text: str) -> None:
    assert [found.holder for found in told(text)] == ["Hulusi Akar"] * 2


def test_a_transcript_keeps_its_speaker() -> None:
    found = told("MS. LORD: We have said this for years. We will not change our minds.\n\nMR. PAHON: Thank you.")
    assert found[0].holder == found[1].holder == "Ellen Lord"


def test_damaged_marks_and_open_quotations() -> None:
    assert told("â€œThe deal is done,â€\x9d Akar said.")[0].holder == "Hulusi Akar"
    assert told('"The deal is done, Akar said. Esper called it a mistake.')[1].holder == "Mark Esper"


def test_sides_that_cannot_hold_the_stance_are_passed_over() -> None:
    sentences = split_sentences("Turkey must return them, Pompeo said.")
    found = attribute(sentences, bundled_target(), DAY, ["oppose"])
    assert found[0].holder == "Mike Pompeo"
