from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.text import SEPARATOR, check_texts, fold, normalize, tokenize, tokenize_batch


@pytest.mark.parametrize(
    "written", ["S-400", "S400", "S 400", "S-400s", "S–400", "S-\n400", "s-400", "S - 400", "S-400's", "“S-400”"]
)
def test_all_spellings_of_the_system_are_one_token(written: str) -> None:
    assert tokenize(f"the {written} deal") == [b"the", b"s400", b"deal"]


@pytest.mark.parametrize("written", ["U.S.", "US", "U. S.", "USA", "U.S.A.", "U.S.'s", "u.s."])
def test_all_spellings_of_the_united_states_are_one_token(written: str) -> None:
    assert tokenize(f"the {written} view") == [b"the", b"usa", b"view"]


def test_the_pronoun_us_is_not_the_country() -> None:
    assert tokenize("they told us so") == [b"they", b"told", b"us", b"so"]


def test_a_possessive_before_a_number_is_not_the_system() -> None:
    assert tokenize("Turkey's 400 tanks") == [b"turkey", b"400", b"tanks"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Erdoğan", "erdogan"),
        ("Çavuşoğlu", "cavusoglu"),
        ("İstanbul ISPARTA ışık", "istanbul isparta isik"),
        ("Türkiye’nin", "turkiyenin"),
        ("We wonâ€™t", "we wont"),
        ("soft\u00adening", "softening"),
        ("full\u3000width ＵＳ", "full width usa"),
        ("½ price", "1 2 price"),
        ("Москва 俄罗斯", "москва 俄罗斯"),
        ("\ud800 lone \x00 nul", "lone nul"),
        ("", ""),
        ("?!… — ", ""),
    ],
)
def test_normalize(written: str, meant: str) -> None:
    assert normalize(written) == meant


def test_negation_is_one_token_however_the_apostrophe_is_written() -> None:
    assert tokenize("won't") == tokenize("won’t") == tokenize("wont") == [b"wont"]


@given(st.text(alphabet=st.characters(), max_size=80))
def test_any_text_is_accepted_and_normalising_again_changes_no_word_of_ascii(text: str) -> None:
    tokens = tokenize(text)
    assert all(token and SEPARATOR not in token and b" " not in token for token in tokens)
    assert fold(fold(text)) == fold(text)


@given(st.lists(st.text(alphabet=st.characters(), max_size=30), max_size=6))
def test_a_batch_is_the_sum_of_its_sentences(texts: list[str]) -> None:
    assert tokenize_batch(texts) == [token for text in texts for token in (SEPARATOR, *tokenize(text))]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("one sentence", "wrap it as"),
        (b"bytes", "single bytes"),
        (3, "a int"),
        (["fine", None], r"texts\[1\] is a NoneType"),
        ([b"bytes"], r"texts\[0\] is a bytes"),
    ],
)
def test_check_texts_refuses(wrong: object, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        check_texts(wrong)


def test_check_texts_accepts_any_iterable() -> None:
    assert check_texts(text for text in "ab") == ["a", "b"]
