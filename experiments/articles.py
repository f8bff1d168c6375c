"""How well whole articles are read: holders, stances in context, false alarms, speed; on the gold articles.

    python -m experiments.articles

Rules were written and weights fitted on the dev articles; the test articles were not looked at. Holders are
scored on sentences whose gold label is a stance: precision over those that get a holder, recall over all. Stances are
scored with each sentence by itself, and as `analyze_article` reads them.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from stance.training import pin_threads

pin_threads()

from experiments.runs import HERE, RUNS, environment  # noqa: E402 - threads are pinned before NumPy is imported
from stance.article import Article, analyze_article  # noqa: E402
from stance.attribution import UNKNOWN, attribute  # noqa: E402
from stance.files import decode_lines, read_bytes, write_text  # noqa: E402
from stance.metrics import score  # noqa: E402
from stance.model import Model  # noqa: E402
from stance.registry import load_model  # noqa: E402
from stance.sentences import Sentence, split_sentences  # noqa: E402
from stance.target import bundled_target  # noqa: E402

GOLD = HERE.parent / "datasets" / "s400" / "articles" / "articles.jsonl"
SPEED_ARTICLES = 1000

Row = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Score the gold articles and record."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args(
        arguments
    )
    model = load_model()
    rows = gold_articles("dev") + gold_articles("test")
    record: Row = {"command": "python -m experiments.articles", "environment": environment()}
    for split in ("dev", "test"):
        part = [row for row in rows if row["split"] == split]
        record[split] = {"articles": len(part), "holders": holders(part), "stances": stances(part, model)}
    record["off_topic"] = off_topic(rows, model)
    record["speed"] = speed(rows, model)
    (RUNS / "articles").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "articles" / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps({name: record[name] for name in ("dev", "test", "off_topic", "speed")}, indent=1))
    return 0


def gold_articles(split: str) -> list[Row]:
    """Return the gold articles of a split."""
    rows = [json.loads(line) for _, line in decode_lines(read_bytes(GOLD), str(GOLD))]
    return [row for row in rows if row["split"] == split]


def holders(rows: Sequence[Row]) -> dict[str, float | int]:
    """Return precision and recall of holders given the gold stance, and of their sides."""
    target = bundled_target()
    actors = {actor.name: actor for actor in target.holders.actors}
    total = said = right = side = 0
    for row in rows:
        day = date.fromisoformat(row["published"])
        labels = [gold["label"] for gold in row["sentences"]]
        for gold, found in zip(row["sentences"], attribute(places(row), target, day, labels), strict=True):
            if gold["label"] == "none" or gold["holders"] == [UNKNOWN]:
                continue
            total += 1
            if found.is_known:
                said += 1
                correct = found.holder in gold["holders"]
                sides = {actors[name].side(day) for name in gold["holders"] if name in actors}
                right += correct
                side += correct or (found.actor is not None and found.actor.side(day) in sides)
    shares = {"precision": right / said, "recall": right / total, "side_precision": side / said}
    return {"statements": total, **{name: round(value, 4) for name, value in shares.items()}}


def places(row: Row) -> list[Sentence]:
    """Return the gold sentences of an article with their paragraphs."""
    found, paragraph, before = [], 0, 0
    for gold in row["sentences"]:
        start, end = gold["start"], gold["end"]
        paragraph += "\n\n" in row["text"][before:start]
        found.append(Sentence(row["text"][start:end], start, end, paragraph))
        before = end
    return found


def stances(rows: Sequence[Row], model: Model) -> dict[str, Any]:
    """Return macro-F1 of stances by sentence alone and in the article, on sentences cut as in the gold."""
    gold, groups, alone, within = [], [], [], []
    kept = 0
    for row in rows:
        analysis = analyze_article(Article(row["text"], date.fromisoformat(row["published"])), model)
        found = {(s.start, s.end): s for s in analysis.sentences}
        matched = [g for g in row["sentences"] if (g["start"], g["end"]) in found]
        kept += len(matched)
        gold += [g["label"] for g in matched]
        groups += [row["id"]] * len(matched)
        alone += model.predict_proba([row["text"][g["start"] : g["end"]] for g in matched]).tolist()
        for g in matched:
            statement = found[g["start"], g["end"]]
            chosen = [float(label == statement.stance) for label in model.labels]
            within.append(chosen)
    result: dict[str, Any] = {"sentences": sum(len(row["sentences"]) for row in rows), "cut_alike": kept}
    for name, probabilities in (("alone", alone), ("in_article", within)):
        scores = score(gold, probabilities, model.labels, groups)
        result[name] = {"macro_f1": round(scores.macro_f1, 4), "f1": {k: round(v, 4) for k, v in scores.f1.items()}}
        result[name]["interval"] = [round(bound, 4) for bound in scores.intervals["macro_f1"]]
    return result


def off_topic(rows: Sequence[Row], model: Model) -> dict[str, Any]:
    """Return how many sentences of articles without any stance get one."""
    other = [row for row in rows if all(gold["label"] == "none" for gold in row["sentences"])]
    analyses = [analyze_article(row["text"], model) for row in other]
    sentences = sum(len(analysis.sentences) for analysis in analyses)
    alone = sum(int((model.predict([s.sentence for s in a.sentences]) != "none").sum()) for a in analyses)
    alarms = sum(len(analysis.statements) for analysis in analyses)
    return {
        "articles": len(other),
        "sentences": sentences,
        "alarms_per_100_alone": round(100 * alone / sentences, 2),
        "alarms_per_100": round(100 * alarms / sentences, 2),
    }


def speed(rows: Sequence[Row], model: Model) -> dict[str, Any]:
    """Return CPU seconds for a thousand articles of thirty sentences, beside plain scoring of the same sentences."""
    sentences = [row["text"][gold["start"] : gold["end"]] for row in rows for gold in row["sentences"]]
    texts = []
    for number in range(SPEED_ARTICLES):
        start = number * 30 % (len(sentences) - 30)
        texts.append("\n\n".join(" ".join(sentences[start + i : start + i + 3]) for i in range(0, 30, 3)))
    begun = time.process_time()
    analyses = [analyze_article(text, model, published="2020-01-01") for text in texts]
    articles = time.process_time() - begun
    plain = [sentence.text for text in texts for sentence in split_sentences(text)]
    begun = time.process_time()
    model.predict_proba(plain)
    scoring = time.process_time() - begun
    return {
        "articles": SPEED_ARTICLES,
        "sentences": sum(len(analysis.sentences) for analysis in analyses),
        "seconds": round(articles, 2),
        "plain_scoring_seconds": round(scoring, 3),
        "ratio": round(articles / scoring, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
