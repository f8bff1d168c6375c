"""How varied the composed sentences are, and how easily they are told from real news.

    python -m experiments.variety --data ../shared/evaluation/news-dev.jsonl

Variety: distinct words and share of distinct word pairs in the first 3,000 words of the file, in random order. Telling
apart: area under the ROC curve of the standard union with logistic regression, by grouped cross-validation; .5 would
mean that nobody can tell. The words that give ours away are printed and recorded; read them and write less like that.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from stance.training import describe, pin_threads

pin_threads()

import numpy as np  # noqa: E402 - threads are pinned before NumPy is imported
from sklearn.feature_extraction.text import CountVectorizer  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.metrics import roc_auc_score  # noqa: E402
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict  # noqa: E402

from experiments.models import union_lr  # noqa: E402
from experiments.runs import HERE, RUNS, environment  # noqa: E402
from stance.dataset import Dataset, load_dataset  # noqa: E402
from stance.errors import StanceError  # noqa: E402
from stance.files import write_text  # noqa: E402
from stance.text import normalize, tokenize  # noqa: E402

WORDS = 3000
SAMPLE = 2000


def main(arguments: list[str] | None = None) -> int:
    """Measure and record; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="FILE", help="real news to compare with")
    options = parser.parse_args(arguments)
    try:
        ours, real = load_dataset(HERE.parent / "datasets" / "s400"), load_dataset(options.data)
    except StanceError as error:
        print(f"variety.py: {error}", file=sys.stderr)
        return 1
    slices = sorted({example.slice for example in ours})
    figures = {name: variety([e.text for e in ours if e.slice == name]) for name in slices}
    figures |= {"all of ours": variety(ours.texts), real.name: variety(real.texts)}
    record: dict[str, Any] = {
        "command": "python -m experiments.variety",
        "environment": environment(),
        "data": describe(ours),
    }
    record |= {"words": WORDS, "variety": figures, "telling apart": telling_apart(ours, real)}
    (RUNS / "variety").mkdir(parents=True, exist_ok=True)
    write_text(RUNS / "variety" / "record.json", json.dumps(record, indent=1) + "\n")
    print(json.dumps(record["telling apart"], indent=1))
    return 0


def variety(texts: list[str]) -> list[float]:
    """Return distinct words and share of distinct word pairs in the first `WORDS` words of shuffled texts."""
    order = list(texts)
    random.Random(0).shuffle(order)
    words = [word for text in order for word in tokenize(text)][:WORDS]
    pairs = list(pairwise(words))
    return [len(set(words)), round(len(set(pairs)) / len(pairs), 3)]


def telling_apart(ours: Dataset, real: Dataset) -> dict[str, Any]:
    """Return the AUC of a classifier of composed against real sentences, and the words it goes by."""
    drawn = random.Random(0).sample(list(ours), SAMPLE)
    texts = [example.text for example in (*drawn, *real)]
    groups = [example.group for example in (*drawn, *real)]
    codes = np.array([1] * len(drawn) + [0] * len(real))
    splitter = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    scores = cross_val_predict(union_lr(), texts, codes, groups=groups, cv=splitter, method="decision_function")
    counts = CountVectorizer(preprocessor=normalize, token_pattern=r"\S+", min_df=10, binary=True)
    words = LogisticRegression(C=0.3, class_weight="balanced", max_iter=1000).fit(counts.fit_transform(texts), codes)
    order = np.argsort(-words.coef_[0])
    names = counts.get_feature_names_out()
    return {
        "auc": round(float(roc_auc_score(codes, scores)), 3),
        "ours": names[order[:20]].tolist(),
        "real": names[order[::-1][:20]].tolist(),
    }


if __name__ == "__main__":
    sys.exit(main())
