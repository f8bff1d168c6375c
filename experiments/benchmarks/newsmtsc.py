"""NewsMTSC (Hamborg & Donnay 2021): polarity of news sentences toward a marked mention.

    python -m experiments.benchmarks.newsmtsc --data FOLDER

Official measure: macro-F1 on the test files rw (real-world shares) and mt (sentences with several targets). FOLDER
holds train.jsonl, rw_test.jsonl and mt_test.jsonl, one row a target, of github.com/fhamborg/NewsMTSC.
"""

from __future__ import annotations

import sys

from stance.training import pin_threads

pin_threads()

from sklearn.ensemble import VotingClassifier  # noqa: E402 - threads are pinned before NumPy is imported
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union  # noqa: E402

from experiments.benchmarks import models  # noqa: E402
from experiments.benchmarks.models import SoftmaxSVC, View, characters, see, stance_model, words  # noqa: E402
from experiments.benchmarks.protocol import Benchmark, main  # noqa: E402
from experiments.benchmarks.readers import read_newsmtsc  # noqa: E402
from stance.features import AdditiveTfidf  # noqa: E402

NEAR = {"left": 0.5, "right": 0.5}
ALL = NEAR | {"clause": 0.5, "mentions": 0.3}
VIEWS: dict[str, View] = {
    "left": models.left, "right": models.right, "clause": models.clause, "mentions": models.mentions,
}  # fmt: skip


def views(weights: dict[str, float], *, additive: bool) -> FeatureUnion:
    """Return features of the masked sentence and, scaled by `weights`, of other views of it."""
    near = AdditiveTfidf(ngram_range=(3, 5), anchors=0)
    parts = [("masked", see(models.masked, AdditiveTfidf() if additive else make_union(words(), characters(3, 5, 2))))]
    for name in weights:
        features = near if additive or name in ("clause", "mentions") else words()
        parts.append((name, see(VIEWS[name], features)))
    return FeatureUnion(parts, transformer_weights=weights)


ADDITIVE = make_pipeline(views(ALL, additive=True), SoftmaxSVC(0.1))
UNION = make_pipeline(views(ALL, additive=False), SoftmaxSVC(0.1))

BENCHMARK = Benchmark(
    name="newsmtsc",
    read=read_newsmtsc,
    candidates={
        "StanceClassifier, masked target": stance_model(models.masked),
        "additive TF-IDF, masked and windows": make_pipeline(views(NEAR, additive=True), SoftmaxSVC(0.1)),
        "additive TF-IDF, all views": ADDITIVE,
        "TF-IDF union, masked and windows": make_pipeline(views(NEAR, additive=False), SoftmaxSVC(0.1)),
        "TF-IDF union, all views": UNION,
        "vote of both, all views": VotingClassifier([("additive", ADDITIVE), ("union", UNION)], voting="soft"),
    },
    references={"majority label": models.majority(), "StanceClassifier": stance_model(models.masked)},
    measure="macro_f1",
)

if __name__ == "__main__":
    sys.exit(main(BENCHMARK, __doc__))
