"""Global Warming Stance Dataset (Luo, Card & Jurafsky 2020): sentences of US news on climate change.

    python -m experiments.benchmarks.gwsd --data FOLDER

Official measures: macro-F1 in five-fold cross-validation on the training sentences, and accuracy on the balanced test.
FOLDER holds GWSD.tsv of github.com/yiweiluo/GWStance.
"""

from __future__ import annotations

import sys

from stance.training import pin_threads

pin_threads()

from sklearn.ensemble import VotingClassifier  # noqa: E402 - threads are pinned before NumPy is imported
from sklearn.naive_bayes import ComplementNB  # noqa: E402
from sklearn.pipeline import make_pipeline, make_union  # noqa: E402

from experiments.benchmarks.models import (  # noqa: E402
    SoftmaxSVC,
    characters,
    logistic,
    majority,
    see,
    stance_model,
    texts,
    words,
)
from experiments.benchmarks.protocol import Benchmark, main  # noqa: E402
from experiments.benchmarks.readers import read_gwsd  # noqa: E402
from stance.features import AdditiveTfidf  # noqa: E402

UNION = make_union(words(), characters(3, 5))
MEMBERS = {
    "union_lr": see(texts, make_pipeline(UNION, logistic(1))),
    "union_svm": see(texts, make_pipeline(UNION, SoftmaxSVC(0.1))),
    "words_lr": see(texts, make_pipeline(words(1), logistic(1))),
    "additive_lr": see(texts, make_pipeline(AdditiveTfidf(), logistic(1))),
    "additive_bayes": see(texts, make_pipeline(AdditiveTfidf(anchors=0), ComplementNB(alpha=0.3))),
}


def vote(*names: str) -> VotingClassifier:
    """Return the mean of the members' probabilities."""
    return VotingClassifier([(name, MEMBERS[name]) for name in names], voting="soft")


BENCHMARK = Benchmark(
    name="gwsd",
    read=read_gwsd,
    candidates={
        "StanceClassifier": stance_model(),
        "TF-IDF union, LR": MEMBERS["union_lr"],
        "TF-IDF union, SVM": MEMBERS["union_svm"],
        "TF-IDF words, LR": MEMBERS["words_lr"],
        "additive TF-IDF, LR": MEMBERS["additive_lr"],
        "additive TF-IDF, naive Bayes": MEMBERS["additive_bayes"],
        "vote of LR and SVM, union": vote("union_lr", "union_svm"),
        "vote of LR, union and words": vote("union_lr", "words_lr"),
        "vote of LR, union and additive": vote("union_lr", "additive_lr"),
        "vote of all": vote(*MEMBERS),
    },
    references={"majority label": majority(), "StanceClassifier": stance_model()},
    measure="macro_f1",
)

if __name__ == "__main__":
    sys.exit(main(BENCHMARK, __doc__))
