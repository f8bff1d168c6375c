"""The report: what it says, that nothing breaks out of it, and how it behaves in a browser."""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from stance.article import Article, ArticleAnalysis, Statement, analyze_article
from stance.errors import InputError
from stance.holders import Holders
from stance.model import Model
from stance.report import write_report
from stance.target import Label, Target

HOSTILE = '<script>document.title = "owned"</script><img src=x onerror="document.title=1">'
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def story(number: int) -> Article:
    day = date(2021, 1, 4) + timedelta(days=3 * number)
    said = ["There is no turning back on the S-400", "The S-400 is a done deal", "We will not give up the S-400"]
    text = (
        f'"{said[number % 3]}, whatever they say in week {number}," Defence Minister Hulusi Akar said in Ankara.\n'
        f"The Pentagon again called the Russian missiles incompatible with the F-35, for the time number {number}.\n"
        f"The lira closed at {number} to the dollar."
    )
    return Article(text, day, "Wire", f"https://example.org/{number}", f"Story {number}")


@pytest.fixture(scope="module")
def analyses(model: Model) -> list[ArticleAnalysis]:
    hostile = replace(
        story(30), text=f"Ankara will keep the S-400 {HOSTILE}, Akar said.", title=HOSTILE, outlet=HOSTILE
    )
    return [analyze_article(article, model) for article in [*map(story, range(30)), hostile]]


