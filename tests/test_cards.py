"""Model cards: front matter that parses, markup that cannot break out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from stance.cards import card_html, card_markdown
from stance.index import Published
from stance.publish import publish_model
from tests.conftest import ROOT

ENTRY = Published(
    name="small", version="1", target="the purchase", labels=("none", "oppose"), size=1234, sha256="ab" * 32, format=1,
    scores={"test": {"macro_f1": 0.5, "count": 10, "f1": {"none": 0.5}}}, date="2026-01-02", licence="MIT",
)  # fmt: skip
MANIFEST = {"dataset": {"name": "mine", "version": 2, "examples": 10, "fingerprint": "f00"}}


def front_matter(card: str) -> dict[str, object]:
    """Return the fields, each of whose values is JSON and so YAML."""
    head = card.split("---\n")[1]
    return {name: json.loads(value) for name, _, value in (line.partition(": ") for line in head.splitlines())}


def test_front_matter_says_what_a_hub_asks() -> None:
    fields = front_matter(card_markdown(ENTRY, MANIFEST))
    assert fields["license"] == "mit"
    assert fields["pipeline_tag"] == "text-classification"
    index = fields["model-index"]
    assert isinstance(index, list)
    assert index[0]["results"][0]["metrics"] == [{"type": "f1", "name": "macro-F1, test", "value": 0.5}]


def test_the_card_shows_facts_scores_and_use() -> None:
    card = card_markdown(ENTRY, MANIFEST, "About it.")
    assert "About it." in card
    assert "10 sentences of mine 2" in card
    assert "| macro\\_f1 | 0.500 |" in card
    assert f"stance download small==1@sha256:{ENTRY.sha256}" in card


def test_nothing_breaks_out_of_the_page() -> None:
    hostile = '<script>alert("x")</script> | # [x](javascript:alert(1))'
    entry = replace(ENTRY, target=hostile, labels=(hostile, "b"))
    page = card_html(card_markdown(entry, MANIFEST, f"{hostile}\n\n<img src=x onerror=y>"), hostile)
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    assert "Content-Security-Policy" in page


def test_published_cards_are_readable(tmp_path: Path) -> None:
    about = (ROOT / "docs" / "model-card.md").read_text()
    entry = publish_model(ROOT / "stance" / "data" / "s400.stance", tmp_path, licence="MIT", card=about)
    page = (tmp_path / "models" / "s400" / entry.version / "index.html").read_text()
    assert "<h2>Facts</h2>" in page
    assert "license:" not in page
    assert page.count("<table>") >= 3
