"""Articles from text to statements, and from files to articles."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stance.article import Article, analyze_article, parse_date
from stance.articles import parse_articles, read_articles
from stance.errors import DataError, InputError
from stance.model import Model
from tests.conftest import EVALUATION

STORY = """\
Pentagon official Ellen Lord said on Wednesday that Turkey cannot have both the F-35 and the Russian S-400.

Turkey took delivery of the first battery in July 2019.

“There is no turning back on the S-400,” Turkish Defense Minister Hulusi Akkar told reporters in Ankara. He added that
talks with allies would go on.

The lira closed at 5.52 to the dollar.
"""


def test_a_story(model: Model) -> None:
    analysis = analyze_article(STORY, model, published="2019-07-18")
    assert [s.stance for s in analysis.sentences][:3] == ["oppose", "none", "support"]
    assert analysis.sentences[-1].stance == "none"
    by_holder = {total.holder: dict(total.counts) for total in analysis.holders}
    assert by_holder["Ellen Lord"] == {"oppose": 1}
    assert "support" in by_holder["Hulusi Akar"]
    first = analysis.statements[0]
    assert (first.side, first.cue, first.kind, first.mention) == (
        "US government", "said", "indirect", "Pentagon official Ellen Lord",
    )  # fmt: skip
    assert first.words


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200))
def test_offsets_hold_for_any_text(model: Model, text: str) -> None:
    analysis = analyze_article(text + " S-400", model)
    assert all(analysis.article.text[s.start : s.end] == s.sentence for s in analysis.sentences)


def test_notebooks_show_text_as_text(model: Model) -> None:
    page = analyze_article("Akar said the <b>S-400</b> deal is done.", model, published="2019-08-01")._repr_html_()
    assert "<td>Hulusi Akar</td>" in page
    assert "&lt;b&gt;S-400" in page


def test_another_topic_has_no_stance(model: Model) -> None:
    text = "The coach warned that the deal was unacceptable. The club will never give up, its president vowed."
    assert analyze_article(text, model).statements == ()


def test_the_machine_translated_story(model: Model) -> None:
    path = EVALUATION / "seed-article.json"
    if not path.exists():
        pytest.skip(f"the real article is not at hand: {path}")
    gold = json.loads(path.read_bytes())
    analysis = analyze_article(gold["text"], model, published=gold["published"])
    rows = list(zip(analysis.sentences, gold["sentences"], strict=True))
    assert [(s.start, s.end) for s, _ in rows] == [(g["start"], g["end"]) for _, g in rows]
    right = [s.stance == g["label"] or s.stance in g["also_accepted"] for s, g in rows]
    assert sum(right) >= 10
    sides = {"US government": "US government", "US government and NATO": "US government"}
    held = [s.side == sides.get(g["holder"] or "", "Turkish government" if g["holder"] else "") for s, g in rows]
    assert sum(held) >= 8


def test_dates() -> None:
    assert parse_date("2021-02-11T10:00:00Z") == date(2021, 2, 11)
    assert parse_date("") is None
    with pytest.raises(InputError, match="expected a date such as"):
        parse_date("soon")


def test_files_of_every_kind(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Plain text.")
    (tmp_path / "b.md").write_text("---\ntitle: T\npublished: 2020-01-03\n---\n# *Head*\n\nOne [link](x)\nmore.")
    (tmp_path / "c.jsonl").write_text(json.dumps({"text": "Row.", "published": "2020-01-02", "outlet": "O"}) + "\n")
    body = "<p>Ankara will keep the missiles, the minister said on Wednesday in a long and winding answer.</p>" * 4
    page = f"<html><head><title>T</title></head><body><nav>Home</nav><article><h1>T</h1>{body}</article></body></html>"
    (tmp_path / "d.html").write_text(page)
    (tmp_path / "e.bin").write_bytes(b"\0")
    articles = list(read_articles(tmp_path))
    assert articles[0] == Article("Plain text.", title="a.txt")
    assert articles[1] == Article("Head\n\nOne link more.", date(2020, 1, 3), title="T")
    assert articles[2] == Article("Row.", date(2020, 1, 2), "O")
    assert "the minister said" in articles[3].text
    assert "Home" not in articles[3].text


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("x.txt", b"", "empty"),
        ("x.txt", b"\xff", "byte 1 is not UTF-8"),
        ("x.jsonl", b"{", "x.jsonl:1: not JSON"),
        ("x.jsonl", b'{"text": 7}', "x.jsonl:1: no text"),
        ("x.jsonl", b'{"text": "a", "published": "soon"}', "x.jsonl:1: published is 'soon'"),
        ("x.html", b"<html></html>", "no article found"),
    ],
)
def test_bad_files_say_where(name: str, content: bytes, words: str) -> None:
    with pytest.raises(DataError, match=words):
        list(parse_articles(content, name, Path(name).suffix))


def test_what_can_be_read_is_read_where_errors_are_taken(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Plain text.")
    (tmp_path / "b.txt").write_text(" ")
    rows = [b'{"text": "One.", "published": "soon"}', b"\xff", b'{"text": "Two."}']
    (tmp_path / "c.jsonl").write_bytes(b"\n".join(rows))
    errors: list[DataError] = []
    assert [article.text for article in read_articles(tmp_path, errors.append)] == ["Plain text.", "Two."]
    told = [str(error).removeprefix(f"{tmp_path}/").split(":")[:2] for error in errors]
    assert told == [["b.txt", " empty; expected the text of an article"], ["c.jsonl", "1"], ["c.jsonl", "2"]]
    with pytest.raises(DataError, match=r"b\.txt: empty"):
        list(read_articles(tmp_path))


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no articles in this folder"):
        list(read_articles(tmp_path))