@pytest.fixture(scope="module")
def page(analyses: list[ArticleAnalysis], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(analyses, path, title=f"A & B {HOSTILE}", model="s400")
    return path


def test_the_page_answers_first_and_loads_nothing(page: Path) -> None:
    content = page.read_text()
    assert content.index("In short") < content.index("Who holds what") < content.index("Over time")
    assert "Hulusi Akar" in content
    assert "default-src 'none'" in content
    assert not any(f"{name}=" in content for name in ("<link", "<script src", "<img src"))


def test_nothing_breaks_out(page: Path) -> None:
    content = page.read_text()
    assert "<script>document.title" not in content
    assert "<img src=x" not in content


def test_the_same_articles_give_the_same_bytes(analyses: list[ArticleAnalysis], page: Path, tmp_path: Path) -> None:
    write_report(analyses, tmp_path / "r.html", title=f"A & B {HOSTILE}", model="s400")
    assert (tmp_path / "r.html").read_bytes() == page.read_bytes()


def test_no_text_leaves_no_text(analyses: list[ArticleAnalysis], tmp_path: Path) -> None:
    for name in ("r.html", "r.csv", "r.jsonl"):
        write_report(analyses, tmp_path / name, text=False)
        content = (tmp_path / name).read_text()
        assert "Hulusi Akar" in content
        assert "turning back" not in content
        assert "done deal" not in content


def test_tables_hold_every_statement(analyses: list[ArticleAnalysis], tmp_path: Path) -> None:
    write_report(analyses, tmp_path / "r.csv")
    write_report(analyses, tmp_path / "r.jsonl")
    with (tmp_path / "r.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    lines = [json.loads(line) for line in (tmp_path / "r.jsonl").read_text().splitlines()]
    assert len(rows) == len(lines) == sum(len(analysis.statements) for analysis in analyses)
    assert [row["sentence"] for row in rows] == [line["sentence"] for line in lines]


def said(stance: str, holder: str, side: str) -> Statement:
    return Statement("Yes.", 0, 4, 0, stance, 0.9, (), holder, side)


def page_of(path: Path, day: date | None, *statements: Statement, target: Target | None = None) -> str:
    write_report([ArticleAnalysis(Article("Yes.", day), (), statements)], path / "r.html", target=target)
    return (path / "r.html").read_text()


def test_nothing_to_draw_says_why(tmp_path: Path) -> None:
    day, sided, sideless = date(2021, 1, 4), said("support", "A", "B"), said("support", "A", "")
    assert "No article has a date, so" in page_of(tmp_path, None, sided)
    assert "No holder has a side (see the target's actors.jsonl), so" in page_of(tmp_path, day, sideless)
    assert "No sentence takes a stance, so" in page_of(tmp_path, day)


def test_a_tie_has_no_winner(tmp_path: Path) -> None:
    content = page_of(tmp_path, date(2021, 1, 4), said("support", "A", "B"), said("oppose", "A", "B"))
    assert "<td>split</td>" in content
    assert "<strong>B</strong> split" in content
    assert "1 support, 1 oppose" in content
    content = page_of(tmp_path, date(2021, 1, 4), *[said("oppose", "A", "B")] * 2, said("support", "A", "B"))
    assert "split" not in content
    assert "2 of 3 sentences oppose" in content


def test_one_week_stands_in_the_middle_and_zero_where_it_is(tmp_path: Path) -> None:
    content = page_of(tmp_path, date(2021, 1, 4), said("softening", "A", "B"))
    assert 'x2="710" y1="57.0" y2="57.0"' in content
    assert '<text x="383.0" y="118" text-anchor="middle">2021-01-04</text>' in content
    assert 'cx="383.0" cy="57.0"' in content
    assert "(1 sentence)" in content


def test_bad_requests(analyses: list[ArticleAnalysis], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected \.html, \.csv or \.jsonl"):
        write_report(analyses, tmp_path / "r.pdf")
    with pytest.raises(InputError, match="no articles"):
        write_report([], tmp_path / "r.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium on this machine")
    sync_api = pytest.importorskip("playwright.sync_api")
    options = ["--disable-gpu", "--disable-background-networking"] + ["--no-sandbox"] * (os.getuid() == 0)
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=options)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Any, page: Path) -> Iterator[Any]:
    tab = browser.new_page()
    tab.errors = []
    tab.on("console", lambda message: tab.errors.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: tab.errors.append(str(error)))
    tab.on("request", lambda r: tab.errors.append(r.url) if not r.url.startswith("file:") else None)
    tab.goto(page.as_uri())
    yield tab
    assert tab.errors == []
    tab.close()


def test_filters_filter(opened: Any) -> None:
    everything = opened.inner_text("#count")
    opened.select_option("#by-holder", "Hulusi Akar")
    only = opened.inner_text("#count")
    assert only != everything
    assert opened.locator("mark:not(.off) .chip").all_inner_texts()[0] == "Hulusi Akar"
    opened.fill("#from", "2021-03-01")
    fewer = opened.inner_text("#count")
    assert int(fewer.split()[0]) < int(only.split()[0])
    opened.uncheck("input[value=support]")
    assert opened.inner_text("#count").startswith("0 sentences")
    opened.check("input[value=support]")
    opened.fill("#least", "1")
    assert opened.inner_text("#count").startswith("0 sentences")


def test_focus_explains_and_pages_turn(opened: Any) -> None:
    mark = opened.locator("mark").first
    assert not mark.locator(".why").is_visible()
    mark.focus()
    assert mark.locator(".why").is_visible()
    assert "Decided by" in mark.locator(".why").inner_text()
    first = opened.inner_text("#articles h3 >> nth=0")
    opened.click("#on")
    assert opened.inner_text("#page") == "Page 2 of 2"
    assert opened.inner_text("#articles h3 >> nth=0") != first


def test_holders_sort(opened: Any) -> None:
    opened.click("#holders th button >> nth=0")
    names = opened.locator("#holders tbody tr td:first-child").all_inner_texts()
    assert names == sorted(names, key=str.lower)
    assert opened.get_attribute("#holders th >> nth=0", "aria-sort") == "ascending"


def test_hostile_text_does_nothing(opened: Any) -> None:
    opened.click("#on")
    assert "A & B" in opened.title()
    assert "owned" not in opened.title().replace(HOSTILE, "")
    assert HOSTILE in opened.inner_text("#articles")


def test_long_labels_and_names_wrap_between_words(browser: Any, tmp_path: Path) -> None:
    labels = ["strongly_supportive", "conditional support", "reluctant softening", "outright <b>_opposition"]
    target = Target("t", "d", Holders(()), labels=tuple(map(Label, labels)))
    told = [said(label, "Kathryn Wheelbarger of the Pentagon", "US government") for label in [*labels, labels[-1]]]
    assert "outright &lt;b&gt;_<wbr>opposition" in page_of(tmp_path, date(2021, 1, 4), *told, target=target)
    tab = browser.new_page(viewport={"width": 1200, "height": 800})
    tab.goto((tmp_path / "r.html").as_uri())
    table, cell = tab.locator("#holders"), tab.locator("#holders tbody td").first
    assert table.evaluate("t => t.scrollWidth <= t.parentElement.clientWidth")
    assert cell.evaluate("c => c.clientWidth >= c.scrollWidth && c.clientWidth > 80")
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible_and_narrow(browser: Any, page: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    tab = browser.new_page(color_scheme=scheme, viewport={"width": 400, "height": 800}, bypass_csp=True)
    tab.goto(page.as_uri())
    found = axe.run(tab).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= 400
    tab.close()


def test_five_thousand_articles_open(browser: Any, analyses: list[ArticleAnalysis], tmp_path: Path) -> None:
    many = [
        replace(
            analyses[i % 30], article=replace(analyses[i % 30].article, published=date(2016 + i % 9, 1 + i % 12, 1))
        )
        for i in range(5000)
    ]
    write_report(many, tmp_path / "many.html", period="month")
    tab = browser.new_page()
    tab.goto((tmp_path / "many.html").as_uri())
    tab.wait_for_selector("mark")
    assert tab.inner_text("#page") == "Page 1 of 250"
    assert tab.locator("article").count() == 20
    tab.close()
