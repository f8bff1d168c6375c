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

UNION_LR = see(texts, make_pipeline(make_union(words(), characters(3, 5)), logistic(1)))
UNION_SVM = see(texts, make_pipeline(make_union(words(), characters(3, 5)), SoftmaxSVC(0.3)))
LR = see(texts, make_pipeline(AdditiveTfidf(), logistic(1)))
SVM = see(texts, make_pipeline(AdditiveTfidf(), SoftmaxSVC(0.1)))
BAYES = see(texts, make_pipeline(AdditiveTfidf(anchors=0), ComplementNB(alpha=0.3)))
MEMBERS = {"union_lr": UNION_LR, "union_svm": UNION_SVM, "lr": LR, "svm": SVM, "bayes": BAYES}


def vote(*names: str) -> VotingClassifier:
    """Return the mean of the members' probabilities."""
    return VotingClassifier([(name, MEMBERS[name]) for name in names], voting="soft")


BENCHMARK = Benchmark(
    name="gwsd",
    read=read_gwsd,
    candidates={
        "StanceClassifier": stance_model(),
        "TF-IDF union, LR": UNION_LR,
        "TF-IDF union, SVM": UNION_SVM,
        "additive TF-IDF, LR": LR,
        "additive TF-IDF, SVM": SVM,
        "additive TF-IDF, naive Bayes": BAYES,
        "vote of both LR": vote("union_lr", "lr"),
        "vote of both LR and both SVM": vote("union_lr", "union_svm", "lr", "svm"),
        "vote of both LR and naive Bayes": vote("union_lr", "lr", "bayes"),
        "vote of all": vote(*MEMBERS),
    },
    references={"majority label": majority(), "StanceClassifier": stance_model()},
    measure="macro_f1",
)

if __name__ == "__main__":
    sys.exit(main(BENCHMARK, __doc__))
